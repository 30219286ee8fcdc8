"""Which part of a photograph a transform looks at, decided before the photograph is decoded.

Every published pipeline begins by choosing a rectangle and a size. When that choice is known from
the file's header, the JPEG can be decoded at half or a quarter of its size, only the rectangle is
resized, straight into its place in the batch, and nothing is copied twice. `plan` splits a pipeline
into that choice, the steps left for each image, and those that a whole batch can share.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torchvision.transforms import InterpolationMode, v2

# The kernels behind torchvision's antialiased resize, by its names: unlike F.interpolate, they can
# write into memory that is already there.
INTERPOLATIONS = {
    "bilinear": torch.ops.aten._upsample_bilinear2d_aa,
    "bicubic": torch.ops.aten._upsample_bicubic2d_aa,
}


class View(NamedTuple):
    """A rectangle of a photograph, the size it is resized to, and the window cut from that.

    ``box`` is (top, left, height, width) in pixels of the photograph, ``resized`` (height, width),
    ``corner`` the (top, left) of the window in the resized rectangle, ``size`` its (height, width).
    """

    box: tuple[int, int, int, int]
    resized: tuple[int, int]
    corner: tuple[int, int]
    size: tuple[int, int]


# Draws a view of a photograph of (height, width) with the given source of randomness.
Choice = Callable[[int, int, random.Random], View]


@dataclass(frozen=True)
class AreaCrop:
    """`v2.RandomResizedCrop`: a rectangle of random area and aspect ratio, resized to ``size``."""

    size: tuple[int, int]
    scale: tuple[float, float]
    ratio: tuple[float, float]

    def __call__(self, height: int, width: int, rng: random.Random) -> View:
        low, high = (math.log(r) for r in self.ratio)
        for _ in range(10):
            area = height * width * rng.uniform(*self.scale)
            aspect = math.exp(rng.uniform(low, high))
            w, h = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
            if 0 < w <= width and 0 < h <= height:
                top, left = rng.randrange(height - h + 1), rng.randrange(width - w + 1)
                return View((top, left, h, w), self.size, (0, 0), self.size)
        # As torchvision: the largest central rectangle whose aspect ratio is allowed.
        w = min(width, max(1, round(height * self.ratio[1])))
        h = min(height, max(1, round(width / self.ratio[0])))
        box = ((height - h) // 2, (width - w) // 2, h, w)
        return View(box, self.size, (0, 0), self.size)


@dataclass(frozen=True)
class ShorterSideCrop:
    """The shorter side resized to one of ``sides``, then a window of ``size``.

    The window is random or central; ``square`` cuts a central square first, as AlexNet did.
    """

    sides: tuple[int, ...]
    size: tuple[int, int]
    central: bool
    square: tuple[int, int] | None = None

    def __call__(self, height: int, width: int, rng: random.Random) -> View:
        side = self.sides[0] if len(self.sides) == 1 else rng.choice(self.sides)
        shorter = min(height, width)
        resized = (side * height // shorter, side * width // shorter)
        top, left, outer = 0, 0, resized
        if self.square:
            top, left = _centered(resized, self.square)
            outer = self.square
        if self.central:
            offset = _centered(outer, self.size)
        else:
            offset = tuple(rng.randrange(o - s + 1) for o, s in zip(outer, self.size, strict=True))
        corner = (top + offset[0], left + offset[1])
        return View((0, 0, height, width), resized, corner, self.size)


def _centered(outer: tuple[int, int], inner: tuple[int, int]) -> tuple[int, int]:
    """The top and left of ``inner`` in the middle of ``outer``, rounded as torchvision does."""
    return tuple(round((o - i) / 2) for o, i in zip(outer, inner, strict=True))


@dataclass(frozen=True)
class Plan:
    """A pipeline split by where each part is best done.

    ``choose`` and ``flip`` (a probability) are done while decoding, ``per_image`` on one uint8
    tensor ``(3, H, W)``, ``normalize`` on a whole batch, on the device.
    """

    choose: AreaCrop | ShorterSideCrop | None = None
    interpolation: str = "bilinear"
    flip: float = 0.0
    per_image: tuple[Callable, ...] = ()
    normalize: v2.Normalize | None = None


def plan(transform: Callable) -> Plan:
    """Split a pipeline such as `imagenet_course.data.recipes.recipe` gives.

    A step that is not recognized is left to ``per_image``: as correct, only slower.
    """
    steps = list(transform.transforms) if isinstance(transform, v2.Compose) else [transform]
    normalize = None
    match steps:
        case [*before, v2.ToDtype(dtype=torch.float32, scale=True), v2.Normalize() as normalize]:
            steps = before
    match steps:
        case [v2.ToImage(), v2.RGB(), *after]:  # the reader gives RGB tensors anyway
            steps = after
    choose, interpolation, steps = _geometry(steps)
    flip = 0.0
    match steps:
        case [v2.RandomHorizontalFlip(p=p), *after] if choose:
            flip, steps = p, after
    return Plan(choose, interpolation, flip, tuple(steps), normalize)


def _geometry(steps: list) -> tuple[AreaCrop | ShorterSideCrop | None, str, list]:
    """The choice that the first steps amount to, its interpolation, and the remaining steps."""
    match steps:
        case [
            v2.RandomResizedCrop(
                size=size, scale=scale, ratio=ratio, interpolation=how, antialias=True
            ),
            *rest,
        ] if name := _name(how):
            return AreaCrop(tuple(size), tuple(scale), tuple(ratio)), name, rest
        case [
            v2.RandomShortestSize(min_size=sides, max_size=None, interpolation=how, antialias=True),
            v2.RandomCrop(size=size, padding=None),
            *rest,
        ] if (name := _name(how)) and min(sides) >= max(size):
            return ShorterSideCrop(tuple(sides), tuple(size), central=False), name, rest
        case [
            v2.Resize(size=[side], max_size=None, interpolation=how, antialias=True),
            v2.CenterCrop(size=square),
            v2.RandomCrop(size=size, padding=None),
            *rest,
        ] if (name := _name(how)) and side >= max(square) and min(square) >= max(size):
            return ShorterSideCrop((side,), tuple(size), False, tuple(square)), name, rest
        case [
            v2.Resize(size=[side], max_size=None, interpolation=how, antialias=True),
            v2.CenterCrop(size=size),
            *rest,
        ] if (name := _name(how)) and side >= max(size):
            return ShorterSideCrop((side,), tuple(size), central=True), name, rest
    return None, "bilinear", steps


def _name(how: InterpolationMode | str | int) -> str | None:
    """The interpolation's name, where there is a kernel for it."""
    name = how.value if isinstance(how, InterpolationMode) else how
    return name if name in INTERPOLATIONS else None
