"""Plants and a fungus: flowers, leaves, fruits, trees."""

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
    petals,
    stroke,
    turn,
    union,
)

# --- flowers --------------------------------------------------------------------------------


def trillium(x, y, v):
    side, up = fold(x, y, 3)
    side = np.abs(side)
    petal = intersection(disk(side, up, 0.78, -0.4 + 0.05 * v[0], 0.46), 0.02 - up)
    heart = disk(x, y, 0.2)
    return union(petal, heart), heart


def dogwood(x, y, v):
    side, up = fold(x, y, 4)
    petal = ellipse(side, up, 0.4 + 0.04 * v[0], 0.5, 0.0, 0.48)
    notch = disk(side, up, 0.12, 0.0, 1.0)
    heart = disk(x, y, 0.22)
    return union(cut(petal, notch), heart), heart


def periwinkle(x, y, v):
    side, up = fold(x, y, 5)
    petal = blend(disk(side, up, 0.38 + 0.03 * v[0], 0.0, 0.56), disk(x, y, 0.3), 0.1)
    return petal, disk(x, y, 0.17)


def daisy(x, y, v):
    heart = disk(x, y, 0.32 + 0.04 * v[0])
    return union(petals(x, y, 11, 0.98, 0.34), heart), heart


def tulip(x, y, v):
    side = np.abs(x)
    cup = intersection(disk(side, y, 0.62, -0.12, 0.34), y - 0.86)
    cup = cut(cup, convex(side, y, (0.25, 0.5), (0.5, 1.1), (0.02, 1.1)))
    stem = box(x, y, 0.07, 0.5, 0.0, -0.5)
    leaf = intersection(disk(side, y, 0.6, -0.2, -0.5), disk(side, y, 0.6, 0.72, -0.52))
    green = union(stem, leaf)
    return union(cup, green), cut(green, cup)


# --- leaves ---------------------------------------------------------------------------------


def beech_leaf(x, y, v):
    far = 0.72 - 0.08 * v[0]
    blade = intersection(disk(x, y, 1.18, far, 0.08), disk(x, y, 1.18, -far, 0.08))
    vein = stroke(x, y, [(0.0, -1.0), (0.0, 0.62)], 0.09)
    ribs = [stroke(np.abs(x), y, [(0.0, b), (0.4, b + 0.28)], 0.06) for b in (-0.5, -0.12, 0.26)]
    return union(blade, vein), union(vein, *ribs)


def clover(x, y, v):
    side, up = fold(x, y - 0.16, 3)
    side = np.abs(side)
    leaf = union(
        disk(side, up, 0.28, 0.21, 0.54),
        convex(side, up, (-0.1, 0.0), (0.1, 0.0), (0.43, 0.4), (-0.1, 0.5)),
    )
    stem = stroke(x, y, [(0.0, 0.16), (0.14 * v[0], -0.94)], 0.13)
    return union(leaf, stem)


def maple_leaf(x, y, v):
    side = np.abs(x)

    def lobe(turns, length, cx, cy):
        a, b = turn(side, y, turns, cx, cy)
        wide = 0.33 * length
        return convex(
            a,
            b,
            (-0.16, 0.0),
            (0.16, 0.0),
            (wide, 0.52 * length),
            (0.0, length),
            (-wide, 0.52 * length),
        )

    lobes = union(
        lobe(0.0, 1.08, 0.0, -0.1), lobe(-0.165, 1.0, 0.02, -0.16), lobe(-0.31, 0.66, 0.1, -0.2)
    )
    return union(lobes, stroke(x, y, [(0.0, -0.2), (0.08 * v[0], -0.98)], 0.11))


def ginkgo_leaf(x, y, v):
    fan = intersection(
        disk(x, y, 1.28, 0.0, -0.42),
        convex(x, y, (0.0, -0.5), (1.3, 0.75), (0.0, 2.5), (-1.3, 0.75)),
    )
    notch = convex(x, y, (0.0, 0.15 + 0.1 * v[0]), (0.13, 1.0), (-0.13, 1.0))
    stem = stroke(x, y, [(0.0, -0.3), (0.1, -0.98)], 0.12)
    return union(cut(fan, notch), stem)


# --- fruits ---------------------------------------------------------------------------------


def apple(x, y, v):
    side = np.abs(x)
    body = blend(disk(side, y, 0.52, 0.3, 0.02), disk(side, y, 0.42, 0.22, -0.34), 0.2)
    body = cut(body, disk(x, y, 0.16, 0.0, 0.6))
    stem = stroke(x, y, [(0.0, 0.4), (0.1, 0.82)], 0.11)
    leaf = intersection(disk(x, y, 0.4, 0.22, 0.98), disk(x, y, 0.4, 0.48, 0.52))
    return union(body, stem, leaf), cut(union(stem, leaf), body)


def pear(x, y, v):
    body = blend(disk(x, y, 0.58, 0.0, -0.36), disk(x, y, 0.32, 0.0, 0.32 + 0.05 * v[0]), 0.45)
    stem = stroke(x, y, [(0.0, 0.6), (0.1, 0.96)], 0.12)
    return union(body, stem), cut(stem, body)


def cherry(x, y, v):
    fruit = union(disk(x, y, 0.4, -0.45, -0.48), disk(x, y, 0.4, 0.5, -0.38))
    low = 0.85 + 0.04 * v[0]
    stems = stroke(x, y, [(-0.42, -0.2), (-0.1, 0.4), (0.3, low), (0.46, 0.0)], 0.1)
    return union(fruit, stems), cut(stems, fruit)


def banana(x, y, v):
    x, y = turn(x, y, 0.08, 0.0, -0.14)
    body = cut(disk(x, y, 0.9, 0.0, 0.3), disk(x, y, 0.85 + 0.03 * v[0], 0.0, 0.72))
    stem, tip = stroke(x, y, [(0.8, 0.5), (0.86, 0.72)], 0.15), disk(x, y, 0.09, -0.82, 0.56)
    ends = union(stem, tip)
    return blend(body, ends, 0.12), ends


# --- trees ----------------------------------------------------------------------------------


def fir(x, y, v):
    tiers = [
        convex(x, y, (-w, b), (w, b), (0.0, b + h))
        for w, b, h in ((0.4, 0.34, 0.64), (0.56, -0.12, 0.72), (0.7, -0.62, 0.8))
    ]
    trunk = box(x, y, 0.12, 0.22, 0.0, -0.76)
    return union(*tiers, trunk), cut(trunk, tiers[2])


def oak(x, y, v):
    side = np.abs(x)
    crown = union(
        disk(side, y, 0.44, 0.42, 0.16), disk(x, y, 0.5, 0.0, 0.46 + 0.04 * v[0]), disk(x, y, 0.4)
    )
    trunk = convex(x, y, (-0.24, -0.96), (0.24, -0.96), (0.11, -0.1), (-0.11, -0.1))
    return union(crown, trunk), cut(trunk, crown)


def palm(x, y, v):
    trunk = stroke(x, y, [(-0.26 - 0.1 * v[0], -0.96), (-0.1, -0.3), (0.0, 0.4)], 0.17)
    side = np.abs(x)
    bends = (
        [(0.0, 0.42), (0.26, 0.8), (0.62, 0.92)],
        [(0.0, 0.42), (0.52, 0.58), (0.94, 0.4)],
        [(0.0, 0.42), (0.46, 0.28), (0.76, -0.14)],
    )
    fronds = union(*(stroke(side, y, bend, 0.19) for bend in bends))
    return union(trunk, fronds), cut(trunk, fronds)


def cactus(x, y, v):
    trunk = stroke(x, y, [(0.0, -0.9), (0.0, 0.76)], 0.38)
    left = stroke(x, y, [(0.0, -0.3), (-0.54, -0.3), (-0.54, 0.26 + 0.08 * v[0])], 0.25)
    right = stroke(x, y, [(0.0, 0.0), (0.56, 0.0), (0.56, 0.48 + 0.08 * v[1])], 0.25)
    return union(trunk, left, right)


# --- fungus ---------------------------------------------------------------------------------


def mushroom(x, y, v):
    cap = intersection(ellipse(x, y, 0.92, 0.86, 0.0, 0.06), 0.02 - y)
    stem = convex(x, y, (-0.32, -0.92), (0.32, -0.92), (0.22, 0.1), (-0.22, 0.1))
    spots = union(disk(np.abs(x), y, 0.15, 0.46, 0.3), disk(x, y, 0.17, 0.0, 0.56))
    return union(cap, stem), union(cut(stem, cap), spots)
