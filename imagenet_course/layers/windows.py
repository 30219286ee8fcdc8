"""Sliding windows as shifted images: the one idea that convolution and pooling share.

A window slides over the image and meets, at each stop, the pixels under its k_h × k_w taps. Seen
the other way round: each *tap* meets, over all stops, a shifted and strided copy of the image.
There are few taps and many stops, so the loops here run over taps and NumPy does the rest.
"""

from collections.abc import Iterator

import numpy as np

Pair = tuple[int, int]


def taps(
    padded: np.ndarray, kernel: Pair, stride: Pair, dilation: Pair, output: Pair
) -> Iterator[np.ndarray]:
    """For each tap of the window, row by row, what it sees at all stops: (N, C, H_out, W_out).

    Tap (u, v) sees, at stop (i, j), pixel (s_h·i + d_h·u, s_w·j + d_w·v) of the padded image.
    These are views: reading gathers pixels, and ``tap += …`` scatters back to where they came from,
    which is what every backward pass needs.
    """
    (stride_h, stride_w), (height, width) = stride, output
    for u in range(kernel[0]):
        top = dilation[0] * u
        for v in range(kernel[1]):
            left = dilation[1] * v
            yield padded[
                :,
                :,
                top : top + stride_h * (height - 1) + 1 : stride_h,
                left : left + stride_w * (width - 1) + 1 : stride_w,
            ]


def pad(x: np.ndarray, before: Pair, after: Pair, value: float = 0.0) -> np.ndarray:
    """``x`` with a border of ``value``: ``before`` is (top, left), ``after`` (bottom, right)."""
    borders = ((0, 0), (0, 0), (before[0], after[0]), (before[1], after[1]))
    return np.pad(x, borders, constant_values=value)


def crop(padded: np.ndarray, before: Pair, size: Pair) -> np.ndarray:
    """The inverse of ``pad``: the (height, width) pixels behind the (top, left) border."""
    (top, left), (height, width) = before, size
    return padded[:, :, top : top + height, left : left + width]
