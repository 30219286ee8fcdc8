"""LeNet-5 in Keras; the story and the differences from the paper are in ``models/lenet.py``."""

import keras

from imagenet_course.models.keras.bridge import conv, linear
from imagenet_course.models.keras.registry import mirror

POOLINGS = {"avg": keras.layers.AveragePooling2D, "max": keras.layers.MaxPooling2D}


@mirror(input_size=32)
def lenet5(
    inputs: keras.KerasTensor, num_classes: int, *, activation: str, pooling: str
) -> keras.KerasTensor:
    """(N, 32, 32, C) → logits (N, num_classes)."""

    def act(x: keras.KerasTensor) -> keras.KerasTensor:
        return keras.layers.Activation(activation)(x)

    pool = POOLINGS[pooling]
    x = pool(2, name="pool1")(act(conv(inputs, 6, 5, name="conv1")))
    x = pool(2, name="pool2")(act(conv(x, 16, 5, name="conv2")))
    x = keras.layers.Flatten(name="flatten")(x)
    x = act(linear(x, 120, name="fc1"))
    x = act(linear(x, 84, name="fc2"))
    return linear(x, num_classes, name="fc3")
