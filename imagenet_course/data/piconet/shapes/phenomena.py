"""Phenomena: what is seen in the sky."""

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

# --- celestial bodies -----------------------------------------------------------------------


def crescent_moon(x, y, v):
    return cut(disk(x, y, 0.92), disk(x, y, 0.78, 0.42 + 0.08 * v[0], 0.12))


def sun(x, y, v):
    side, up = fold(x, y, 10)
    core = disk(x, y, 0.5 + 0.04 * v[0])
    rays = stroke(side, up, [(0.0, 0.74), (0.0, 0.92)], 0.15)
    return union(core, rays), core


def ringed_planet(x, y, v):
    planet = disk(x, y, 0.55)
    a, b = turn(x, y, 0.06)
    outer, inner = ellipse(a, b, 1.12, 0.34), ellipse(a, b, 0.82, 0.18)
    behind = intersection(planet, -b)
    rings = cut(outer, inner, behind)
    return union(planet, rings), rings


def comet(x, y, v):
    x, y = turn(x, y, 0.12)
    head = disk(x, y, 0.36, 0.62, 0.0)
    tail = convex(x, y, (-1.08, -0.05), (0.56, -0.34), (0.56, 0.34), (-1.08, 0.05))
    stripes = union(tail, stroke(x, np.abs(y), [(0.5, 0.26), (-0.55, 0.4 + 0.06 * v[0])], 0.11))
    return union(stripes, head), head


# --- weather --------------------------------------------------------------------------------


def cloud(x, y, v):
    left, right = disk(x, y, 0.36, -0.52, -0.16), disk(x, y, 0.32, 0.6, -0.2)
    top = union(disk(x, y, 0.46, -0.12, 0.16), disk(x, y, 0.34, 0.34, 0.14 + 0.08 * v[0]))
    return union(left, right, top, box(x, y, 0.6, 0.2, 0.04, -0.32))


def raindrop(x, y, v):
    bulb = disk(x, y, 0.56, 0.0, -0.36)
    tip = convex(x, y, (-0.515, -0.14), (0.515, -0.14), (0.0, 0.98))
    return blend(bulb, tip, 0.06)


def lightning_bolt(x, y, v):
    upper = convex(x, y, (-0.46, -0.12), (0.12, -0.12), (0.42, 0.95), (-0.16, 0.95))
    lower = convex(x, y, (-0.3, -0.98), (0.5, 0.18), (-0.12, 0.18))
    return union(upper, lower)


def snowflake(x, y, v):
    side, up = fold(x, y, 6)
    side = np.abs(side)
    spoke = stroke(side, up, [(0.0, 0.0), (0.0, 0.9)], 0.15)
    barb = stroke(side, up, [(0.0, 0.46 + 0.06 * v[0]), (0.26, 0.74 + 0.06 * v[0])], 0.13)
    return union(spoke, barb)


def rainbow(x, y, v):
    def arch(radius, width):
        return intersection(ring(x, y, radius, width, 0.0, -0.5), -0.52 - y)

    return arch(0.71, 0.58 + 0.08 * v[0]), arch(0.71, 0.2)
