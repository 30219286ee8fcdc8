"""Reading a view of a photograph: JPEG bytes in, its pixels in their place in the batch.

Why it is built this way, measured on one core with 224×224 photographs of 10 kB (µs an image;
``benchmarks/data.py`` measures the whole):

* Decoding: libjpeg-turbo through simplejpeg 120, torchvision.io 150, OpenCV 160, Pillow 180. It is
  the floor; chroma is upsampled exactly, as the shortcuts gain 10 % and cost visible color errors.
* Resizing the rectangle: Pillow 280, `torchvision.transforms.v2` 120, the same kernel writing into
  the batch 60. Half of the time goes to fresh memory that the system must hand over page by page.
* A photograph four times as large as needed is decoded at half its size or less, which the JPEG's
  cosine transform gives for less than the whole; the resize that follows hides the difference
  (on average 1.5 levels of 255 at most). Evaluation asks for the exact pixels.
* Flipping the rectangle 10, as a view of torch; flipping in NumPy 120.

Without scaled decoding the pixels equal those of `torchvision.transforms.v2` (±1 where flipped).
"""

import io
import math
import random

import numpy as np
import simplejpeg
import torch
from PIL import ExifTags, Image

from imagenet_course.data.images import MAX_PIXELS, ImageFileError, decode_image
from imagenet_course.data.views import INTERPOLATIONS, Choice, View

# As Pillow's `reducing_gap`: from here on, a scaled-down decoding can hardly be told apart.
GAP = 2


def decode_view(
    data: bytes, name: str, choose: Choice, rng: random.Random, *, exact: bool = False
) -> tuple[np.ndarray, View]:
    """Decode a photograph, unless ``exact`` perhaps scaled down, for the view ``choose`` draws.

    Gives the pixels, uint8 ``(H, W, 3)``, and the view in their coordinates. Reads whatever
    `imagenet_course.data.images.decode_image` reads.

    Raises:
        ImageFileError: which names ``name``, if it is no image, broken or oversized.
    """
    size = _plain_jpeg_size(data)
    pixels = None if size else decode_image(io.BytesIO(data), name)
    height, width = size or pixels.shape[:2]
    view = choose(height, width, rng)
    if math.prod(view.resized) > MAX_PIXELS:  # a photograph 10,000 pixels wide and 1 high
        rows, columns = view.resized
        detail = f"{width:,} × {height:,} pixels would be resized to {columns:,} × {rows:,}"
        raise ImageFileError(name, "oversized", detail)
    if pixels is None:
        try:
            return _decode_jpeg(data, size, view, exact)
        except ValueError:  # damaged: let Pillow judge whether it can be read all the same
            pixels = decode_image(io.BytesIO(data), name)
    return pixels, view


def render(
    pixels: np.ndarray, view: View, flipped: bool, interpolation: str, out: torch.Tensor
) -> None:
    """Write a view of ``pixels`` into ``out``, uint8 ``(1, 3, *view.size)``, channels last.

    ``interpolation`` is one of `imagenet_course.data.views.INTERPOLATIONS`.
    """
    top, left, height, width = view.box
    box = torch.from_numpy(pixels[top : top + height, left : left + width])
    resize = INTERPOLATIONS[interpolation]
    if view.resized == view.size:
        box = box.flip(1) if flipped else box
        resize.out(box.permute(2, 0, 1)[None], view.size, False, None, None, out=out)
    else:
        whole = resize(box.permute(2, 0, 1)[None], view.resized, False, None, None)
        (top, left), (height, width) = view.corner, view.size
        window = whole[..., top : top + height, left : left + width]
        out.copy_(window.flip(-1) if flipped else window)


def _plain_jpeg_size(data: bytes) -> tuple[int, int] | None:
    """(height, width) of a JPEG that libjpeg-turbo decodes to the pixels Pillow would give.

    None for other formats, CMYK, oversized images, and where EXIF may ask for a rotation.
    """
    try:
        height, width, colorspace, _ = simplejpeg.decode_jpeg_header(data)
    except ValueError:
        return None
    if colorspace not in ("YCbCr", "Gray") or height * width > MAX_PIXELS:
        return None
    if data.find(b"Exif\0", 0, 64) >= 0 and _orientation(data) != 1:
        return None
    return height, width


def _orientation(data: bytes) -> int:
    try:
        return Image.open(io.BytesIO(data)).getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # malformed EXIF says nothing, as `decode_image` has it
        return 1


def _decode_jpeg(
    data: bytes, size: tuple[int, int], view: View, exact: bool
) -> tuple[np.ndarray, View]:
    """Decode at the smallest scale that still has `GAP` times the pixels that the view needs."""
    if exact:
        return simplejpeg.decode_jpeg(data), view
    top, left, height, width = view.box
    pixels = simplejpeg.decode_jpeg(
        data,
        min_height=math.ceil(GAP * size[0] * view.resized[0] / height),
        min_width=math.ceil(GAP * size[1] * view.resized[1] / width),
        min_factor=2,  # other scales take longer than no scaling
    )
    if pixels.shape[:2] == size:
        return pixels, view
    # In eighths. The decoder rounds the number of pixels up, so that the last may lie half outside.
    scale = round(8 * pixels.shape[0] / size[0]) / 8
    bottom = min(round((top + height) * scale), pixels.shape[0])
    right = min(round((left + width) * scale), pixels.shape[1])
    top, left = round(top * scale), round(left * scale)
    return pixels, view._replace(box=(top, left, bottom - top, right - left))
