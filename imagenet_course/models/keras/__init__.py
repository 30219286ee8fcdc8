"""The networks of :mod:`imagenet_course.models` in Keras 3, with weights carried both ways.

``to_keras(models.lenet5())`` gives the same network with the same weights, and ``from_keras``
brings it back; ``create("lenet5", num_classes=10)`` builds a new one. Images are (N, H, W, C).
``bridge`` says how the frameworks differ.
"""

# isort: off
# In the order of the story, which names() keeps.
from imagenet_course.models.keras.lenet import lenet5
from imagenet_course.models.keras.alexnet import alexnet, alexnet2012
from imagenet_course.models.keras.vgg import (
    vgg11,
    vgg11_bn,
    vgg13,
    vgg13_bn,
    vgg16,
    vgg16_bn,
    vgg19,
    vgg19_bn,
)
from imagenet_course.models.keras.googlenet import googlenet
from imagenet_course.models.keras.resnet import (
    plain18,
    plain34,
    resnet18,
    resnet34,
    resnet50,
    resnet101,
    resnet152,
)
from imagenet_course.models.keras.cifar_resnet import (
    plain20,
    plain32,
    plain44,
    plain56,
    plain110,
    resnet20,
    resnet32,
    resnet44,
    resnet56,
    resnet110,
)
from imagenet_course.models.keras.pocket_resnet import pocket_resnet
from imagenet_course.models.keras.sprint_net import sprint_net
from imagenet_course.models.keras.densenet import densenet121, densenet169, densenet201

# isort: on
from imagenet_course.models.keras.registry import backbone, create, from_keras, names, to_keras

__all__ = [
    "alexnet",
    "alexnet2012",
    "backbone",
    "create",
    "densenet121",
    "densenet169",
    "densenet201",
    "from_keras",
    "googlenet",
    "lenet5",
    "names",
    "plain18",
    "plain20",
    "plain32",
    "plain34",
    "plain44",
    "plain56",
    "plain110",
    "pocket_resnet",
    "resnet18",
    "resnet20",
    "resnet32",
    "resnet34",
    "resnet44",
    "resnet50",
    "resnet56",
    "resnet101",
    "resnet110",
    "resnet152",
    "sprint_net",
    "to_keras",
    "vgg11",
    "vgg11_bn",
    "vgg13",
    "vgg13_bn",
    "vgg16",
    "vgg16_bn",
    "vgg19",
    "vgg19_bn",
]
