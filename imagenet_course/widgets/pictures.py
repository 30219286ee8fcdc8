"""Small gray images on their way into a widget: examples, checks, and static pictures of them."""

from html import escape
from typing import Any

import numpy as np

from imagenet_course.data import load
from imagenet_course.widgets.png import data_url

LARGEST_IMAGE = 64


def example_images() -> dict[str, np.ndarray]:
    """A scanned digit, counts 0 to 16, and three crops of photographs in 256 grays."""
    digit = load("digits", "train").named("3")[..., 0]
    photos = load("photos", "all")
    return {
        "digit 3": np.rint(digit.astype(np.int64) * 16 / 255).astype(np.int64),
        "cat": _crop(photos.named("chelsea"), top=10, left=110, side=192),
        "cameraman": _crop(photos.named("camera"), top=60, left=150, side=192),
        "astronaut": _crop(photos.named("astronaut"), top=0, left=128, side=192),
    }


def _crop(photo: np.ndarray, *, top: int, left: int, side: int, size: int = 32) -> np.ndarray:
    """A square of an (H, W, C) photograph, gray, averaged down to ``size`` pixels a side.

    In whole numbers throughout, so that every machine gets the same pixels.
    """
    square = photo[top : top + side, left : left + side].astype(np.int64)
    luma = [299, 587, 114] if square.shape[2] == 3 else [1000]  # ITU-R BT.601
    block = side // size
    sums = (square @ np.array(luma)).reshape(size, block, size, block).sum(axis=(1, 3))
    return sums // (1000 * block * block)


def picture(name: str, pixels: np.ndarray) -> dict[str, Any]:
    """One entry of the state: the pixels, and the value shown as white."""
    rows = matrix_rows(f"image {name!r}", pixels, LARGEST_IMAGE)
    largest = max(map(max, rows))
    white = next((level for level in (1, 16, 255) if largest <= level), largest)
    return {"name": str(name), "pixels": rows, "white": white}


def matrix_rows(what: str, matrix: Any, largest: int) -> list[list[float]]:
    """``matrix`` as lists of Python numbers, whole ones as ints, checked."""
    try:
        array = np.asarray(matrix)
        array = array if array.dtype.kind in "iu" else array.astype(np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{what} must be a matrix of numbers, got {matrix!r}.") from None
    if array.ndim != 2 or not 1 <= min(array.shape) <= max(array.shape) <= largest:
        raise ValueError(
            f"{what} must be a matrix (rows, columns) of 1×1 to {largest}×{largest} numbers, "
            f"got shape {array.shape}."
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{what} must hold finite numbers only, got NaN or infinity.")
    return [[int(x) if float(x).is_integer() else float(x) for x in row] for row in array]


def size_text(matrix: np.ndarray) -> str:
    """The shape in words for a caption, such as 8×8."""
    return "×".join(map(str, matrix.shape))


def figure_cell(caption: str, shades: np.ndarray) -> str:
    """A table cell with a picture of ``shades``, 0 black and 1 white, and its caption."""
    gray = np.rint(255 * np.clip(shades, 0, 1)).astype(np.uint8)
    height, width = gray.shape
    scale = 192 / max(height, width)
    caption = escape(caption)
    return (
        f'<td><img src="{data_url(gray)}" alt="{caption}" width="{scale * width:.0f}" '
        f'height="{scale * height:.0f}" style="image-rendering:pixelated"><br>{caption}</td>'
    )
