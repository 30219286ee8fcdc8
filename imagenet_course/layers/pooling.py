"""Max and average pooling, forward and backward: summarize every window by one number.

The stride is the kernel unless given. Every window must see at least one pixel of the image;
PyTorch is stricter and limits the padding to half the kernel.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from imagenet_course.layers.checks import check_floats, check_pair
from imagenet_course.layers.geometry import pool_output_size
from imagenet_course.layers.windows import Pair, crop, pad, taps


def max_pool2d(
    x: np.ndarray,
    kernel: int | Pair,
    stride: int | Pair | None = None,
    padding: int | Pair = 0,
    dilation: int | Pair = 1,
    ceil_mode: bool = False,
) -> np.ndarray:
    """y[n, c, i, j] = max_{u,v} x[n, c, s_h·i + d_h·u − p_h, s_w·j + d_w·v − p_w].

    x (N, C, H, W), float32 or float64, gives (N, C, H_out, W_out) with H_out from
    ``pool_output_size``. Padding counts as −∞, so that it never wins.
    """
    x, windows = _check(x, kernel, stride, padding, dilation, ceil_mode)
    y = np.full(windows.shape(x), -np.inf, x.dtype)
    for tap in windows.taps(windows.pad(x, -np.inf)):
        np.maximum(y, tap, out=y)
    return y


def max_pool2d_backward(
    grad_output: np.ndarray,
    x: np.ndarray,
    kernel: int | Pair,
    stride: int | Pair | None = None,
    padding: int | Pair = 0,
    dilation: int | Pair = 1,
    ceil_mode: bool = False,
) -> np.ndarray:
    """∂L/∂x: each window hands its gradient to the pixel that won; the others get nothing.

    Of equal maxima the first in reading order wins, as in PyTorch. A pixel that wins several
    overlapping windows receives the sum.
    """
    x, windows = _check(x, kernel, stride, padding, dilation, ceil_mode)
    grad_output = check_floats("grad_output", grad_output, shape=windows.shape(x), like=x)
    padded = windows.pad(x, -np.inf)
    winner = np.stack(list(windows.taps(padded))).argmax(axis=0)  # the first, of equal ones
    grad_padded = np.zeros_like(padded)
    for k, tap in enumerate(windows.taps(grad_padded)):
        tap += np.where(winner == k, grad_output, 0)
    return crop(grad_padded, windows.padding, x.shape[2:])


def avg_pool2d(
    x: np.ndarray,
    kernel: int | Pair,
    stride: int | Pair | None = None,
    padding: int | Pair = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> np.ndarray:
    """y[n, c, i, j] = (1 / m) Σ_{u,v} x[n, c, s_h·i + u − p_h, s_w·j + v − p_w].

    m is the number of pixels in the window: with ``count_include_pad`` those of the padding too
    (they are zeros), else only those of the image. What ``ceil_mode`` lets overhang never counts.
    Shapes as in ``max_pool2d``.
    """
    x, windows = _check(x, kernel, stride, padding, 1, ceil_mode)
    return sum(windows.taps(windows.pad(x, 0))) / windows.count(x, count_include_pad)


def avg_pool2d_backward(
    grad_output: np.ndarray,
    x: np.ndarray,
    kernel: int | Pair,
    stride: int | Pair | None = None,
    padding: int | Pair = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> np.ndarray:
    """∂L/∂x: each window spreads its gradient evenly, ∂L/∂y / m to every pixel it sees.

    Averaging is linear, so of ``x`` only the shape matters.
    """
    x, windows = _check(x, kernel, stride, padding, 1, ceil_mode)
    grad_output = check_floats("grad_output", grad_output, shape=windows.shape(x), like=x)
    share = grad_output / windows.count(x, count_include_pad)
    grad_padded = np.zeros_like(windows.pad(x, 0))
    for tap in windows.taps(grad_padded):
        tap += share
    return crop(grad_padded, windows.padding, x.shape[2:])


class _Windows(NamedTuple):
    """The pooling windows over an image, all values as pairs (height, width)."""

    kernel: Pair
    stride: Pair
    padding: Pair
    dilation: Pair
    output: Pair

    def shape(self, x: np.ndarray) -> tuple[int, ...]:
        return (*x.shape[:2], *self.output)

    def axes(self, x: np.ndarray) -> Iterator[tuple[int, ...]]:
        """(size, kernel, stride, padding, dilation, output) along the height, then the width."""
        return zip(x.shape[2:], *self, strict=True)

    def pad(self, x: np.ndarray, value: float) -> np.ndarray:
        """``x`` padded before by the padding and after by as much as the last window reaches."""
        reach = [
            max(0, s * (o - 1) + d * (k - 1) + 1 - p - size) for size, k, s, p, d, o in self.axes(x)
        ]
        return pad(x, self.padding, reach, value)

    def taps(self, padded: np.ndarray) -> Iterator[np.ndarray]:
        return taps(padded, self.kernel, self.stride, self.dilation, self.output)

    def count(self, x: np.ndarray, include_pad: bool) -> np.ndarray:
        """How many pixels each window sees, (H_out, W_out), in the dtype of ``x``."""
        rows, columns = (
            pixels_seen(size, k, s, p, d, o, p if include_pad else 0)
            for size, k, s, p, d, o in self.axes(x)
        )
        return np.outer(rows, columns).astype(x.dtype)


def pixels_seen(size, kernel, stride, padding, dilation, output, border=0) -> np.ndarray:
    """How many taps of each window along an axis fall on the image or a ``border`` around it."""
    stops = stride * np.arange(output)[:, None] - padding
    pixels = stops + dilation * np.arange(kernel)
    return ((pixels >= -border) & (pixels < size + border)).sum(axis=1)


def _check(x, kernel, stride, padding, dilation, ceil_mode) -> tuple[np.ndarray, _Windows]:
    x = check_floats("x", x, "N, C, H, W")
    kernel = check_pair("kernel", kernel, 1)
    stride = kernel if stride is None else check_pair("stride", stride, 1)
    padding = check_pair("padding", padding, 0)
    dilation = check_pair("dilation", dilation, 1)
    output = []
    for size, k, s, p, d in zip(x.shape[2:], kernel, stride, padding, dilation, strict=True):
        output.append(pool_output_size(size, k, s, p, d, ceil_mode))
        if pixels_seen(size, k, s, p, d, output[-1]).min() == 0:
            raise ValueError(
                f"padding {p} is too much for a kernel of {k} with dilation {d} on {size} pixels: "
                f"a window would see nothing but padding."
            )
    return x, _Windows(kernel, stride, padding, dilation, tuple(output))
