"""Convolution by its definition, one multiplication at a time."""

import numpy as np

from imagenet_course.layers.windows import Pair


def correlate(
    padded: np.ndarray, weight: np.ndarray, stride: Pair, dilation: Pair, groups: int, output: Pair
) -> np.ndarray:
    """y[n, o, i, j] = Σ_{c,u,v} w[o, c, u, v] · x[n, g·C + c, s_h·i + d_h·u, s_w·j + d_w·v].

    Here C = C_in / groups is the number of channels that a filter sees and g the group of filter o.
    """
    out_channels, channels = weight.shape[:2]
    y = np.zeros((len(padded), out_channels, *output), padded.dtype)
    for n, o, i, j in np.ndindex(y.shape):
        group = o // (out_channels // groups)
        for c, u, v in np.ndindex(weight.shape[1:]):
            row = stride[0] * i + dilation[0] * u
            column = stride[1] * j + dilation[1] * v
            y[n, o, i, j] += weight[o, c, u, v] * padded[n, group * channels + c, row, column]
    return y
