"""Convolution as multiplication of spectra: cheap for large kernels, wasteful for small ones."""

import numpy as np

from imagenet_course.layers.windows import Pair


def correlate(
    padded: np.ndarray, weight: np.ndarray, stride: Pair, dilation: Pair, groups: int, output: Pair
) -> np.ndarray:
    """y = F⁻¹( Σ_c F(x_c) · F(w_c)* ): the correlation theorem, for each filter.

    The conjugate * makes it correlation; without it the kernel would be flipped. Spectra belong to
    periodic images, so windows that overhang the end see the beginning again; only the windows that
    fit are kept. Strides save nothing: every position is computed and all but each s-th dropped.
    """
    (batch, _, *size), (out_channels, channels, *kernel) = padded.shape, weight.shape
    spans = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    dilated = np.zeros((out_channels, channels, *spans), weight.dtype)
    dilated[:, :, :: dilation[0], :: dilation[1]] = weight

    x_spectrum = np.fft.rfft2(padded)
    w_spectrum = np.fft.rfft2(dilated, s=size).conj()
    frequencies = x_spectrum.shape[2:]
    x_spectrum = x_spectrum.reshape(batch, groups, channels, *frequencies)
    w_spectrum = w_spectrum.reshape(groups, out_channels // groups, channels, *frequencies)
    # The sum over channels is, at each frequency and for each group, one small matrix product.
    y_spectrum = x_spectrum.transpose(3, 4, 1, 0, 2) @ w_spectrum.transpose(3, 4, 0, 2, 1)
    y_spectrum = y_spectrum.transpose(3, 2, 4, 0, 1).reshape(batch, out_channels, *frequencies)
    y = np.fft.irfft2(y_spectrum, s=size)
    rows = slice(0, stride[0] * (output[0] - 1) + 1, stride[0])
    columns = slice(0, stride[1] * (output[1] - 1) + 1, stride[1])
    return np.ascontiguousarray(y[:, :, rows, columns])
