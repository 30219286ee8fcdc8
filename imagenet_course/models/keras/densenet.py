"""DenseNet in Keras; its story and dimensions are in ``models/densenet.py``."""

from keras import KerasTensor, layers

from imagenet_course.models.keras.bridge import (
    avg_pool,
    batch_norm,
    conv,
    global_avg_pool,
    linear,
    max_pool,
    relu,
)
from imagenet_course.models.keras.registry import mirror


def densenet(
    inputs: KerasTensor,
    depths: tuple[int, int, int, int],
    num_classes: int,
    growth_rate: int = 32,
    stem: str = "imagenet",
) -> KerasTensor:
    """(N, H, W, C) → logits (N, num_classes)."""
    if stem == "imagenet":
        x = conv(inputs, 2 * growth_rate, 7, stride=2, padding=3, bias=False, name="features.conv0")
        x = relu(batch_norm(x, name="features.norm0"))
        x = max_pool(x, 3, 2, padding=1)
    else:
        x = conv(inputs, 2 * growth_rate, 3, padding=1, bias=False, name="features.conv0")
    for i, depth in enumerate(depths, start=1):
        for j in range(1, depth + 1):
            x = dense_layer(x, growth_rate, name=f"features.denseblock{i}.denselayer{j}")
        if i < len(depths):
            x = transition(x, name=f"features.transition{i}")
    x = relu(batch_norm(x, name="features.norm5"))
    return linear(global_avg_pool(x), num_classes, name="classifier")


def dense_layer(x: KerasTensor, growth_rate: int, *, name: str) -> KerasTensor:
    """The input with ``growth_rate`` maps stacked on."""
    new = relu(batch_norm(x, name=f"{name}.norm1"))
    new = conv(new, 4 * growth_rate, 1, bias=False, name=f"{name}.conv1")
    new = relu(batch_norm(new, name=f"{name}.norm2"))
    new = conv(new, growth_rate, 3, padding=1, bias=False, name=f"{name}.conv2")
    return layers.Concatenate()([x, new])


def transition(x: KerasTensor, *, name: str) -> KerasTensor:
    """Half the maps, half the side."""
    channels = x.shape[-1] // 2
    x = relu(batch_norm(x, name=f"{name}.norm"))
    return avg_pool(conv(x, channels, 1, bias=False, name=f"{name}.conv"), 2, 2)


@mirror()
def densenet121(inputs: KerasTensor, num_classes: int, **options: object) -> KerasTensor:
    """DenseNet-121."""
    return densenet(inputs, (6, 12, 24, 16), num_classes, **options)


@mirror()
def densenet169(inputs: KerasTensor, num_classes: int, **options: object) -> KerasTensor:
    """DenseNet-169."""
    return densenet(inputs, (6, 12, 32, 32), num_classes, **options)


@mirror()
def densenet201(inputs: KerasTensor, num_classes: int, **options: object) -> KerasTensor:
    """DenseNet-201."""
    return densenet(inputs, (6, 12, 48, 32), num_classes, **options)
