"""Shape arithmetic: how large, how many parameters, how much work, how far a unit sees.

Everything here is exact integer arithmetic along one spatial axis (or per pair of axes) and needs
no array. Work is counted in multiply-adds: one multiply-add (MAC) is one multiplication and one
addition, that is, two floating-point operations (``FLOPS_PER_MAC``). Papers and tools differ in
what they print as "FLOPs"; the 4.1 GFLOPs often quoted for ResNet-50 are multiply-adds.
"""

from collections.abc import Iterable
from typing import NamedTuple

from imagenet_course.layers.checks import check_integer, check_pair

FLOPS_PER_MAC = 2


def conv_output_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Number of places where a kernel fits along an axis: ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1.

    A kernel of k taps, d pixels apart, spans d(k − 1) + 1 of the n + 2p pixels. It fits at the
    first of them, and once more for every s pixels that are left.
    """
    stride = check_integer("stride", stride, 1)
    return _pixels_left(size, kernel, padding, dilation) // stride + 1


def pool_output_size(
    size: int,
    kernel: int,
    stride: int | None = None,
    padding: int = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> int:
    """Number of pooling windows along an axis; the stride is the kernel unless given.

    The formula is that of ``conv_output_size``. With ``ceil_mode`` its division rounds up, so that
    a last window may overhang the end; as in PyTorch, not if it would start in the end's padding.
    """
    kernel = check_integer("kernel", kernel, 1)
    stride = kernel if stride is None else check_integer("stride", stride, 1)
    if not ceil_mode:
        return conv_output_size(size, kernel, stride, padding, dilation)
    left = _pixels_left(size, kernel, padding, dilation, overhang=stride - 1)
    last = -(-left // stride)  # ⌈left / stride⌉
    return last if last * stride >= size + padding else last + 1


def _pixels_left(size: int, kernel: int, padding: int, dilation: int, overhang: int = 0) -> int:
    """n + 2p − d(k − 1) − 1: the pixels to the right of a kernel at its first place."""
    size = check_integer("size", size, 1)
    kernel = check_integer("kernel", kernel, 1)
    padding = check_integer("padding", padding, 0)
    span = check_integer("dilation", dilation, 1) * (kernel - 1) + 1
    padded = size + 2 * padding
    if span > padded + overhang:
        raise ValueError(
            f"kernel {kernel} with dilation {dilation} spans {span} pixels, more than the padded "
            f"input has ({padded}); use a smaller kernel or more padding."
        )
    return padded - span


def conv_parameters(
    in_channels: int,
    out_channels: int,
    kernel: int | tuple[int, int],
    groups: int = 1,
    bias: bool = True,
) -> int:
    """Parameters of a convolution: C_out · (C_in / groups) · k_h · k_w weights and C_out biases."""
    in_channels, out_channels, groups = check_groups(in_channels, out_channels, groups)
    height, width = check_pair("kernel", kernel, 1)
    return out_channels * (in_channels // groups * height * width + bool(bias))


def linear_parameters(in_features: int, out_features: int, bias: bool = True) -> int:
    """Parameters of a fully connected layer: out · in weights and out biases."""
    in_features = check_integer("in_features", in_features, 1)
    return check_integer("out_features", out_features, 1) * (in_features + bool(bias))


def conv_macs(
    in_channels: int,
    out_channels: int,
    kernel: int | tuple[int, int],
    output_size: int | tuple[int, int],
    groups: int = 1,
) -> int:
    """Multiply-adds of a convolution for one image: every weight is used once per output pixel.

    ``output_size`` is (H_out, W_out). The bias, one addition per output, is not counted.
    """
    height, width = check_pair("output_size", output_size, 1)
    weights = conv_parameters(in_channels, out_channels, kernel, groups, bias=False)
    return weights * height * width


def linear_macs(in_features: int, out_features: int) -> int:
    """Multiply-adds of a fully connected layer for one example: every weight is used once."""
    return linear_parameters(in_features, out_features, bias=False)


def check_groups(in_channels: int, out_channels: int, groups: int) -> tuple[int, int, int]:
    """The three as ints; ``ValueError`` unless ``groups`` divides both numbers of channels."""
    groups = check_integer("groups", groups, 1)
    in_channels = check_integer("in_channels", in_channels, 1)
    out_channels = check_integer("out_channels", out_channels, 1)
    for name, channels in (("input", in_channels), ("output", out_channels)):
        if channels % groups:
            raise ValueError(
                f"groups must divide the number of {name} channels, "
                f"but {channels} is not a multiple of {groups}."
            )
    return in_channels, out_channels, groups


class Window(NamedTuple):
    """The window that a convolution or pooling layer slides along an axis."""

    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1


class ReceptiveField(NamedTuple):
    """What output unit i of a stack sees: ``size`` input pixels from start + i · jump onward.

    ``size`` counts the pixels from the first that matters to the last, ``jump`` is the distance
    between the fields of neighboring units (the product of the strides), and ``start`` is the
    first pixel that unit 0 sees; it is negative where the field begins in the padding.
    """

    size: int
    jump: int
    start: int


def receptive_field(stack: Iterable[Window | tuple[int, ...]]) -> ReceptiveField:
    """Receptive field, along one axis, of a stack of layers listed from the input upward.

    A layer is a ``Window`` or a tuple in its order: (kernel, stride, padding, dilation), of which
    all but the kernel have defaults. A neighbor in a layer's input lies ``jump`` pixels away in
    the image, so the layer widens the field by d(k − 1) · jump pixels and shifts its start by
    p · jump. An element-wise layer changes nothing and is left out.

    Source: Araujo, Norris & Sim, "Computing Receptive Fields of Convolutional Neural Networks",
    Distill, 2019, doi:10.23915/distill.00021 (with dilation: a kernel spans d(k − 1) + 1 pixels).
    """
    size, jump, start = 1, 1, 0
    for layer in stack:
        kernel, stride, padding, dilation = _check_window(layer)
        size += dilation * (kernel - 1) * jump
        start -= padding * jump
        jump *= stride
    return ReceptiveField(size, jump, start)


def _check_window(layer: Window | tuple[int, ...]) -> Window:
    try:
        window = Window(*layer)
    except TypeError:
        raise TypeError(
            f"a layer must be a Window or a tuple (kernel, stride, padding, dilation), "
            f"got {layer!r}."
        ) from None
    minima = Window(kernel=1, stride=1, padding=0, dilation=1)
    return Window(*map(check_integer, Window._fields, window, minima))
