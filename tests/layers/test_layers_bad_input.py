"""Every mistake gets one sentence that names the value and the rule."""

import re
import subprocess
import sys

import numpy as np
import pytest

from imagenet_course import layers as L

X = np.zeros((2, 4, 6, 6))
W = np.zeros((8, 4, 3, 3))
LOGITS = np.zeros((3, 5))

VALUES = {
    "stride 0": (lambda: L.conv2d(X, W, stride=0), "stride must be at least 1, got 0."),
    "negative padding": (
        lambda: L.conv2d(X, W, padding=(0, -1)),
        "padding must be at least 0, got -1.",
    ),
    "dilation 0": (lambda: L.conv2d(X, W, dilation=0), "dilation must be at least 1, got 0."),
    "three strides": (
        lambda: L.conv2d(X, W, stride=(1, 1, 1)),
        "stride must be one integer or a pair (height, width), got 3 values: (1, 1, 1).",
    ),
    "kernel too large": (
        lambda: L.conv2d(X, np.zeros((1, 4, 3, 3)), dilation=3),
        "kernel 3 with dilation 3 spans 7 pixels, more than the padded input has (6); "
        "use a smaller kernel or more padding.",
    ),
    "groups 0": (lambda: L.conv2d(X, W, groups=0), "groups must be at least 1, got 0."),
    "groups against input channels": (
        lambda: L.conv2d(X, W, groups=3),
        "groups must divide the number of input channels, but 4 is not a multiple of 3.",
    ),
    "groups against filters": (
        lambda: L.conv2d(X, np.zeros((3, 2, 3, 3)), groups=2),
        "groups must divide the number of output channels, but 3 is not a multiple of 2.",
    ),
    "channels per filter": (
        lambda: L.conv2d(X, W, groups=2),
        "weight has 4 channels per filter but needs 2: the 4 channels of x over groups=2.",
    ),
    "one image without batch": (
        lambda: L.conv2d(X[0], W),
        "x must have shape (N, C_in, H, W), got (4, 6, 6).",
    ),
    "flat weight": (
        lambda: L.conv2d(X, W[0]),
        "weight must have shape (C_out, C_in / groups, k_h, k_w), got (4, 3, 3).",
    ),
    "bias length": (
        lambda: L.conv2d(X, W, np.zeros(4)),
        "bias must have shape (8,), got (4,).",
    ),
    "gradient shape": (
        lambda: L.conv2d_backward(X, X, W),
        "grad_output must have shape (2, 8, 4, 4), got (2, 4, 6, 6).",
    ),
    "unknown method": (
        lambda: L.conv2d(X, W, method="im2cole"),
        "unknown convolution method 'im2cole'; did you mean 'im2col'? Known: fft, im2col, naive.",
    ),
    "pooling nothing but padding": (
        lambda: L.max_pool2d(X, 2, padding=2),
        "padding 2 is too much for a kernel of 2 with dilation 1 on 6 pixels: "
        "a window would see nothing but padding.",
    ),
    "pooling window too large": (
        lambda: L.avg_pool2d(X, 7),
        "kernel 7 with dilation 1 spans 7 pixels, more than the padded input has (6); "
        "use a smaller kernel or more padding.",
    ),
    "pooling kernel 0": (lambda: L.max_pool2d(X, 0), "kernel must be at least 1, got 0."),
    "pooling rank": (
        lambda: L.avg_pool2d(X[0], 2),
        "x must have shape (N, C, H, W), got (4, 6, 6).",
    ),
    "pooling gradient": (
        lambda: L.max_pool2d_backward(X, X, 2),
        "grad_output must have shape (2, 4, 3, 3), got (2, 4, 6, 6).",
    ),
    "activation gradient": (
        lambda: L.relu_backward(X, W),
        "grad_output must have shape (8, 4, 3, 3), got (2, 4, 6, 6).",
    ),
    "features": (
        lambda: L.linear(LOGITS, np.zeros((2, 4))),
        "x has 5 features but weight (out, in) expects 4.",
    ),
    "unflattened features": (
        lambda: L.linear(X, np.zeros((2, 4))),
        "x must have shape (N, in), got (2, 4, 6, 6).",
    ),
    "label too large": (
        lambda: L.cross_entropy(LOGITS, [0, 5, 1]),
        "labels must lie between 0 and 4 for 5 classes, got 5 at position 1.",
    ),
    "label negative": (
        lambda: L.cross_entropy_backward(LOGITS, [0, 1, -1]),
        "labels must lie between 0 and 4 for 5 classes, got -1 at position 2.",
    ),
    "labels too few": (
        lambda: L.cross_entropy(LOGITS, [0, 1]),
        "labels must be one per row of logits, at least one, got shape (2,) for logits (3, 5).",
    ),
    "no rows": (
        lambda: L.cross_entropy(LOGITS[:0], np.zeros(0, int)),
        "labels must be one per row of logits, at least one, got shape (0,) for logits (0, 5).",
    ),
    "size 0": (lambda: L.conv_output_size(0, 1), "size must be at least 1, got 0."),
    "parameters of no channel": (
        lambda: L.conv_parameters(0, 3, 3),
        "in_channels must be at least 1, got 0.",
    ),
}

TYPES = {
    "fractional stride": (
        lambda: L.conv2d(X, W, stride=2.5),
        "stride must be an integer, got 2.5 (float).",
    ),
    "boolean padding": (
        lambda: L.conv2d(X, W, padding=True),
        "padding must be an integer, got True (bool).",
    ),
    "padding in words": (
        lambda: L.conv2d(X, W, padding="same"),
        "padding must be an integer, got 'same' (str).",
    ),
    "fractional size": (
        lambda: L.conv_output_size(28.0, 5),
        "size must be an integer, got 28.0 (float).",
    ),
    "fractional units": (
        lambda: L.linear_parameters(10, 2.5),
        "out_features must be an integer, got 2.5 (float).",
    ),
    "integer image": (
        lambda: L.conv2d(X.astype(np.uint8), W),
        "x must be a float32 or float64 array, got uint8; convert it with .astype(np.float32).",
    ),
    "half precision": (
        lambda: L.max_pool2d(X.astype(np.float16), 2),
        "x must be a float32 or float64 array, got float16; convert it with .astype(np.float32).",
    ),
    "objects": (
        lambda: L.relu(np.array([1, None])),
        "x must be a float32 or float64 array, got object; convert it with .astype(np.float32).",
    ),
    "mixed precision": (
        lambda: L.conv2d(X, W.astype(np.float32)),
        "weight is float32 but must be float64 like the other arrays; "
        "convert it with .astype(np.float64).",
    ),
    "labels as floats": (
        lambda: L.cross_entropy(LOGITS, [0.0, 1.0, 2.0]),
        "labels must be integers, got float64.",
    ),
    "labels as booleans": (
        lambda: L.cross_entropy(LOGITS, [True, False, True]),
        "labels must be integers, got bool.",
    ),
    "layer that is a number": (
        lambda: L.receptive_field([3]),
        "a layer must be a Window or a tuple (kernel, stride, padding, dilation), got 3.",
    ),
    "layer with a fraction": (
        lambda: L.receptive_field([(3, 1.5)]),
        "stride must be an integer, got 1.5 (float).",
    ),
}


@pytest.mark.parametrize("mistake", VALUES)
def test_wrong_value(mistake):
    call, sentence = VALUES[mistake]
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        call()


@pytest.mark.parametrize("mistake", TYPES)
def test_wrong_type(mistake):
    call, sentence = TYPES[mistake]
    with pytest.raises(TypeError, match=f"^{re.escape(sentence)}$"):
        call()


def test_layers_import_numpy_and_nothing_else():
    code = (
        "import sys, numpy; before = set(sys.modules); import imagenet_course.layers;"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(*sorted(new - set(sys.stdlib_module_names)))"
    )
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["imagenet_course"]
