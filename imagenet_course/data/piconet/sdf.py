"""Signed distances: the vocabulary in which the shapes are written.

A shape is a function f(x, y), negative inside, positive outside and zero on the outline; f is the
distance to the outline or close to it there. ``x`` points right and ``y`` up; both are float32
arrays of any one shape. Unions are minima, intersections maxima (Quilez, "2D distance functions").
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from imagenet_course.data.piconet.arithmetic import angle, cos, sin

Array = np.ndarray
Number = float | Array  # measures may differ from image to image


def _root(square: Number) -> Number:
    # np.sqrt of a Python float is a float64 scalar, which would turn all that follows to float64.
    return np.sqrt(square) if isinstance(square, Array) else math.sqrt(square)


def _cos_sin(turns: float) -> tuple[float, float]:
    return float(cos(np.float64(turns))), float(sin(np.float64(turns)))


def union(*shapes: Array) -> Array:
    """In any of the shapes."""
    total = shapes[0]
    for shape in shapes[1:]:
        total = np.minimum(total, shape)
    return total


def intersection(*shapes: Array) -> Array:
    """In all of the shapes."""
    total = shapes[0]
    for shape in shapes[1:]:
        total = np.maximum(total, shape)
    return total


def cut(shape: Array, *holes: Array) -> Array:
    """In the shape and in none of the holes."""
    for hole in holes:
        shape = np.maximum(shape, -hole)
    return shape


def blend(a: Array, b: Array, radius: float) -> Array:
    """The union with its inner corners filled to a ``radius``, as clay would be."""
    overlap = np.maximum(radius - np.abs(a - b), 0)
    return np.minimum(a, b) - overlap * overlap * (0.25 / radius)


def disk(x: Array, y: Array, radius: Number, cx: Number = 0.0, cy: Number = 0.0) -> Array:
    """A disk around (cx, cy)."""
    dx, dy = x - cx, y - cy
    return np.sqrt(dx * dx + dy * dy) - radius


def ring(
    x: Array, y: Array, radius: Number, width: Number, cx: Number = 0.0, cy: Number = 0.0
) -> Array:
    """A circle drawn with a pen of the given ``width``."""
    return np.abs(disk(x, y, radius, cx, cy)) - width / 2


def ellipse(x: Array, y: Array, a: Number, b: Number, cx: Number = 0.0, cy: Number = 0.0) -> Array:
    """An ellipse with semi-axes ``a`` along x and ``b`` along y."""
    dx, dy = (x - cx) / a, (y - cy) / b
    thin = np.minimum(np.float32(a), np.float32(b))
    return (np.sqrt(dx * dx + dy * dy) - 1) * thin


def box(
    x: Array, y: Array, w: Number, h: Number, cx: Number = 0.0, cy: Number = 0.0, corner: float = 0
) -> Array:
    """A rectangle of half-width ``w`` and half-height ``h``, its corners rounded by ``corner``."""
    dx, dy = np.abs(x - cx) - (w - corner), np.abs(y - cy) - (h - corner)
    inside = np.maximum(dx, dy)
    if not corner:
        return inside
    dx, dy = np.maximum(dx, 0), np.maximum(dy, 0)
    return np.sqrt(dx * dx + dy * dy) + np.minimum(inside, 0) - corner


def stroke(x: Array, y: Array, points: Sequence[tuple[Number, Number]], width: Number) -> Array:
    """A line through ``points``, drawn with a round pen of the given ``width``."""
    nearest = None
    for (ax, ay), (bx, by) in pairwise(points):
        ux, uy = bx - ax, by - ay
        dx, dy = x - ax, y - ay
        along = (dx * ux + dy * uy) * (1 / (ux * ux + uy * uy))
        along = np.minimum(np.maximum(along, 0), 1)
        dx, dy = dx - along * ux, dy - along * uy
        square = dx * dx + dy * dy
        nearest = square if nearest is None else np.minimum(nearest, square)
    return np.sqrt(nearest) - width / 2


def convex(x: Array, y: Array, *points: tuple[Number, Number]) -> Array:
    """A convex polygon, its corners listed counterclockwise."""
    total = None
    for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1], strict=True):
        nx, ny = by - ay, ax - bx
        length = _root(nx * nx + ny * ny)
        nx, ny = nx / length, ny / length
        side = x * nx + y * ny - (ax * nx + ay * ny)
        total = side if total is None else np.maximum(total, side)
    return total


def fold(x: Array, y: Array, n: int) -> tuple[Array, Array]:
    """Turn every point into the sector around +y, one of ``n``: what is drawn there repeats."""
    sector = np.rint(n * (angle(y, x) - 0.25))
    turns = np.arange(-n, n + 1) / n
    index = sector.astype(np.int8) + n
    c, s = (f(turns).astype(np.float32).take(index) for f in (cos, sin))
    return c * x + s * y, c * y - s * x


def turn(
    x: Array, y: Array, turns: float, cx: Number = 0.0, cy: Number = 0.0
) -> tuple[Array, Array]:
    """Coordinates in which a shape at the origin appears at (cx, cy), turned counterclockwise."""
    c, s = _cos_sin(turns)
    dx, dy = x - cx, y - cy
    return c * dx + s * dy, c * dy - s * dx


def regular(x: Array, y: Array, n: int, radius: Number) -> Array:
    """A regular polygon with ``n`` sides, one of them at the bottom."""
    _, up = fold(x, -y, n)
    return up - radius * _cos_sin(0.5 / n)[0]


def star(x: Array, y: Array, n: int, outer: Number, inner: Number) -> Array:
    """A star with ``n`` points, one of them at the top."""
    side, up = fold(x, y, n)
    c, s = _cos_sin(0.5 / n)
    ix, iy = inner * s, inner * c
    nx, ny = outer - iy, ix  # the normal of the line from the point (0, outer) to (ix, iy)
    length = _root(nx * nx + ny * ny)
    return (np.abs(side) * nx + (up - outer) * ny) / length


def petals(x: Array, y: Array, n: int, length: Number, width: Number) -> Array:
    """A flower of ``n`` elliptic petals that meet in the middle, one of them at the top."""
    side, up = fold(x, y, n)
    return ellipse(side, up, width / 2, length / 2, 0.0, length / 2)
