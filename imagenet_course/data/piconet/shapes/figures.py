"""Plane figures: polygons, round figures, curves."""

import numpy as np

from imagenet_course.data.piconet.arithmetic import angle
from imagenet_course.data.piconet.sdf import (
    box,
    convex,
    disk,
    ellipse,
    intersection,
    regular,
    ring,
    star,
    union,
)

# --- polygons -------------------------------------------------------------------------------


def equilateral_triangle(x, y, v):
    return regular(x, y + 0.2, 3, 1.05)


def right_triangle(x, y, v):
    return convex(x, y, (-0.75, -0.7), (0.85 + 0.12 * v[0], -0.7), (-0.75, 0.85 + 0.12 * v[1]))


def square(x, y, v):
    return box(x, y, 0.74, 0.74)


def rectangle(x, y, v):
    return box(x, y, 0.92, 0.46 + 0.08 * v[0])


def rhombus(x, y, v):
    return convex(
        x, y, (0.6 + 0.06 * v[0], 0.0), (0.0, 0.98), (-0.6 - 0.06 * v[0], 0.0), (0.0, -0.98)
    )


def trapezoid(x, y, v):
    top = 0.4 + 0.08 * v[0]
    return convex(x, y, (-0.92, -0.58), (0.92, -0.58), (top, 0.58), (-top, 0.58))


def parallelogram(x, y, v):
    lean = 0.38 + 0.07 * v[0]
    return convex(
        x, y, (-0.6 - lean, -0.5), (0.6 - lean, -0.5), (0.6 + lean, 0.5), (lean - 0.6, 0.5)
    )


def pentagon(x, y, v):
    return regular(x, y, 5, 0.92)


def hexagon(x, y, v):
    return regular(x, y, 6, 0.92)


def octagon(x, y, v):
    return regular(x, y, 8, 0.92)


def four_pointed_star(x, y, v):
    return star(x, y, 4, 1.0, 0.4 + 0.07 * v[0])


def pentagram(x, y, v):
    return star(x, y, 5, 1.0, 0.41 + 0.06 * v[0])


def hexagram(x, y, v):
    return star(x, y, 6, 1.0, 0.56 + 0.05 * v[0])


def starburst(x, y, v):
    return star(x, y, 12, 0.98, 0.68 + 0.06 * v[0])


# --- round figures --------------------------------------------------------------------------


def circle(x, y, v):
    return disk(x, y, 0.86)


def oval(x, y, v):
    return ellipse(x, y, 0.96, 0.56 + 0.08 * v[0])


def egg(x, y, v):
    upper, lower = ellipse(x, y, 0.68, 1.0, 0.0, -0.2), disk(x, y, 0.68, 0.0, -0.2)
    return np.where(y > -0.2, upper, lower)


def annulus(x, y, v):
    return ring(x, y, 0.68, 0.4 + 0.12 * v[0])


def reuleaux_triangle(x, y, v):
    corners = ((0.0, 0.92), (-0.8, -0.46), (0.8, -0.46))
    return intersection(*(disk(x, y, 1.59, cx, cy) for cx, cy in corners))


def semicircle(x, y, v):
    return intersection(disk(x, y, 0.95, 0.0, -0.4), -0.4 - y)


def quadrant(x, y, v):
    return intersection(disk(x, y, 1.5, -0.7, -0.7), box(x, y, 0.8, 0.8, 0.1, 0.1))


def lens(x, y, v):
    far = 0.62 + 0.08 * v[0]
    return intersection(disk(x, y, 1.13, 0.0, far), disk(x, y, 1.13, 0.0, -far))


# --- curves ---------------------------------------------------------------------------------


def spiral(x, y, v):
    radius = np.sqrt(x * x + y * y)
    coil = radius * 2.3 - angle(y, x)
    offset = np.abs(coil - np.floor(coil + 0.5)) / 2.3  # from the nearest turn of the coil
    return union(intersection(offset - 0.09 - 0.02 * v[0], radius - 0.97), radius - 0.12)


def lemniscate(x, y, v):
    return union(
        ring(x, y, 0.38, 0.22 + 0.05 * v[0], -0.5, 0.0),
        ring(x, y, 0.38, 0.22 + 0.05 * v[0], 0.5, 0.0),
    )
