"""From scenes to pixels, many images at a time."""

from collections.abc import Callable, Sequence

import numpy as np

from imagenet_course.data.piconet import textures
from imagenet_course.data.piconet.arithmetic import cos, sin
from imagenet_course.data.piconet.randomness import pixel_noise
from imagenet_course.data.piconet.scene import Block, Scenes, Surface

Array = np.ndarray


TILE = 2**15  # pixels per call: large enough to hide NumPy's overhead, small enough for the cache


def render(scenes: Scenes, shapes: Sequence[Callable], size: int, color: bool = True) -> Array:
    """Draw ``scenes`` at ``size`` × ``size`` pixels: uint8 ``(N, size, size, C)``.

    ``C`` is 3, or 1 without ``color``. ``shapes`` are the signed-distance functions that
    ``scenes.shape`` indexes; scenes of one shape that stand next to each other share a call.
    """
    images = np.empty((len(scenes), size, size, 3 if color else 1), dtype=np.uint8)
    step = max(1, TILE // size**2)
    for start in range(0, len(scenes), step):
        part = slice(start, start + step)
        images[part] = _draw(scenes[part], shapes, size, color).transpose(0, 2, 3, 1)
    return images


def _draw(scenes: Scenes, shapes: Sequence[Callable], size: int, color: bool) -> Array:
    x, y = _pixel_centers(size)
    pixel = 2 / size
    u, v = _object_coordinates(scenes, x, y)
    body, accent = _distances(scenes, shapes, u, v)

    # Distance over slope is in pixels whatever the pose. Where the slope vanishes (the ridge of a
    # thin part) it would run wild, so it may not fall below half of what an upright pose gives.
    across, up = _gradient(body)
    usual = _planes(pixel / scenes.scale)
    slope = np.maximum(np.sqrt(across * across + up * up), 0.5 * usual)
    cover = _clip(0.5 - body / slope)

    light_x, light_y = _planes(cos(scenes.light)), _planes(sin(scenes.light))
    facing = (across * light_x + up * light_y) / slope
    edge = _clip(1 + body * 4)  # 1 on the outline, 0 a quarter of the object inside
    shade = 1 + _planes(scenes.relief) * (facing * edge * edge + 0.25 * (light_x * u + light_y * v))

    ground = _surface(scenes.ground, x, y)
    for block in scenes.clutter:
        _paint_block(ground, block, x, y, pixel)
    shadow = _clip(0.5 - (body + 0.11 * facing) * 4)  # the outline, moved away from the light
    ground *= (1 - _planes(scenes.shadow) * shadow)[:, None]

    picture = _surface(scenes.object, u, v)
    _paint(picture, _clip(0.5 - accent / usual), scenes.accent)
    picture *= shade[:, None]
    picture -= ground
    picture *= cover[:, None]
    picture += ground
    _paint_block(picture, scenes.occluder, x, y, pixel)

    picture *= scenes.exposure[:, :, None, None]
    picture *= (1 - _planes(scenes.vignette) * (x * x + y * y))[:, None]
    if not color:
        red, green, blue = picture[:, 0], picture[:, 1], picture[:, 2]
        picture = (0.299 * red + 0.587 * green + 0.114 * blue)[:, None]
    picture = _blur(picture, scenes.blur / pixel)
    noise = pixel_noise(scenes.key, (size, size))[:, : picture.shape[1]]
    noise *= scenes.noise[:, None, None, None]
    picture += noise
    picture *= 255
    picture += 0.5
    return np.clip(picture, 0, 255, out=picture).astype(np.uint8)


def _planes(values: Array) -> Array:
    return values[:, None, None]


def _clip(values: Array) -> Array:
    return np.minimum(np.maximum(values, 0), 1)


def _pixel_centers(size: int) -> tuple[Array, Array]:
    centers = ((np.arange(size) + 0.5) * (2 / size) - 1).astype(np.float32)
    return centers[None, None, :], -centers[None, :, None]


def _object_coordinates(scenes: Scenes, x: Array, y: Array) -> tuple[Array, Array]:
    """Undo perspective, position, rotation, shear, aspect, scale and mirroring, in this order."""
    x, y = x - _planes(scenes.x), y - _planes(scenes.y)
    depth = 1 / (1 + _planes(scenes.tilt_x) * x + _planes(scenes.tilt_y) * y)
    c, s = cos(scenes.rotation), sin(scenes.rotation)
    along = scenes.aspect * scenes.flip / scenes.scale
    up = 1 / (scenes.aspect * scenes.scale)
    # One matrix per image: rotation by -r, then shear, then the scales.
    xx, xy = c + scenes.shear * s, s - scenes.shear * c
    u = (_planes(xx * along) * x + _planes(xy * along) * y) * depth
    v = (_planes(-s * up) * x + _planes(c * up) * y) * depth
    return u, v


def _distances(
    scenes: Scenes, shapes: Sequence[Callable], u: Array, v: Array
) -> tuple[Array, Array]:
    """The signed distances of body and accent, each image by the function of its shape."""
    body, accent = np.empty_like(u), np.full_like(u, 9.0)
    starts = np.flatnonzero(np.diff(scenes.shape, prepend=-1))
    for start, end in zip(starts, [*starts[1:], len(u)], strict=True):
        part = slice(start, end)
        drawn = shapes[scenes.shape[start]](
            u[part], v[part], scenes.traits[part].T[:, :, None, None]
        )
        if isinstance(drawn, tuple):
            body[part], accent[part] = drawn
        else:
            body[part] = drawn
    return body, accent


def _gradient(field: Array) -> tuple[Array, Array]:
    """The change per pixel to the right and upwards, by central differences."""
    right, up = np.empty_like(field), np.empty_like(field)
    right[:, :, 1:-1] = (field[:, :, 2:] - field[:, :, :-2]) * np.float32(0.5)
    right[:, :, 0], right[:, :, -1] = right[:, :, 1], right[:, :, -2]
    up[:, 1:-1] = (field[:, :-2] - field[:, 2:]) * np.float32(0.5)
    up[:, 0], up[:, -1] = up[:, 1], up[:, -2]
    return right, up


def _surface(surface: Surface, x: Array, y: Array) -> Array:
    """The colors of a textured plane, float32 ``(N, 3, H, W)``."""
    c, s = cos(surface.turn) * surface.frequency, sin(surface.turn) * surface.frequency
    u = _planes(c) * x + _planes(s) * y + _planes(surface.u)
    v = _planes(c) * y - _planes(s) * x + _planes(surface.v)
    amount = textures.field(surface.kind, u, v)
    amount *= _planes(surface.strength)
    change = (surface.second - surface.color)[:, :, None, None]
    return change * amount[:, None] + surface.color[:, :, None, None]


def _paint_block(picture: Array, block: Block, x: Array, y: Array, pixel: float) -> None:
    """Put the block over those pictures that have one, in place."""
    has = np.flatnonzero(block.present)
    if not has.size:
        return
    c, s = _planes(cos(block.turn[has])), _planes(sin(block.turn[has]))
    x, y = x - _planes(block.x[has]), y - _planes(block.y[has])
    w, h = _planes(block.w[has]), _planes(block.h[has])
    corner = 0.6 * np.minimum(w, h)
    u = np.maximum(np.abs(c * x + s * y) - (w - corner), 0)
    v = np.maximum(np.abs(c * y - s * x) - (h - corner), 0)
    distance = np.sqrt(u * u + v * v) - corner
    painted = picture[has]
    _paint(painted, _clip(0.5 - distance * (1 / pixel)), block.color[has])
    picture[has] = painted


def _paint(picture: Array, cover: Array, color: Array) -> None:
    """Put ``color`` (N, 3) over ``picture`` where ``cover`` (N, H, W) is 1, in place."""
    layer = color[:, :, None, None] - picture
    layer *= cover[:, None]
    picture += layer


def _blur(picture: Array, sigma: Array) -> Array:
    """Smooth each image by a bell of about ``sigma`` pixels, edges repeated."""
    reach = 1 + 2.2 * sigma
    radius = int(np.ceil(reach.max())) - 1
    if radius < 1:
        return picture
    taps = [np.square(_clip(1 - k / reach)) for k in range(radius + 1)]
    total = taps[0] + 2 * sum(taps[1:])
    taps = [(tap / total)[:, None, None, None] for tap in taps]
    for axis in (2, 3):
        size = picture.shape[axis]
        at = np.clip(np.arange(-radius, size + radius), 0, size - 1)
        padded = np.moveaxis(picture.take(at, axis=axis), axis, 0)
        picture = taps[0] * picture
        view = np.moveaxis(picture, axis, 0)
        for k in range(1, radius + 1):
            both = padded[radius - k : radius - k + size] + padded[radius + k : radius + k + size]
            both *= np.moveaxis(taps[k], axis, 0)
            view += both
    return picture
