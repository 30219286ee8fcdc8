"""The residual networks for CIFAR-10 in Keras; their story is in ``models/cifar_resnet.py``."""

from collections.abc import Callable

from keras import KerasTensor, layers, ops

from imagenet_course.models.keras.bridge import batch_norm, global_avg_pool, linear, relu
from imagenet_course.models.keras.registry import mirror
from imagenet_course.models.keras.resnet import conv3x3


def cifar_resnet(
    inputs: KerasTensor, depth: int, num_classes: int, residual: bool, width: int = 16
) -> KerasTensor:
    """(N, H, W, C) → logits (N, num_classes)."""
    x = relu(batch_norm(conv3x3(inputs, width, name="conv1"), name="bn1"))
    for i in range(3):
        for j in range((depth - 2) // 6):
            stride = 2 if i > 0 and j == 0 else 1
            x = block(x, width * 2**i, stride, residual, name=f"layer{i + 1}.{j}")
    return linear(global_avg_pool(x), num_classes, name="fc")


def block(x: KerasTensor, channels: int, stride: int, residual: bool, *, name: str) -> KerasTensor:
    """Two 3×3 convolutions, and a shortcut without weights around them."""
    out = conv3x3(x, channels, stride, name=f"{name}.conv1")
    out = relu(batch_norm(out, name=f"{name}.bn1"))
    out = conv3x3(out, channels, name=f"{name}.conv2")
    out = batch_norm(out, name=f"{name}.bn2")
    if residual:
        out = layers.Add()([out, x if stride == 1 else zero_pad_shortcut(x, channels)])
    return relu(out)


def zero_pad_shortcut(x: KerasTensor, channels: int) -> KerasTensor:
    """Option A: every second pixel of every second row, and maps of zeros for the new channels."""
    x = layers.MaxPooling2D(pool_size=1, strides=2)(x)
    return ops.pad(x, ((0, 0), (0, 0), (0, 0), (0, channels - x.shape[-1])))


def enter(depth: int, residual: bool) -> Callable:
    """The mirror of ``resnet{depth}`` or ``plain{depth}``."""

    def build(inputs: KerasTensor, num_classes: int, **options: object) -> KerasTensor:
        return cifar_resnet(inputs, depth, num_classes, residual, **options)

    build.__name__ = f"{'resnet' if residual else 'plain'}{depth}"
    build.__doc__ = f"``models.{build.__name__}`` in Keras."
    return mirror(input_size=32)(build)


resnet20, resnet32, resnet44, resnet56, resnet110 = (
    enter(depth, residual=True) for depth in (20, 32, 44, 56, 110)
)
plain20, plain32, plain44, plain56, plain110 = (
    enter(depth, residual=False) for depth in (20, 32, 44, 56, 110)
)
