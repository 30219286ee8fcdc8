"""Between PyTorch and Keras: the one place that knows how the two frameworks differ.

A mirror in this package is a flat functional Keras model whose layers carry the names of the
PyTorch modules they mirror (``layer1.0.conv1``). Weights are carried across by those names. What
differs, and is settled here and nowhere else:

===================  ============================  ================================================
                     PyTorch                       Keras (TensorFlow)
===================  ============================  ================================================
images               (N, C, H, W)                  (N, H, W, C)
convolution kernel   (out, in/groups, kH, kW)      (kH, kW, in/groups, out)
dense kernel         (out, in)                     (in, out)
flatten              order C, H, W                 order H, W, C: the next kernel's inputs permute
padding              p on every side               "same" puts the odd pixel right and below, so a
                                                   stride of 2 samples other places: we pad
                                                   explicitly and convolve "valid"
max-pooling padding  with −∞                       with 0 here: equal, because every network of the
                                                   course that pads pools what a ReLU has made ≥ 0
batch norm           ε = 1e-5                      ε = 1e-3 unless told; we tell
                     momentum m = 0.1 weighs       momentum weighs the old statistics: we set
                     the new statistics            1 − m = 0.9 (Keras' default is 0.99)
                     moves the running variance    by the biased one (/ n): outputs are equal,
                     by the unbiased batch         the running variances drift apart a little
                     variance (/ (n − 1))
===================  ============================  ================================================
"""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import torch
from torch import nn

BATCH_NORM_MOMENTUM = 0.1  # PyTorch's meaning of the word
WITH_WEIGHTS = nn.Conv2d | nn.Linear | nn.BatchNorm2d


def conv(
    x: Any,
    filters: int,
    kernel_size: int,
    *,
    name: str,
    stride: int = 1,
    padding: int = 0,
    groups: int = 1,
    bias: bool = True,
    frozen: bool = False,
) -> Any:
    """``nn.Conv2d``: pad every side by ``padding``, then convolve without padding."""
    if padding:
        x = keras.layers.ZeroPadding2D(padding)(x)
    options = {"use_bias": bias, "trainable": not frozen, "name": name}
    return keras.layers.Conv2D(filters, kernel_size, strides=stride, groups=groups, **options)(x)


def batch_norm(x: Any, *, name: str, eps: float = 1e-5, affine: bool = True) -> Any:
    """``nn.BatchNorm2d`` over the last axis."""
    momentum = 1 - BATCH_NORM_MOMENTUM
    return keras.layers.BatchNormalization(
        momentum=momentum, epsilon=eps, scale=affine, center=affine, name=name
    )(x)


def linear(x: Any, units: int, *, name: str) -> Any:
    """``nn.Linear``."""
    return keras.layers.Dense(units, name=name)(x)


def relu(x: Any) -> Any:
    """``nn.ReLU``."""
    return keras.layers.ReLU()(x)


def gelu(x: Any) -> Any:
    """``nn.GELU``."""
    return keras.layers.Activation("gelu")(x)


def max_pool(
    x: Any, kernel_size: int, stride: int, padding: int = 0, *, ceil_mode: bool = False
) -> Any:
    """``nn.MaxPool2d``, of maps ≥ 0 where it pads; ``ceil_mode`` keeps the last, cut-off window."""
    height, width = x.shape[1:3]
    pad = [(padding, padding + overhang(n, kernel_size, stride, padding, ceil_mode))
           for n in (height, width)]  # fmt: skip
    if any(map(any, pad)):
        x = keras.layers.ZeroPadding2D(tuple(pad))(x)
    return keras.layers.MaxPooling2D(kernel_size, stride)(x)


def overhang(size: int, kernel_size: int, stride: int, padding: int, ceil_mode: bool) -> int:
    """How many pixels the last window reaches beyond the padded input; 0 unless ``ceil_mode``.

    A window that would start in the padding beyond the input is dropped, as PyTorch does.
    """
    steps = -(-(size + 2 * padding - kernel_size) // stride)
    if not ceil_mode or steps * stride >= size + padding:
        return 0
    return max(0, steps * stride + kernel_size - size - 2 * padding)


def avg_pool(x: Any, kernel_size: int, stride: int) -> Any:
    """``nn.AvgPool2d`` without padding."""
    return keras.layers.AveragePooling2D(kernel_size, stride)(x)


def global_avg_pool(x: Any, *, name: str = "avgpool") -> Any:
    """``nn.AdaptiveAvgPool2d(1)`` and flatten: (N, H, W, C) → (N, C)."""
    return keras.layers.GlobalAveragePooling2D(name=name)(x)


@keras.saving.register_keras_serializable("imagenet_course")
class AdaptiveAveragePooling(keras.layers.Layer):
    """``nn.AdaptiveAvgPool2d(size)``: (N, H, W, C) → (N, size, size, C).

    Output i averages the inputs from ⌊i·n/size⌋ to ⌈(i+1)·n/size⌉, written as one matrix for the
    rows and one for the columns, because windows of unequal width are no ordinary pooling.
    """

    def __init__(self, size: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = size

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.rows, self.columns = (self._averages(n) for n in input_shape[1:3])

    def _averages(self, n: int) -> np.ndarray:
        """The (size, n) matrix whose row i averages the window of output i."""
        i, j = np.arange(self.size)[:, None], np.arange(n)
        inside = (j >= i * n // self.size) & (j < -(-(i + 1) * n // self.size))
        return (inside / inside.sum(axis=1, keepdims=True)).astype(np.float32)

    def call(self, x: Any) -> Any:
        rows = keras.ops.cast(self.rows, x.dtype)
        columns = keras.ops.cast(self.columns, x.dtype)
        return keras.ops.einsum("ih,nhwc,jw->nijc", rows, x, columns)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], self.size, self.size, input_shape[3])

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"size": self.size}


@keras.saving.register_keras_serializable("imagenet_course")
class LocalResponseNormalization(keras.layers.Layer):
    """``nn.LocalResponseNorm`` with the constants of AlexNet: a / (2 + 10⁻⁴ Σ a²)^0.75.

    The sum runs over five neighboring maps (Krizhevsky et al. 2012, section 3.3). Squares of more
    than 255 leave the range of float16, so they are taken in float32.
    """

    def call(self, x: Any) -> Any:
        channels = x.shape[-1]
        wide = keras.ops.cast(x, "float32") if self.compute_dtype == "float16" else x
        squares = keras.ops.pad(wide * wide, ((0, 0), (0, 0), (0, 0), (2, 2)))
        total = sum(squares[..., i : i + channels] for i in range(5))
        return keras.ops.cast(wide * (2 + 1e-4 * total) ** -0.75, x.dtype)


def carry_to_keras(source: nn.Module, target: keras.Model, *, by_order: bool = False) -> None:
    """Copy the weights of ``source`` into the layers of ``target`` that bear their names.

    ``by_order`` pairs the first layer with the first and so on, whatever their names: for models
    from ``keras.applications``. Raises ValueError where two do not pair; nothing is copied then.
    """
    arrays = [
        (layer, [_to_keras(tensor.detach().float().cpu(), shape) for tensor in _tensors(module)])
        for layer, module, shape in _pairs(target, source, by_order)
    ]
    for layer, values in arrays:
        _check_shapes(layer.name, [v.shape for v in values], [w.shape for w in layer.weights])
    for layer, values in arrays:
        layer.set_weights(values)


def carry_from_keras(source: keras.Model, target: nn.Module, *, by_order: bool = False) -> None:
    """Copy the weights of ``source`` into the modules of ``target``; see :func:`carry_to_keras`."""
    tensors = [
        (layer, _tensors(module), [_from_keras(array, shape) for array in layer.get_weights()])
        for layer, module, shape in _pairs(source, target, by_order)
    ]
    for layer, old, new in tensors:
        _check_shapes(layer.name, [t.shape for t in new], [t.shape for t in old])
    with torch.no_grad():
        for _, old, new in tensors:
            for tensor, value in zip(old, new, strict=True):
                tensor.copy_(value)


def _check_shapes(name: str, given: list[Any], expected: list[Any]) -> None:
    given, expected = [[tuple(shape) for shape in shapes] for shapes in (given, expected)]
    if given != expected:
        raise ValueError(
            f"the weights {given} do not fit the layer {name!r}, which takes {expected}; "
            "build both networks with the same options."
        )


def _pairs(
    mirror: keras.Model, model: nn.Module, by_order: bool
) -> Iterator[tuple[keras.layers.Layer, nn.Module, tuple[int, ...] | None]]:
    """Each Keras layer with weights, its module, and the (H, W, C) that it sees flattened."""
    modules = dict(model.named_modules())
    in_order = iter(m for m in modules.values() if isinstance(m, WITH_WEIGHTS))
    sources = {id(layer.output): layer for layer in mirror.layers}
    for layer in mirror.layers:  # in topological order
        if not layer.weights:
            continue
        module = next(in_order, None) if by_order else modules.get(layer.name)
        if not isinstance(module, WITH_WEIGHTS):
            raise ValueError(
                f"the Keras layer {layer.name!r} has no counterpart in {type(model).__name__}; "
                "build both networks by the same name and options."
            )
        yield layer, module, _flattened(layer, sources)


def _flattened(
    layer: keras.layers.Layer, sources: dict[int, keras.layers.Layer]
) -> tuple[int, ...] | None:
    """The (H, W, C) of the maps that a dense layer sees flattened; None where it sees none."""
    if not isinstance(layer, keras.layers.Dense):
        return None
    source = sources[id(layer.input)]
    while isinstance(source, keras.layers.Dropout):
        source = sources[id(source.input)]
    return source.input.shape[1:] if isinstance(source, keras.layers.Flatten) else None


def _tensors(module: nn.Module) -> list[torch.Tensor]:
    """The tensors of ``module`` in the order of Keras' ``get_weights``."""
    if isinstance(module, nn.BatchNorm2d):
        tensors = [module.weight, module.bias, module.running_mean, module.running_var]
        return [tensor for tensor in tensors if tensor is not None]
    return [module.weight] if module.bias is None else [module.weight, module.bias]


def _to_keras(tensor: torch.Tensor, flattened: tuple[int, ...] | None) -> np.ndarray:
    """A PyTorch tensor in Keras' layout."""
    if tensor.ndim == 4:
        return tensor.permute(2, 3, 1, 0).numpy()
    if tensor.ndim == 2 and flattened is not None:
        height, width, channels = flattened
        tensor = tensor.reshape(-1, channels, height, width).permute(0, 2, 3, 1).flatten(1)
    return tensor.T.numpy() if tensor.ndim == 2 else tensor.numpy()


def _from_keras(array: np.ndarray, flattened: tuple[int, ...] | None) -> torch.Tensor:
    """A Keras array in PyTorch's layout; the inverse of :func:`_to_keras`."""
    tensor = torch.from_numpy(np.asarray(array))
    if tensor.ndim == 4:
        return tensor.permute(3, 2, 0, 1)
    if tensor.ndim == 2 and flattened is not None:
        return tensor.T.unflatten(1, flattened).permute(0, 3, 1, 2).flatten(1)
    return tensor.T if tensor.ndim == 2 else tensor
