"""Convolution as matrix multiplication: unroll the windows into columns, multiply once.

With the pixels of every window written as one column, all filters meet all windows in a single
matrix product, the operation that processors do best. The price is memory: the columns hold each
pixel up to k_h · k_w times. Source: Chellapilla, Puri & Simard, "High Performance Convolutional
Neural Networks for Document Processing", IWFHR 2006.
"""

import numpy as np

from imagenet_course.layers.windows import Pair, taps


def correlate(
    padded: np.ndarray, weight: np.ndarray, stride: Pair, dilation: Pair, groups: int, output: Pair
) -> np.ndarray:
    """Y = W · columns(X), (C_out, C·k_h·k_w) times (C·k_h·k_w, H_out·W_out) per image and group."""
    columns = im2col(padded, weight.shape[2:], stride, dilation, groups, output)
    y = weight_matrix(weight, groups) @ columns
    return y.reshape(len(padded), len(weight), *output)


def correlate_backward(
    grad_output: np.ndarray,
    padded: np.ndarray,
    weight: np.ndarray,
    stride: Pair,
    dilation: Pair,
    groups: int,
) -> tuple[np.ndarray, np.ndarray]:
    """∂L/∂W = ∂L/∂Y · columns(X)ᵀ, summed over images; ∂L/∂columns(X) = Wᵀ · ∂L/∂Y."""
    (batch, out_channels, *output), kernel = grad_output.shape, weight.shape[2:]
    columns = im2col(padded, kernel, stride, dilation, groups, output)
    grad_y = grad_output.reshape(batch, groups, out_channels // groups, output[0] * output[1])
    grad_weight = (grad_y @ columns.swapaxes(-1, -2)).sum(axis=0)
    # The columns have served; writing over them halves the memory.
    grad_columns = np.matmul(weight_matrix(weight, groups).swapaxes(-1, -2), grad_y, out=columns)
    grad_padded = col2im(grad_columns, padded.shape, kernel, stride, dilation, output)
    return grad_padded, grad_weight.reshape(weight.shape)


def weight_matrix(weight: np.ndarray, groups: int) -> np.ndarray:
    """The filters as rows, (groups, C_out / groups, C·k_h·k_w)."""
    out_channels, channels, height, width = weight.shape
    return weight.reshape(groups, out_channels // groups, channels * height * width)


def im2col(
    padded: np.ndarray, kernel: Pair, stride: Pair, dilation: Pair, groups: int, output: Pair
) -> np.ndarray:
    """Every window as a column, (N, groups, C·k_h·k_w, H_out·W_out)."""
    batch, in_channels = padded.shape[:2]
    columns = np.empty((batch, in_channels, kernel[0] * kernel[1], *output), padded.dtype)
    for k, tap in enumerate(taps(padded, kernel, stride, dilation, output)):
        columns[:, :, k] = tap
    rows = in_channels // groups * kernel[0] * kernel[1]
    return columns.reshape(batch, groups, rows, output[0] * output[1])


def col2im(
    columns: np.ndarray,
    shape: tuple[int, ...],
    kernel: Pair,
    stride: Pair,
    dilation: Pair,
    output: Pair,
) -> np.ndarray:
    """The adjoint of ``im2col``: a pixel in several windows collects the sum from all of them."""
    batch, in_channels = shape[:2]
    columns = columns.reshape(batch, in_channels, kernel[0] * kernel[1], *output)
    padded = np.zeros(shape, columns.dtype)
    for k, tap in enumerate(taps(padded, kernel, stride, dilation, output)):
        tap += columns[:, :, k]
    return padded
