"""AlexNet in Keras, both forms; their story and dimensions are in ``models/alexnet.py``."""

from keras import KerasTensor, layers

from imagenet_course.models.alexnet import STEMS
from imagenet_course.models.keras.bridge import (
    AdaptiveAveragePooling,
    LocalResponseNormalization,
    conv,
    linear,
    max_pool,
    relu,
)
from imagenet_course.models.keras.registry import mirror


@mirror()
def alexnet(
    inputs: KerasTensor,
    num_classes: int,
    width: int = 64,
    stem: str = "imagenet",
    dropout: float = 0.5,
) -> KerasTensor:
    """(N, H, W, C) → logits (N, num_classes): the single tower of 2014."""
    kernel, stride, padding, side = STEMS[stem]
    x = relu(conv(inputs, width, kernel, stride=stride, padding=padding, name="features.0"))
    x = max_pool(x, 3, 2)
    x = relu(conv(x, 3 * width, 5, padding=2, name="features.3"))
    x = max_pool(x, 3, 2)
    x = relu(conv(x, 6 * width, 3, padding=1, name="features.6"))
    x = relu(conv(x, 4 * width, 3, padding=1, name="features.8"))
    x = relu(conv(x, 4 * width, 3, padding=1, name="features.10"))
    x = max_pool(x, 3, 2)
    x = AdaptiveAveragePooling(side, name="avgpool")(x)
    return classifier(x, 64 * width, num_classes, dropout)


@mirror()
def alexnet2012(
    inputs: KerasTensor,
    num_classes: int,
    width: int = 96,
    stem: str = "imagenet",
    dropout: float = 0.5,
) -> KerasTensor:
    """(N, H, W, C) → logits (N, num_classes): the two towers of 2012."""
    kernel, stride, padding, side = STEMS[stem]
    w1, w2, w3 = width, width * 8 // 3, width * 4
    x = relu(conv(inputs, w1, kernel, stride=stride, padding=padding, name="features.0"))
    x = max_pool(LocalResponseNormalization()(x), 3, 2)
    x = relu(conv(x, w2, 5, padding=2, groups=2, name="features.4"))
    x = max_pool(LocalResponseNormalization()(x), 3, 2)
    x = relu(conv(x, w3, 3, padding=1, name="features.8"))
    x = relu(conv(x, w3, 3, padding=1, groups=2, name="features.10"))
    x = relu(conv(x, w2, 3, padding=1, groups=2, name="features.12"))
    x = max_pool(x, 3, 2)
    x = AdaptiveAveragePooling(side, name="avgpool")(x)
    return classifier(x, width * 128 // 3, num_classes, dropout)


def classifier(x: KerasTensor, hidden: int, num_classes: int, dropout: float) -> KerasTensor:
    """The three fully connected layers."""
    x = layers.Dropout(dropout)(layers.Flatten()(x))
    x = relu(linear(x, hidden, name="classifier.1"))
    x = layers.Dropout(dropout)(x)
    x = relu(linear(x, hidden, name="classifier.4"))
    return linear(x, num_classes, name="classifier.6")
