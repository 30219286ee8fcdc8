"""ResNet in Keras; its story and dimensions are in ``models/resnet.py``."""

from keras import KerasTensor, layers

from imagenet_course.models.keras.bridge import (
    batch_norm,
    conv,
    global_avg_pool,
    linear,
    max_pool,
    relu,
)
from imagenet_course.models.keras.registry import mirror


def resnet(
    inputs: KerasTensor,
    bottleneck: bool,
    depths: tuple[int, int, int, int],
    num_classes: int,
    width: int = 64,
    stem: str = "imagenet",
    residual: bool = True,
    zero_init_residual: bool = False,  # the weights arrive initialized
) -> KerasTensor:
    """(N, H, W, C) → logits (N, num_classes)."""
    x = relu(batch_norm(stem_convolution(inputs, stem, width), name="bn1"))
    if stem != "small":
        x = max_pool(x, 3, 2, padding=1)
    block = bottleneck_block if bottleneck else basic_block
    for i, depth in enumerate(depths):
        for j in range(depth):
            stride = 2 if i > 0 and j == 0 else 1
            x = block(x, width * 2**i, stride, residual, name=f"layer{i + 1}.{j}")
    return linear(global_avg_pool(x), num_classes, name="fc")


def basic_block(
    x: KerasTensor, channels: int, stride: int, residual: bool, *, name: str
) -> KerasTensor:
    """Two 3×3 convolutions, and the shortcut around them."""
    out = conv3x3(x, channels, stride, name=f"{name}.conv1")
    out = relu(batch_norm(out, name=f"{name}.bn1"))
    out = conv3x3(out, channels, name=f"{name}.conv2")
    out = batch_norm(out, name=f"{name}.bn2")
    if residual:
        out = layers.Add()([out, shortcut(x, channels, stride, name=name)])
    return relu(out)


def bottleneck_block(
    x: KerasTensor, channels: int, stride: int, residual: bool, *, name: str
) -> KerasTensor:
    """1×1 to fewer maps, 3×3, 1×1 back to four times as many; shortcut."""
    out = conv(x, channels, 1, bias=False, name=f"{name}.conv1")
    out = relu(batch_norm(out, name=f"{name}.bn1"))
    out = conv3x3(out, channels, stride, name=f"{name}.conv2")
    out = relu(batch_norm(out, name=f"{name}.bn2"))
    out = conv(out, 4 * channels, 1, bias=False, name=f"{name}.conv3")
    out = batch_norm(out, name=f"{name}.bn3")
    if residual:
        out = layers.Add()([out, shortcut(x, 4 * channels, stride, name=name)])
    return relu(out)


def shortcut(x: KerasTensor, channels: int, stride: int, *, name: str) -> KerasTensor:
    """The input itself, or its projection where the shape changes (option B of the paper)."""
    if stride == 1 and x.shape[-1] == channels:
        return x
    x = conv(x, channels, 1, stride=stride, bias=False, name=f"{name}.downsample.0")
    return batch_norm(x, name=f"{name}.downsample.1")


def stem_convolution(x: KerasTensor, stem: str, width: int) -> KerasTensor:
    """What comes before the first batch normalization."""
    if stem == "imagenet":
        return conv(x, width, 7, stride=2, padding=3, bias=False, name="conv1")
    if stem == "small":
        return conv3x3(x, width, name="conv1")
    half = max(1, width // 2)
    x = relu(batch_norm(conv3x3(x, half, 2, name="conv1.0"), name="conv1.1"))
    x = relu(batch_norm(conv3x3(x, half, name="conv1.3"), name="conv1.4"))
    return conv3x3(x, width, name="conv1.6")


def conv3x3(x: KerasTensor, channels: int, stride: int = 1, *, name: str) -> KerasTensor:
    return conv(x, channels, 3, stride=stride, padding=1, bias=False, name=name)


@mirror()
def resnet18(inputs: KerasTensor, num_classes: int, **options: object) -> KerasTensor:
    """ResNet-18."""
    return resnet(inputs, False, (2, 2, 2, 2), num_classes, **options)


@mirror()
def resnet34(inputs: KerasTensor, num_classes: int, **options: object) -> KerasTensor:
    """ResNet-34."""
    return resnet(inputs, False, (3, 4, 6, 3), num_classes, **options)


@mirror()
def resnet50(inputs: KerasTensor, num_classes: int, **options: object) -> KerasTensor:
    """ResNet-50."""
    return resnet(inputs, True, (3, 4, 6, 3), num_classes, **options)


@mirror()
def resnet101(inputs: KerasTensor, num_classes: int, **options: object) -> KerasTensor:
    """ResNet-101."""
    return resnet(inputs, True, (3, 4, 23, 3), num_classes, **options)


@mirror()
def resnet152(inputs: KerasTensor, num_classes: int, **options: object) -> KerasTensor:
    """ResNet-152."""
    return resnet(inputs, True, (3, 8, 36, 3), num_classes, **options)


@mirror()
def plain18(inputs: KerasTensor, num_classes: int, **options: object) -> KerasTensor:
    """ResNet-18 without its shortcuts."""
    return resnet(inputs, False, (2, 2, 2, 2), num_classes, residual=False, **options)


@mirror()
def plain34(inputs: KerasTensor, num_classes: int, **options: object) -> KerasTensor:
    """ResNet-34 without its shortcuts."""
    return resnet(inputs, False, (3, 4, 6, 3), num_classes, residual=False, **options)
