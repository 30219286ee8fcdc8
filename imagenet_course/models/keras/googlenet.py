"""GoogLeNet in Keras; its story and dimensions are in ``models/googlenet.py``.

A Keras model has the same outputs in training and evaluation, so that the auxiliary heads, where
there are any, always answer: [logits, aux_logits2, aux_logits1], the order of GoogLeNetOutputs.
"""

from keras import KerasTensor, layers

from imagenet_course.models.keras.bridge import (
    AdaptiveAveragePooling,
    batch_norm,
    conv,
    global_avg_pool,
    linear,
    max_pool,
    relu,
)
from imagenet_course.models.keras.registry import mirror


@mirror()
def googlenet(
    inputs: KerasTensor,
    num_classes: int,
    aux_logits: bool = True,
    transform_input: bool = False,
    stem: str = "imagenet",
    dropout: float = 0.2,
    dropout_aux: float = 0.7,
) -> KerasTensor | list[KerasTensor]:
    """(N, H, W, C) → logits (N, num_classes), or the logits of all three heads."""
    x = to_signed_range(inputs) if transform_input else inputs
    if stem == "imagenet":
        x = conv_norm_relu(x, 64, 7, stride=2, padding=3, name="conv1")
        x = max_pool(x, 3, 2, ceil_mode=True)
    else:
        x = conv_norm_relu(x, 64, 3, padding=1, name="conv1")
    x = conv_norm_relu(x, 64, 1, name="conv2")
    x = conv_norm_relu(x, 192, 3, padding=1, name="conv3")
    x = max_pool(x, 3, 2, ceil_mode=True)

    x = inception(x, 64, (96, 128), (16, 32), 32, name="inception3a")
    x = inception(x, 128, (128, 192), (32, 96), 64, name="inception3b")
    x = max_pool(x, 3, 2, ceil_mode=True)

    x = at_aux1 = inception(x, 192, (96, 208), (16, 48), 64, name="inception4a")
    x = inception(x, 160, (112, 224), (24, 64), 64, name="inception4b")
    x = inception(x, 128, (128, 256), (24, 64), 64, name="inception4c")
    x = at_aux2 = inception(x, 112, (144, 288), (32, 64), 64, name="inception4d")
    x = inception(x, 256, (160, 320), (32, 128), 128, name="inception4e")
    x = max_pool(x, 2, 2, ceil_mode=True)

    x = inception(x, 256, (160, 320), (32, 128), 128, name="inception5a")
    x = inception(x, 384, (192, 384), (48, 128), 128, name="inception5b")
    x = layers.Dropout(dropout)(global_avg_pool(x))
    logits = linear(x, num_classes, name="fc")
    if not aux_logits:
        return logits
    aux2 = auxiliary_head(at_aux2, num_classes, dropout_aux, name="aux2")
    aux1 = auxiliary_head(at_aux1, num_classes, dropout_aux, name="aux1")
    return [logits, aux2, aux1]


def inception(
    x: KerasTensor,
    maps_1x1: int,
    reduce_3x3: tuple[int, int],
    reduce_5x5: tuple[int, int],
    maps_pool: int,
    *,
    name: str,
) -> KerasTensor:
    """Four branches side by side."""
    branch1 = conv_norm_relu(x, maps_1x1, 1, name=f"{name}.branch1")
    branch2 = conv_norm_relu(x, reduce_3x3[0], 1, name=f"{name}.branch2.0")
    branch2 = conv_norm_relu(branch2, reduce_3x3[1], 3, padding=1, name=f"{name}.branch2.1")
    branch3 = conv_norm_relu(x, reduce_5x5[0], 1, name=f"{name}.branch3.0")
    branch3 = conv_norm_relu(branch3, reduce_5x5[1], 3, padding=1, name=f"{name}.branch3.1")
    branch4 = max_pool(x, 3, 1, padding=1, ceil_mode=True)
    branch4 = conv_norm_relu(branch4, maps_pool, 1, name=f"{name}.branch4.1")
    return layers.Concatenate(name=name)([branch1, branch2, branch3, branch4])


def auxiliary_head(x: KerasTensor, num_classes: int, dropout: float, *, name: str) -> KerasTensor:
    """A small classifier on inner maps."""
    x = conv_norm_relu(AdaptiveAveragePooling(4)(x), 128, 1, name=f"{name}.conv")
    x = relu(linear(layers.Flatten()(x), 1024, name=f"{name}.fc1"))
    return linear(layers.Dropout(dropout)(x), num_classes, name=f"{name}.fc2")


def conv_norm_relu(
    x: KerasTensor, filters: int, kernel_size: int, *, name: str, stride: int = 1, padding: int = 0
) -> KerasTensor:
    """Convolution, batch normalization, ReLU."""
    x = conv(
        x, filters, kernel_size, stride=stride, padding=padding, bias=False, name=f"{name}.conv"
    )
    return relu(batch_norm(x, name=f"{name}.bn", eps=0.001))


def to_signed_range(x: KerasTensor) -> KerasTensor:
    """From normalized by ImageNet's mean and deviation to −1 … 1: (x · std + mean − 0.5) / 0.5."""
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    return layers.Rescaling([2 * s for s in std], offset=[2 * m - 1 for m in mean])(x)
