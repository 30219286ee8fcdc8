"""Scenes: what an image shows, before it has a size.

Lengths are in half-widths of the image (which spans [-1, 1] both ways), angles in turns. Every
number is drawn by name, so that a knob changes what it is about and nothing else: the same image at
another difficulty is the same scene, seen under other conditions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from imagenet_course.data.piconet.arithmetic import cos, sin
from imagenet_course.data.piconet.colors import oklch
from imagenet_course.data.piconet.randomness import uniforms
from imagenet_course.data.piconet.textures import TEXTURES

CLUTTER = 3  # pieces behind the object

# The position of a name is its counter in the hash: append, never reorder.
DRAWS = (
    *("scale", "x", "y", "rotation", "aspect", "shear", "tilt_x", "tilt_y", "flip"),
    *("trait_0", "trait_1", "trait_2"),
    *("ground_lightness", "ground_chroma", "ground_hue", "ground_step"),
    *("contrast", "chroma", "hue", "step", "accent_hue"),
    *("texture_frequency", "texture_turn", "texture_u", "texture_v", "texture_strength"),
    *("ground_frequency", "ground_turn", "ground_u", "ground_v", "ground_strength"),
    *("light", "relief", "shadow", "exposure", "cast_0", "cast_1", "cast_2", "vignette"),
    *("blur", "noise", "occluder", "occluder_direction", "occluder_distance"),
    *("occluder_w", "occluder_h", "occluder_turn", "occluder_lightness", "occluder_hue"),
    *(
        f"{name}_{piece}"
        for piece in range(CLUTTER)
        for name in ("clutter", "clutter_x", "clutter_y", "clutter_w", "clutter_h", "clutter_turn")
    ),
    *(
        f"{name}_{piece}"
        for piece in range(CLUTTER)
        for name in ("clutter_lightness", "clutter_hue")
    ),
)


@dataclass(frozen=True)
class Block:
    """A rectangle with rounded corners per image, in front of the object or behind it."""

    present: np.ndarray  # (N,) bool
    x: np.ndarray
    y: np.ndarray
    w: np.ndarray
    h: np.ndarray
    turn: np.ndarray
    color: np.ndarray  # (N, 3)


@dataclass(frozen=True)
class Surface:
    """A texture in two colors per image."""

    kind: np.ndarray  # (N,) indexes TEXTURES
    frequency: np.ndarray
    turn: np.ndarray
    u: np.ndarray
    v: np.ndarray
    strength: np.ndarray  # how much of the second color shows, 0 to 1
    color: np.ndarray  # (N, 3)
    second: np.ndarray  # (N, 3)


@dataclass(frozen=True)
class Scenes:
    """N scenes; arrays are (N,) unless noted. ``scenes[a:b]`` are some of them."""

    shape: np.ndarray  # indexes the leaves of the whole tree
    key: np.ndarray  # uint64, for the noise of the pixels
    scale: np.ndarray
    x: np.ndarray
    y: np.ndarray
    rotation: np.ndarray
    aspect: np.ndarray
    shear: np.ndarray
    tilt_x: np.ndarray
    tilt_y: np.ndarray
    flip: np.ndarray  # 1 or -1
    traits: np.ndarray  # (N, 3)
    object: Surface
    accent: np.ndarray  # (N, 3)
    ground: Surface
    clutter: tuple[Block, ...]
    occluder: Block
    light: np.ndarray
    relief: np.ndarray
    shadow: np.ndarray
    exposure: np.ndarray  # (N, 3)
    vignette: np.ndarray
    blur: np.ndarray
    noise: np.ndarray

    def __len__(self) -> int:
        return len(self.shape)

    def __getitem__(self, part: slice) -> "Scenes":
        return _map_arrays(self, lambda array: array[part])


def draw_scenes(
    key: np.ndarray,
    shape: np.ndarray,
    texture: np.ndarray,
    background: np.ndarray,
    mirrored: np.ndarray,
    difficulty: float,
) -> Scenes:
    """The scenes of ``key`` ``(N,)``: an object of class ``shape`` in the style of class
    ``texture`` before a ground in the style of class ``background``; where ``mirrored`` is true,
    half of them are mirror images.
    """
    u = dict(zip(DRAWS, uniforms(key, len(DRAWS)), strict=True))
    d = difficulty

    def within(name: str, low: float, high: float) -> np.ndarray:
        return low + (high - low) * u[name]

    def around(name: str, reach: float) -> np.ndarray:
        return reach * (2 * u[name] - 1)

    scale = within("scale", 0.84 - 0.54 * d, 0.86)
    room = (1 - scale) * min(1.0, 2 * d)

    # A style is a kind of texture and a hue; a hundred classes have a hundred styles.
    ground_hue = background // len(TEXTURES) / 10 + around("ground_hue", 0.03)
    hue = texture // len(TEXTURES) / 10 + around("hue", 0.03)
    ground_lightness = within("ground_lightness", 0.3, 0.93)
    side = np.where(ground_lightness < 0.6, 1.0, -1.0)
    lightness = ground_lightness + side * (0.4 - 0.36 * d * u["contrast"])
    second = lightness + side * within("step", -0.05, 0.12) - 0.06
    ground_second = ground_lightness - side * within("ground_step", 0.02, 0.12)
    chroma = within("chroma", 0.1, 0.18)
    ground_chroma = within("ground_chroma", 0.02, 0.09)

    direction = u["occluder_direction"]
    distance = scale * within("occluder_distance", 0.45, 1.0)
    x, y = around("x", 1.0) * room, around("y", 1.0) * room
    return _map_arrays(
        Scenes(
            shape=shape,
            key=key,
            scale=scale,
            x=x,
            y=y,
            rotation=around("rotation", 0.25 * d),
            aspect=1 + around("aspect", 0.36 * d),
            shear=around("shear", 0.5 * d),
            tilt_x=around("tilt_x", 0.36 * d),
            tilt_y=around("tilt_y", 0.36 * d),
            flip=np.where(mirrored & (u["flip"] < 0.5), -1.0, 1.0),
            traits=np.stack([around(f"trait_{i}", 1.0) for i in range(3)], axis=-1),
            object=Surface(
                kind=texture % len(TEXTURES),
                frequency=within("texture_frequency", 1.6, 2.8),
                turn=u["texture_turn"],
                u=u["texture_u"],
                v=u["texture_v"],
                strength=within("texture_strength", 0.5, 1.0),
                color=oklch(lightness, chroma, hue),
                second=oklch(second + side * 0.12, chroma * 0.9, hue + 0.07),
            ),
            accent=oklch(
                lightness - side * 0.2, chroma * 0.8, hue + within("accent_hue", 0.3, 0.6)
            ),
            ground=Surface(
                kind=background % len(TEXTURES),
                frequency=within("ground_frequency", 1.0, 2.2),
                turn=u["ground_turn"],
                u=u["ground_u"],
                v=u["ground_v"],
                strength=within("ground_strength", 0.3, 1.0),
                color=oklch(ground_lightness, ground_chroma, ground_hue),
                second=oklch(ground_second, ground_chroma, ground_hue + 0.05),
            ),
            clutter=tuple(
                Block(
                    present=u[f"clutter_{i}"] < 0.9 * d,
                    x=around(f"clutter_x_{i}", 1.0),
                    y=around(f"clutter_y_{i}", 1.0),
                    w=within(f"clutter_w_{i}", 0.06, 0.3),
                    h=within(f"clutter_h_{i}", 0.06, 0.3),
                    turn=u[f"clutter_turn_{i}"],
                    color=oklch(
                        ground_lightness + side * within(f"clutter_lightness_{i}", -0.12, 0.25),
                        ground_chroma,
                        u[f"clutter_hue_{i}"],
                    ),
                )
                for i in range(CLUTTER)
            ),
            occluder=Block(
                present=u["occluder"] < d,
                x=x + distance * cos(direction),
                y=y + distance * sin(direction),
                w=scale * within("occluder_w", 0.14, 0.4),
                h=scale * within("occluder_h", 0.3, 0.7),
                turn=u["occluder_turn"],
                color=oklch(
                    within("occluder_lightness", 0.35, 0.85), ground_chroma, u["occluder_hue"]
                ),
            ),
            light=u["light"],
            relief=within("relief", 0.1, 0.32),
            shadow=within("shadow", 0.15, 0.5),
            exposure=1
            + np.stack(
                [around("exposure", 0.24 * d) + around(f"cast_{c}", 0.12 * d) for c in range(3)], -1
            ),
            vignette=within("vignette", 0.0, 0.2),
            blur=within("blur", 0.0, 0.12 * d),
            noise=within("noise", 0.0, 0.15 * d),
        ),
        _in_float32,
    )


def _map_arrays(record: Any, change: Callable[[np.ndarray], np.ndarray]) -> Any:
    """The same record with every array in it changed."""
    if isinstance(record, np.ndarray):
        return change(record)
    if isinstance(record, tuple):
        return tuple(_map_arrays(item, change) for item in record)
    changed = {name: _map_arrays(value, change) for name, value in vars(record).items()}
    return type(record)(**changed)


def _in_float32(array: np.ndarray) -> np.ndarray:
    """Pixels are computed in float32; whole numbers stay as they are."""
    return array.astype(np.float32) if array.dtype == np.float64 else array
