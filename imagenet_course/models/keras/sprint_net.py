"""The sprint network in Keras; its story and dimensions are in ``models/sprint_net.py``."""

from keras import KerasTensor, layers

from imagenet_course.models.keras.bridge import batch_norm, conv, gelu, linear, max_pool
from imagenet_course.models.keras.registry import mirror
from imagenet_course.models.keras.resnet import conv3x3
from imagenet_course.models.sprint_net import LOGIT_SCALE


@mirror(input_size=32)
def sprint_net(inputs: KerasTensor, num_classes: int, width: int = 64) -> KerasTensor:
    """(N, H, W, C) → logits (N, num_classes)."""
    x = conv(inputs, 4 * inputs.shape[-1], 2, bias=False, frozen=True, name="conv1")
    x = batch_norm(x, affine=False, name="bn1")
    for i, channels in enumerate((width, 4 * width, 4 * width), 1):
        x = max_pool(conv3x3(x, channels, name=f"group{i}.conv1"), 3, 2)
        shortcut = gelu(batch_norm(x, name=f"group{i}.bn1"))
        x = conv3x3(shortcut, channels, name=f"group{i}.conv2")
        x = gelu(batch_norm(x, name=f"group{i}.bn2"))
    x = batch_norm(conv3x3(x, channels, name="group3.conv3"), name="group3.bn3")
    x = gelu(layers.Add()([x, shortcut]))
    x = layers.GlobalMaxPooling2D(name="maxpool")(x)
    return layers.Rescaling(LOGIT_SCALE)(linear(x, num_classes, name="fc"))
