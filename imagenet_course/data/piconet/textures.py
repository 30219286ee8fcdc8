"""Textures: what covers an object or a background, as a field between 0 and 1.

Each is a function of coordinates (u, v) that repeats about once per unit; the field says how much
of a second color there is. Edges are soft, so that they need no anti-aliasing.
"""

import numpy as np

from imagenet_course.data.piconet.arithmetic import sin

Array = np.ndarray


def _soft(signed: Array, sharpness: float = 2.5) -> Array:
    """From a field around 0 to one between 0 and 1, with a soft edge."""
    return np.minimum(np.maximum(signed * sharpness + 0.5, 0), 1)


def _zigzag(t: Array) -> Array:
    """A triangle wave: 0 at whole numbers, 1/2 between them."""
    return np.abs(t - np.floor(t + 0.5))


def plain(u: Array, v: Array) -> Array:
    return 0.35 + 0.35 * sin(u * 0.25 + 0.1)


def stripes(u: Array, v: Array) -> Array:
    return _soft(_zigzag(u) - 0.25, 6)


def checks(u: Array, v: Array) -> Array:
    return _soft((_zigzag(u * 0.8) - 0.25) * (_zigzag(v * 0.8) - 0.25), 40)


def dots(u: Array, v: Array) -> Array:
    a, b = _zigzag(u), _zigzag(v)
    return _soft(np.float32(0.3) - np.sqrt(a * a + b * b), 7)


def waves(u: Array, v: Array) -> Array:
    return _soft(_zigzag(u + 0.22 * sin(v)) - 0.25, 6)


def rings(u: Array, v: Array) -> Array:
    return _soft(_zigzag(np.sqrt(u * u + v * v)) - 0.25, 6)


def zigzag(u: Array, v: Array) -> Array:
    return _soft(_zigzag(u + 0.8 * _zigzag(v)) - 0.25, 6)


def marble(u: Array, v: Array) -> Array:
    warp = sin(v * 0.6 + 0.35 * sin(u * 0.45))
    return 0.5 + 0.5 * sin(u * 0.5 + 0.4 * warp + 0.15 * sin(v * 1.1 - u * 0.7))


def bricks(u: Array, v: Array) -> Array:
    course = np.floor(v)
    shifted = u * 0.6 + 0.5 * (course - 2 * np.floor(course * 0.5))
    return _soft(0.1 - np.minimum(_zigzag(v), _zigzag(shifted) * 1.6), 8)


def weave(u: Array, v: Array) -> Array:
    return 0.5 * (_soft(_zigzag(u) - 0.25, 6) + _soft(_zigzag(v) - 0.25, 6))


TEXTURES = (plain, stripes, checks, dots, waves, rings, zigzag, marble, bricks, weave)


def field(kind: Array, u: Array, v: Array) -> Array:
    """The field of each image's texture: ``kind`` ``(N,)`` indexes TEXTURES; u, v ``(N, H, W)``."""
    total = np.empty_like(u)
    for k in np.unique(kind):
        chosen = np.flatnonzero(kind == k)
        total[chosen] = TEXTURES[k](u[chosen], v[chosen])
    return total
