"""Two-dimensional convolution, forward and backward.

What deep learning calls convolution is cross-correlation: the kernel slides over the image as it
is. The convolution of mathematics flips it first, in both axes, which ``flip_kernel`` does::

    conv2d(x, flip_kernel(weight))  # convolution in the sense of signal processing

A network learns its kernels, so it is indifferent to the difference; a reader who compares with
``scipy.signal.convolve2d`` or applies an asymmetric filter by hand is not.
"""

import numpy as np

from imagenet_course.errors import unknown_name
from imagenet_course.layers import conv_fft, conv_im2col, conv_naive
from imagenet_course.layers.checks import check_floats, check_pair
from imagenet_course.layers.geometry import check_groups, conv_output_size
from imagenet_course.layers.windows import Pair, crop, pad

METHODS = {
    "im2col": conv_im2col.correlate,
    "naive": conv_naive.correlate,
    "fft": conv_fft.correlate,
}


def conv2d(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    *,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    dilation: int | Pair = 1,
    groups: int = 1,
    method: str = "im2col",
) -> np.ndarray:
    """Slide every filter over every image (cross-correlation), padding the border with zeros.

    y[n, o, i, j] = b[o] + Σ_{c,u,v} w[o, c, u, v] · x[n, g·C + c, row, column]

    where row = s_h·i + d_h·u − p_h, column = s_w·j + d_w·v − p_w, C = C_in / groups, and
    g = ⌊o · groups / C_out⌋ is the group of filter o.

    Shapes: x (N, C_in, H, W), weight (C_out, C_in / groups, k_h, k_w), bias (C_out,), result
    (N, C_out, H_out, W_out) with H_out from ``conv_output_size``; all float32 or all float64.
    Stride, padding and dilation are integers or pairs (height, width). The methods give the same
    numbers: "naive" is the formula as loops, "im2col" one matrix product, "fft" goes by spectra.
    Raises ``ValueError`` for shapes or values that do not fit, ``TypeError`` for other dtypes.
    """
    if method not in METHODS:
        raise unknown_name("convolution method", method, METHODS)
    x, weight, stride, padding, dilation, groups, output = _check(
        x, weight, stride, padding, dilation, groups
    )
    if bias is None:
        bias = np.zeros(len(weight), x.dtype)
    bias = check_floats("bias", bias, shape=(len(weight),), like=x)
    y = METHODS[method](pad(x, padding, padding), weight, stride, dilation, groups, output)
    return y + bias[:, None, None]


def conv2d_backward(
    grad_output: np.ndarray,
    x: np.ndarray,
    weight: np.ndarray,
    *,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    dilation: int | Pair = 1,
    groups: int = 1,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients (grad_x, grad_weight, grad_bias) of a loss L, from grad_output = ∂L/∂y.

    ∂L/∂w[o, c, u, v] = Σ_{n,i,j} ∂L/∂y[n, o, i, j] · x[the pixel that tap (u, v) met at (i, j)]
    ∂L/∂x[a pixel] = Σ ∂L/∂y[n, o, i, j] · w[o, c, u, v] over all taps and stops that met the pixel
    ∂L/∂b[o] = Σ_{n,i,j} ∂L/∂y[n, o, i, j]

    ``grad_output`` has the shape of ``conv2d``'s result, each gradient that of its array.
    """
    x, weight, stride, padding, dilation, groups, output = _check(
        x, weight, stride, padding, dilation, groups
    )
    shape = (len(x), len(weight), *output)
    grad_output = check_floats("grad_output", grad_output, shape=shape, like=x)
    padded = pad(x, padding, padding)
    grad_padded, grad_weight = conv_im2col.correlate_backward(
        grad_output, padded, weight, stride, dilation, groups
    )
    grad_x = crop(grad_padded, padding, x.shape[2:])
    return grad_x, grad_weight, grad_output.sum(axis=(0, 2, 3))


def flip_kernel(weight: np.ndarray) -> np.ndarray:
    """The kernel turned by 180°: ``conv2d`` with it is convolution in the mathematical sense."""
    return weight[..., ::-1, ::-1]


def _check(x, weight, stride, padding, dilation, groups):
    """The arguments of a convolution, checked, as arrays and pairs, and its (H_out, W_out)."""
    x = check_floats("x", x, "N, C_in, H, W")
    weight = check_floats("weight", weight, "C_out, C_in / groups, k_h, k_w", like=x)
    in_channels, _, groups = check_groups(x.shape[1], weight.shape[0], groups)
    if weight.shape[1] != in_channels // groups:
        raise ValueError(
            f"weight has {weight.shape[1]} channels per filter but needs {in_channels // groups}: "
            f"the {in_channels} channels of x over groups={groups}."
        )
    stride = check_pair("stride", stride, 1)
    padding = check_pair("padding", padding, 0)
    dilation = check_pair("dilation", dilation, 1)
    height, width = (
        conv_output_size(*axis)
        for axis in zip(x.shape[2:], weight.shape[2:], stride, padding, dilation, strict=True)
    )
    return x, weight, stride, padding, dilation, groups, (height, width)
