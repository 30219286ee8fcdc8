"""VGG in Keras; its story and dimensions are in ``models/vgg.py``."""

from keras import KerasTensor, layers

from imagenet_course.models.keras.bridge import (
    AdaptiveAveragePooling,
    batch_norm,
    conv,
    linear,
    max_pool,
    relu,
)
from imagenet_course.models.keras.registry import mirror
from imagenet_course.models.vgg import DEPTHS


def vgg(
    inputs: KerasTensor,
    depth: int,
    num_classes: int,
    with_norm: bool,
    width: int = 64,
    hidden: int = 4096,
    pool: int = 7,
    dropout: float = 0.5,
) -> KerasTensor:
    """(N, H, W, C) → logits (N, num_classes)."""
    x, index = inputs, 0  # the index that the layer has in PyTorch's nn.Sequential
    for stage, convolutions in enumerate(DEPTHS[depth]):
        for _ in range(convolutions):
            maps = width * min(2**stage, 8)
            x = conv(x, maps, 3, padding=1, name=f"features.{index}")
            if with_norm:
                x = batch_norm(x, name=f"features.{index + 1}")
            x = relu(x)
            index += 3 if with_norm else 2
        x = max_pool(x, 2, 2)
        index += 1
    x = AdaptiveAveragePooling(pool, name="avgpool")(x)
    x = relu(linear(layers.Flatten()(x), hidden, name="classifier.0"))
    x = layers.Dropout(dropout)(x)
    x = relu(linear(x, hidden, name="classifier.3"))
    x = layers.Dropout(dropout)(x)
    return linear(x, num_classes, name="classifier.6")


@mirror()
def vgg11(inputs: KerasTensor, num_classes: int, **options: object) -> KerasTensor:
    """VGG-11, configuration A."""
    return vgg(inputs, 11, num_classes, with_norm=False, **options)


@mirror()
def vgg13(inputs: KerasTensor, num_classes: int, **options: object) -> KerasTensor:
    """VGG-13, configuration B."""
    return vgg(inputs, 13, num_classes, with_norm=False, **options)


@mirror()
def vgg16(inputs: KerasTensor, num_classes: int, **options: object) -> KerasTensor:
    """VGG-16, configuration D."""
    return vgg(inputs, 16, num_classes, with_norm=False, **options)


@mirror()
def vgg19(inputs: KerasTensor, num_classes: int, **options: object) -> KerasTensor:
    """VGG-19, configuration E."""
    return vgg(inputs, 19, num_classes, with_norm=False, **options)


@mirror()
def vgg11_bn(inputs: KerasTensor, num_classes: int, **options: object) -> KerasTensor:
    """VGG-11 with batch normalization."""
    return vgg(inputs, 11, num_classes, with_norm=True, **options)


@mirror()
def vgg13_bn(inputs: KerasTensor, num_classes: int, **options: object) -> KerasTensor:
    """VGG-13 with batch normalization."""
    return vgg(inputs, 13, num_classes, with_norm=True, **options)


@mirror()
def vgg16_bn(inputs: KerasTensor, num_classes: int, **options: object) -> KerasTensor:
    """VGG-16 with batch normalization."""
    return vgg(inputs, 16, num_classes, with_norm=True, **options)


@mirror()
def vgg19_bn(inputs: KerasTensor, num_classes: int, **options: object) -> KerasTensor:
    """VGG-19 with batch normalization."""
    return vgg(inputs, 19, num_classes, with_norm=True, **options)
