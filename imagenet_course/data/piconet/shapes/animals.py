"""Animals, seen from the side, from above, or in the face."""

import numpy as np

from imagenet_course.data.piconet.sdf import (
    blend,
    box,
    convex,
    cut,
    disk,
    ellipse,
    fold,
    intersection,
    ring,
    stroke,
    turn,
    union,
)

# --- invertebrates --------------------------------------------------------------------------


def butterfly(x, y, v):
    side = np.abs(x)
    a, b = turn(side, y, 0.09, 0.52, 0.36)
    upper = ellipse(a, b, 0.5, 0.38)
    lower = disk(side, y, 0.36 + 0.03 * v[0], 0.4, -0.42)
    body = stroke(x, y, [(0.0, 0.5), (0.0, -0.62)], 0.17)
    feelers = stroke(side, y, [(0.0, 0.5), (0.26, 0.92)], 0.08)
    spots = union(disk(side, y, 0.15, 0.6, 0.4), disk(side, y, 0.13, 0.44, -0.44))
    return union(upper, lower, body, feelers), union(body, feelers, spots)


def snail(x, y, v):
    shell = disk(x, y, 0.58, -0.1, 0.14)
    foot = stroke(x, y, [(-0.86, -0.6), (0.56, -0.6), (0.74, -0.1)], 0.32)
    horns = stroke(x, y, [(0.7, -0.1), (0.94, 0.34)], 0.1)
    horns = union(horns, stroke(x, y, [(0.7, -0.1), (0.66, 0.36)], 0.1))
    whorl = union(ring(x, y, 0.36, 0.12, -0.06, 0.1), disk(x, y, 0.12, -0.02, 0.06))
    return union(shell, foot, horns), union(cut(union(foot, horns), shell), whorl)


def starfish(x, y, v):
    side, up = fold(x, y, 5)
    arm = convex(np.abs(side), up, (-0.36, 0.0), (0.36, 0.0), (0.13, 0.86), (-0.13, 0.86))
    body = blend(union(arm, disk(side, up, 0.13, 0.0, 0.86)), disk(x, y, 0.42), 0.14)
    return body, union(disk(side, up, 0.09, 0.0, 0.42), disk(side, up, 0.06, 0.0, 0.68))


def jellyfish(x, y, v):
    bell = intersection(ellipse(x, y, 0.74, 0.82, 0.0, 0.1), 0.06 - y)
    sway = 0.1 * v[0]
    arms = [
        stroke(x, y, [(c, 0.1), (c + sway, -0.4), (c - sway, -0.9 + 0.3 * abs(c))], 0.13)
        for c in (-0.52, -0.18, 0.18, 0.52)
    ]
    return union(bell, *arms), cut(union(*arms), bell)


def ladybug(x, y, v):
    shell = disk(x, y, 0.74, 0.0, -0.14)
    head = disk(x, y, 0.34, 0.0, 0.58)
    legs = [
        stroke(np.abs(x), y, [(0.5, b), (0.98, b + d)], 0.1)
        for b, d in ((0.2, 0.2), (-0.16, 0.0), (-0.5, -0.2))
    ]
    side = np.abs(x)
    spots = union(disk(side, y, 0.15, 0.34, 0.12), disk(side, y, 0.15, 0.38, -0.4))
    seam = stroke(x, y, [(0.0, 0.5), (0.0, -0.9)], 0.07)
    dark = union(cut(union(head, *legs), shell), spots, seam)
    return union(shell, head, *legs), dark


def crab(x, y, v):
    side = np.abs(x)
    body = ellipse(x, y, 0.6, 0.42, 0.0, -0.18)
    arm = stroke(side, y, [(0.45, 0.0), (0.76, 0.24)], 0.16)
    claw = cut(
        disk(side, y, 0.27, 0.72, 0.56), convex(side, y, (0.72, 0.5), (0.86, 1.0), (0.54, 1.0))
    )
    legs = [stroke(side, y, [(0.4, -0.3), (0.94, b)], 0.11) for b in (-0.24, -0.52, -0.8)]
    eyes = disk(side, y, 0.11, 0.2, 0.32)
    return union(body, arm, claw, *legs, eyes), eyes


# --- fish, reptiles -------------------------------------------------------------------------


def fish(x, y, v):
    body = ellipse(x, y, 0.66, 0.4 + 0.05 * v[0], 0.22, 0.0)
    tail = union(
        convex(x, y, (-0.2, 0.0), (-0.96, 0.52), (-0.76, -0.04)),
        convex(x, y, (-0.2, 0.0), (-0.76, 0.04), (-0.96, -0.52)),
    )
    fin = convex(x, y, (-0.1, 0.3), (0.36, 0.3), (-0.1, 0.72))
    eye = disk(x, y, 0.09, 0.58, 0.1)
    gill = intersection(ring(x, y, 0.36, 0.08, 0.68, 0.0), x - 0.5)
    return union(body, tail, fin), union(cut(union(tail, fin), body), eye, gill)


def turtle(x, y, v):
    shell = ellipse(x, y, 0.6, 0.66 + 0.04 * v[0], 0.0, -0.04)
    head = disk(x, y, 0.23, 0.0, 0.78)
    side = np.abs(x)
    a, b = turn(side, y, 0.1, 0.58, 0.46)
    c, d = turn(side, y, -0.1, 0.54, -0.54)
    limbs = union(ellipse(a, b, 0.32, 0.16), ellipse(c, d, 0.28, 0.15))
    tail = convex(x, y, (-0.1, -0.64), (0.0, -0.98), (0.1, -0.64))
    skin = cut(union(head, limbs, tail), shell)
    a, b = fold(x, y + 0.04, 6)
    plates = union(np.abs(b - 0.28) - 0.035, intersection(np.abs(a) - 0.035, 0.28 - b))
    seams = intersection(shell + 0.06, plates)
    return union(shell, head, limbs, tail), union(skin, seams)


# --- birds ----------------------------------------------------------------------------------


def duck(x, y, v):
    body = intersection(disk(x, y, 0.74, -0.1, 0.1), y + 0.02)
    body = blend(body, ellipse(x, y, 0.72, 0.34, -0.12, -0.3), 0.12)
    head = disk(x, y, 0.33, 0.4, 0.5)
    neck = stroke(x, y, [(0.4, 0.4), (0.34, -0.2)], 0.4)
    tail = convex(x, y, (-0.98, 0.18), (-0.7, -0.5), (-0.4, -0.1))
    bill = convex(x, y, (0.62, 0.3), (1.02, 0.36), (1.02, 0.46), (0.62, 0.6))
    eye = disk(x, y, 0.07, 0.48, 0.58)
    return union(body, head, neck, tail, bill), union(cut(bill, head), eye)


def owl(x, y, v):
    side = np.abs(x)
    body = box(x, y, 0.6, 0.86, 0.0, -0.06, corner=0.55)
    ears = convex(side, y, (0.12, 0.6), (0.58, 0.4), (0.56, 0.98))
    eyes = ring(side, y, 0.2, 0.12, 0.25, 0.34)
    pupil = disk(side, y, 0.08, 0.25, 0.34)
    beak = convex(x, y, (-0.1, 0.16), (0.0, -0.08), (0.1, 0.16))
    wings = intersection(ring(side, y, 0.62, 0.09, 0.95, -0.42), body + 0.05)
    return union(body, ears), union(eyes, pupil, beak, wings)


def penguin(x, y, v):
    side = np.abs(x)
    body = blend(ellipse(x, y, 0.5, 0.66, 0.0, -0.26), disk(x, y, 0.36, 0.0, 0.56), 0.3)
    a, b = turn(side, y, 0.06, 0.56, -0.16)
    flippers = ellipse(a, b, 0.13, 0.46)
    feet = ellipse(side, y, 0.24, 0.11, 0.26, -0.9)
    belly = blend(ellipse(x, y, 0.34, 0.5, 0.0, -0.32), disk(side, y, 0.16, 0.12, 0.5), 0.2)
    beak = convex(x, y, (-0.12, 0.52), (0.0, 0.34), (0.12, 0.52))
    eyes = disk(side, y, 0.07, 0.13, 0.62)
    return union(body, flippers, feet), union(cut(belly, beak, eyes), cut(feet, body))


# --- mammals --------------------------------------------------------------------------------


def cat(x, y, v):
    side = np.abs(x)
    head = ellipse(x, y, 0.74, 0.64, 0.0, -0.14)
    ears = convex(side, y, (0.1, 0.36), (0.7, 0.1), (0.62, 0.94))
    eyes = ellipse(side, y, 0.11, 0.16, 0.3, 0.0)
    nose = convex(x, y, (-0.11, -0.24), (0.0, -0.38), (0.11, -0.24))
    whiskers = union(*(stroke(side, y, [(0.34, -0.34), (1.0, b)], 0.06) for b in (-0.22, -0.44)))
    return union(head, ears, whiskers), union(eyes, nose, whiskers)


def rabbit(x, y, v):
    side = np.abs(x)
    head = ellipse(x, y, 0.52, 0.48, 0.0, -0.46)
    a, b = turn(side, y, -0.02, 0.27, 0.42)
    ears = ellipse(a, b, 0.2, 0.56 + 0.03 * v[0])
    inner = ellipse(a, b, 0.09, 0.4)
    eyes = disk(side, y, 0.09, 0.22, -0.38)
    nose = ellipse(x, y, 0.1, 0.07, 0.0, -0.6)
    return union(head, ears), union(inner, eyes, nose)


def bear(x, y, v):
    side = np.abs(x)
    head = disk(x, y, 0.72, 0.0, -0.16)
    ears = disk(side, y, 0.29, 0.58, 0.5)
    muzzle = ellipse(x, y, 0.34, 0.26, 0.0, -0.38)
    eyes = disk(side, y, 0.1, 0.3, 0.06)
    nose = ellipse(x, y, 0.14, 0.09, 0.0, -0.28)
    return union(head, ears), union(cut(muzzle, nose), eyes, disk(side, y, 0.14, 0.58, 0.5))


def whale(x, y, v):
    body = intersection(disk(x, y, 0.78, 0.22, 0.2), disk(x, y, 1.2, 0.1, -0.94))
    body = blend(body, ellipse(x, y, 0.74, 0.36, 0.2, -0.3), 0.15)
    stalk = stroke(x, y, [(-0.4, -0.3), (-0.78, 0.2)], 0.26)
    flukes = stroke(np.abs(x + 0.78), y, [(0.0, 0.26), (0.22, 0.54)], 0.22)
    eye = disk(x, y, 0.08, 0.6, -0.2)
    belly = intersection(body, ellipse(x, y, 0.62, 0.2, 0.36, -0.56))
    spout = stroke(np.abs(x - 0.3), y, [(0.0, 0.2), (0.0, 0.6), (0.2, 0.82)], 0.1)
    return union(blend(body, stalk, 0.2), flukes, spout), union(eye, belly, cut(spout, body))
