"""Signs: letters, suits of cards, marks. These are never mirrored."""

import numpy as np

from imagenet_course.data.piconet.sdf import (
    blend,
    box,
    convex,
    cut,
    disk,
    intersection,
    ring,
    stroke,
    union,
)

# --- letters --------------------------------------------------------------------------------


def letter_a(x, y, v):
    pen = 0.26 + 0.06 * v[0]
    legs = stroke(np.abs(x), y, [(0.0, 0.82), (0.64, -0.82)], pen)
    return union(legs, stroke(x, y, [(-0.4, -0.26), (0.4, -0.26)], pen))


def letter_e(x, y, v):
    pen = 0.26 + 0.06 * v[0]
    arms = stroke(x, np.abs(y), [(-0.5, 0.0), (-0.5, 0.8), (0.56, 0.8)], pen)
    return union(arms, stroke(x, y, [(-0.5, 0.0), (0.4, 0.0)], pen))


def letter_f(x, y, v):
    pen = 0.26 + 0.06 * v[0]
    stem = stroke(x, y, [(-0.45, -0.84), (-0.45, 0.8), (0.58, 0.8)], pen)
    return union(stem, stroke(x, y, [(-0.45, 0.04), (0.4, 0.04)], pen))


def letter_h(x, y, v):
    pen = 0.26 + 0.06 * v[0]
    posts = stroke(np.abs(x), y, [(0.58, -0.84), (0.58, 0.84)], pen)
    return union(posts, stroke(x, y, [(-0.58, 0.0), (0.58, 0.0)], pen))


def letter_r(x, y, v):
    pen = 0.26 + 0.05 * v[0]
    bowl = intersection(ring(x, y, 0.38, pen, 0.1, 0.42), 0.1 - x)
    bars = stroke(x, np.abs(y - 0.42), [(-0.45, 0.38), (0.1, 0.38)], pen)
    stem = stroke(x, y, [(-0.45, -0.84), (-0.45, 0.8)], pen)
    return union(bowl, bars, stem, stroke(x, y, [(0.0, 0.04), (0.5, -0.84)], pen))


def letter_t(x, y, v):
    pen = 0.28 + 0.06 * v[0]
    stem = stroke(x, y, [(0.0, 0.76), (0.0, -0.86)], pen)
    return union(stem, stroke(x, y, [(-0.7, 0.76), (0.7, 0.76)], pen))


# --- suits ----------------------------------------------------------------------------------


def heart(x, y, v):
    side = np.abs(x)
    lobe = disk(side, y, 0.5, 0.45, 0.3)
    point = convex(x, y, (0.0, -0.92), (0.85, 0.0), (0.0, 0.62), (-0.85, 0.0))
    return union(lobe, point)


def spade(x, y, v):
    side = np.abs(x)
    lobe = disk(side, y, 0.42, 0.42, -0.2)
    point = convex(x, y, (-0.75, 0.08), (0.0, -0.4), (0.75, 0.08), (0.0, 0.95))
    foot = convex(x, y, (-0.3, -0.92), (0.3, -0.92), (0.06, -0.2), (-0.06, -0.2))
    return union(lobe, point, foot)


def club(x, y, v):
    lobes = union(disk(np.abs(x), y, 0.37, 0.46, -0.12), disk(x, y, 0.37, 0.0, 0.5))
    foot = convex(x, y, (-0.32, -0.92), (0.32, -0.92), (0.07, 0.0), (-0.07, 0.0))
    return blend(union(lobes, disk(x, y, 0.2)), foot, 0.1)


# --- marks ----------------------------------------------------------------------------------


def arrow(x, y, v):
    neck = 0.08 + 0.1 * v[0]
    head = convex(x, y, (neck, -0.68), (0.95, 0.0), (neck, 0.68))
    return union(head, box(x, y, 0.55, 0.2 + 0.05 * v[1], -0.4, 0.0))


def check_mark(x, y, v):
    return stroke(x, y, [(-0.72, 0.02), (-0.22, -0.56), (0.78, 0.66)], 0.3 + 0.07 * v[0])


def plus_sign(x, y, v):
    arm = 0.25 + 0.05 * v[0]
    return union(box(x, y, 0.86, arm), box(x, y, arm, 0.86))


def question_mark(x, y, v):
    pen = 0.28 + 0.04 * v[0]
    hook = cut(ring(x, y, 0.4, pen, 0.0, 0.44), intersection(x, y - 0.44))
    stem = stroke(x, y, [(0.0, 0.04), (0.0, -0.3)], pen)
    return union(hook, stem, disk(x, y, 0.18, 0.0, -0.78))
