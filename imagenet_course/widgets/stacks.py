"""Stacks of layers as plain data, and the arithmetic of their sizes, costs and fields.

A layer is a dict with a ``kind`` and the whole numbers that `KINDS` lists for it:

- ``conv``: ``out`` kernels of ``kernel`` × ``kernel``; with ``norm``, batch normalization follows,
  which replaces the bias by two parameters for each channel;
- ``max`` and ``average``: pooling;
- ``block``: the residual block of ResNet-18, two normalized 3×3 convolutions beside a shortcut,
  which is a normalized 1×1 convolution where stride or channels change;
- ``global``: the mean over each whole map;
- ``linear``: fully connected, with bias; what comes before it is flattened.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from imagenet_course.errors import unknown_name
from imagenet_course.layers import (
    Window,
    conv_macs,
    conv_output_size,
    conv_parameters,
    linear_macs,
    linear_parameters,
    pool_output_size,
    receptive_field,
)
from imagenet_course.layers.checks import check_integer

# The settings of each kind of layer, and their limits; the same as in static/stack.js.
_WINDOW = {"kernel": (1, 15), "stride": (1, 8), "padding": (0, 8)}
KINDS: dict[str, dict[str, tuple[int, int]]] = {
    "conv": {"out": (1, 4096), **_WINDOW, "norm": (0, 1)},
    "max": _WINDOW,
    "average": _WINDOW,
    "block": {"out": (1, 4096), "stride": (1, 8)},
    "global": {},
    "linear": {"out": (1, 4096)},
}
LARGEST_STACK = 40


def _conv(out: int, kernel: int, stride: int = 1, padding: int = 0, norm: int = 0) -> dict:
    return {
        "kind": "conv",
        "out": out,
        "kernel": kernel,
        "stride": stride,
        "padding": padding,
        "norm": norm,
    }


def _pool(kind: str, kernel: int, stride: int, padding: int = 0) -> dict:
    return {"kind": kind, "kernel": kernel, "stride": stride, "padding": padding}


def _linear(*sizes: int) -> list[dict]:
    return [{"kind": "linear", "out": out} for out in sizes]


def _vgg(*stages: tuple[int, int]) -> list[dict]:
    return [
        layer
        for channels, depth in stages
        for layer in [*[_conv(channels, 3, 1, 1)] * depth, _pool("max", 2, 2)]
    ]


# The networks of `imagenet_course.models`, as (input side, input channels, layers).
NETWORKS: dict[str, tuple[int, int, list[dict]]] = {
    "LeNet-5": (
        32,
        1,
        [
            *[_conv(6, 5), _pool("average", 2, 2), _conv(16, 5), _pool("average", 2, 2)],
            *_linear(120, 84, 10),
        ],
    ),
    "AlexNet": (
        224,
        3,
        [
            *[_conv(64, 11, 4, 2), _pool("max", 3, 2), _conv(192, 5, 1, 2), _pool("max", 3, 2)],
            *[_conv(384, 3, 1, 1), _conv(256, 3, 1, 1), _conv(256, 3, 1, 1), _pool("max", 3, 2)],
            *_linear(4096, 4096, 1000),
        ],
    ),
    "VGG-16": (
        224,
        3,
        [
            *_vgg((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)),
            *_linear(4096, 4096, 1000),
        ],
    ),
    "ResNet-18": (
        224,
        3,
        [
            *[_conv(64, 7, 2, 3, norm=1), _pool("max", 3, 2, 1)],
            *[
                {"kind": "block", "out": out, "stride": stride}
                for out, first in [(64, 1), (128, 2), (256, 2), (512, 2)]
                for stride in (first, 1)
            ],
            {"kind": "global"},
            *_linear(1000),
        ],
    ),
}


@dataclass(frozen=True)
class Row:
    """What a layer makes of one image: (C, H, W) or (features,), its cost, and its unit's field.

    ``field`` and ``jump`` are those of `layers.ReceptiveField`, padding included.
    """

    shape: tuple[int, ...]
    parameters: int
    macs: int
    field: int
    jump: int


def check_layer(layer: Any) -> dict[str, Any]:
    """``layer`` with its settings as Python ints, in order; ``ValueError`` or ``TypeError``."""
    if not isinstance(layer, Mapping) or "kind" not in layer:
        raise TypeError(f"a layer must be a dict with a kind, got {layer!r}.")
    kind = layer["kind"]
    if kind not in KINDS:
        raise unknown_name("kind of layer", kind, KINDS)
    if set(layer) - {"kind"} != set(KINDS[kind]):
        wanted = ", ".join(KINDS[kind]) or "nothing more"
        raise ValueError(f"a layer of kind {kind!r} needs {wanted}, got {dict(layer)!r}.")
    checked = {"kind": kind}
    for name, (low, high) in KINDS[kind].items():
        checked[name] = check_integer(
            name, int(layer[name]) if name == "norm" else layer[name], low
        )
        if checked[name] > high:
            raise ValueError(f"{name} must be at most {high} in the calculator, got {layer[name]}.")
    return checked


def stack_rows(size: int, channels: int, layers: Iterable[Mapping[str, Any]]) -> list[Row]:
    """One row for each layer of a stack over a square image of ``size`` pixels a side.

    Raises ``ValueError`` that names the first layer that does not fit.
    """
    shape: tuple[int, ...] = (channels, size, size)
    windows: list[Window] = []
    rows = []
    for index, layer in enumerate(layers):
        try:
            shape, parameters, macs, seen = _apply(check_layer(layer), shape)
        except ValueError as impossible:
            raise ValueError(f"layer {index + 1}: {impossible}") from None
        windows += seen
        field = receptive_field(windows)
        rows.append(Row(shape, parameters, macs, field.size, field.jump))
    return rows


def _apply(layer: dict, shape: tuple[int, ...]) -> tuple[tuple[int, ...], int, int, list[Window]]:
    """The output shape, parameters, multiply-adds and windows of one layer over ``shape``."""
    kind = layer["kind"]
    if kind == "linear":
        features = shape[0] * (shape[1] * shape[2] if len(shape) == 3 else 1)
        seen = [Window(shape[1])] if len(shape) == 3 else []
        out = layer["out"]
        return (out,), linear_parameters(features, out), linear_macs(features, out), seen
    if len(shape) == 1:
        raise ValueError("it needs maps, but a linear layer came before; put it further up.")
    channels, size, _ = shape
    if kind == "conv":
        return _convolve(channels, size, Window(*(layer[n] for n in _WINDOW)), layer)
    if kind == "block":
        return _residual(channels, size, layer["out"], layer["stride"])
    if kind == "global":
        return (channels, 1, 1), 0, 0, [Window(size)]
    window = Window(*(layer[name] for name in _WINDOW))
    if window.padding >= window.kernel:
        raise ValueError(
            f"padding {window.padding} is too much for a window of {window.kernel}: "
            "some windows would see nothing but padding."
        )
    side = pool_output_size(size, *window)
    return (channels, side, side), 0, 0, [window]


def _convolve(channels: int, size: int, window: Window, layer: Mapping[str, int]):
    out, kernel = layer["out"], window.kernel
    side = conv_output_size(size, *window)
    parameters = conv_parameters(channels, out, kernel, bias=not layer["norm"])
    macs = conv_macs(channels, out, kernel, (side, side))
    return (out, side, side), parameters + 2 * out * layer["norm"], macs, [window]


def _residual(channels: int, size: int, out: int, stride: int):
    norm = {"out": out, "norm": 1}
    inner, *first = _convolve(channels, size, Window(3, stride, 1), norm)
    shape, *second = _convolve(out, inner[1], Window(3, 1, 1), norm)
    parameters, macs, windows = (a + b for a, b in zip(first, second, strict=True))
    if stride > 1 or channels != out:
        _, weights, work, _ = _convolve(channels, size, Window(1, stride), norm)
        parameters, macs = parameters + weights, macs + work
    return shape, parameters, macs, windows
