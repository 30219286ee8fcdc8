"""Every network of the story, in plain PyTorch, one architecture per file.

``models.resnet18(num_classes=10)`` or ``models.create("resnet18", num_classes=10)`` builds one.
``models.keras`` mirrors them in Keras 3 and carries weights both ways.
"""

import imagenet_course.models.triton_first  # noqa: F401

# isort: off
# In the order of the story, which names() keeps.
from imagenet_course.models.lenet import LeNet5, lenet5
from imagenet_course.models.alexnet import AlexNet, AlexNet2012, alexnet, alexnet2012
from imagenet_course.models.vgg import (
    VGG,
    vgg11,
    vgg11_bn,
    vgg13,
    vgg13_bn,
    vgg16,
    vgg16_bn,
    vgg19,
    vgg19_bn,
)
from imagenet_course.models.googlenet import GoogLeNet, GoogLeNetOutputs, googlenet
from imagenet_course.models.resnet import (
    ResNet,
    plain18,
    plain34,
    resnet18,
    resnet34,
    resnet50,
    resnet101,
    resnet152,
)
from imagenet_course.models.cifar_resnet import (
    CifarResNet,
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
from imagenet_course.models.densenet import DenseNet, densenet121, densenet169, densenet201

# isort: on
from imagenet_course.models.network import Network, smallest_input
from imagenet_course.models.registry import create, names

__all__ = [
    "VGG",
    "AlexNet",
    "AlexNet2012",
    "CifarResNet",
    "DenseNet",
    "GoogLeNet",
    "GoogLeNetOutputs",
    "LeNet5",
    "Network",
    "ResNet",
    "alexnet",
    "alexnet2012",
    "create",
    "densenet121",
    "densenet169",
    "densenet201",
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
    "smallest_input",
    "vgg11",
    "vgg11_bn",
    "vgg13",
    "vgg13_bn",
    "vgg16",
    "vgg16_bn",
    "vgg19",
    "vgg19_bn",
]
