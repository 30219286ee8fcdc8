"""Decoding image files that may hold anything: an RGB array, or one sentence that says why not."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

# The formats and extensions torchvision.datasets.ImageFolder takes, and GIF under their names.
FORMATS = ("JPEG", "PNG", "PPM", "BMP", "TIFF", "WEBP", "GIF")
EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")

# 8,192 × 8,192: several times the largest photograph of ImageNet, 192 MB once decoded.
MAX_PIXELS = 2**26


class ImageFileError(ValueError):
    """A file that cannot be used as an image.

    ``kind`` is ``"empty"``, ``"not an image"``, ``"broken"`` (truncated or corrupt) or
    ``"oversized"``.
    """

    def __init__(self, name: str, kind: str, detail: str) -> None:
        super().__init__(name, kind, detail)  # all three, so that it survives pickling to a worker
        self.name, self.kind, self.detail = name, kind, detail

    def __str__(self) -> str:
        return f"{self.name}: {self.detail}"


def read_image(path: str | os.PathLike[str], max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """Decode a file to RGB, uint8 ``(H, W, 3)``.

    The content decides, not the extension. EXIF rotation is applied, gray, palette, CMYK and 16-bit
    pixels become 8-bit RGB, transparency is laid on white, an animation gives its first frame.

    Raises:
        ImageFileError: if the file is empty, no image, broken, or has over ``max_pixels`` pixels.
        OSError: if it cannot be opened.
    """
    with open(path, "rb") as file:
        return decode_image(file, os.fspath(path), max_pixels)


def decode_image(file: BinaryIO, name: str, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """As `read_image`, from an open binary file or ``BytesIO``; ``name`` is for the errors."""
    with open_image(file, name, max_pixels) as image:
        return to_rgb(_upright(image))


@contextmanager
def open_image(file: BinaryIO, name: str, max_pixels: int = MAX_PIXELS) -> Iterator[Image.Image]:
    """The decoded PIL image in the mode the file has it; what goes wrong is an `ImageFileError`."""
    try:
        with Image.open(file, formats=FORMATS) as image:
            width, height = image.size
            if width * height > max_pixels:
                raise ImageFileError(
                    name,
                    "oversized",
                    f"has {width:,} × {height:,} pixels, more than the {max_pixels:,} allowed",
                )
            image.load()
            yield image
    except (ImageFileError, MemoryError):
        raise
    except UnidentifiedImageError:
        if file.seek(0, os.SEEK_END) == 0:
            raise ImageFileError(name, "empty", "is empty (0 bytes)") from None
        raise ImageFileError(
            name, "not an image", "is not an image in a known format (JPEG, PNG, WebP, …)"
        ) from None
    except Image.DecompressionBombError as error:
        raise ImageFileError(name, "oversized", f"is too large to decode: {error}") from None
    except Exception as error:  # a hostile file can make a decoder raise anything
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's fault, not the file's
        raise ImageFileError(name, "broken", f"cannot be decoded: {error}") from error


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # malformed EXIF says nothing about the pixels
        return image


def to_rgb(image: Image.Image) -> np.ndarray:
    """The pixels of an image of any mode as RGB, uint8 ``(H, W, 3)``, as `read_image` describes.

    Raises:
        ValueError: if the pixels are floats or go beyond 16 bits.
    """
    if image.mode == "F":
        raise ValueError("floating-point pixels have no agreed range; store 8 or 16 bits")
    if image.mode.startswith("I"):  # 16-bit gray, which convert("RGB") would clip at 255
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 65535:
            raise ValueError("pixels go beyond 16 bits; store 8 or 16 bits")
        return np.repeat((values >> 8).astype(np.uint8)[..., None], 3, axis=2)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.array(image.convert("RGB"))
