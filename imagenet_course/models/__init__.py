"""Every network of the story, in plain PyTorch, one architecture per file.

Build one with ``models.resnet18(num_classes=10)`` or ``models.create("resnet18", num_classes=10)``;
``names()`` lists them. ``weights="imagenet"`` loads what torchvision publishes, and ``load`` what
``save`` wrote. Look inside with ``summary`` and ``features``; fit one to another task with
``replace_head``, ``freeze`` and ``unfreeze``; take it elsewhere with ``export_onnx``. The package
``models.keras`` mirrors all of them in Keras 3 and carries weights both ways.
"""

import imagenet_course.models.triton_first  # noqa: F401

# isort: off
# In the order of the story, which names() keeps.
from imagenet_course.models.lenet import LeNet5, lenet5
from imagenet_course.models.alexnet2012 import AlexNet2012, alexnet2012
from imagenet_course.models.alexnet import AlexNet, alexnet
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
from imagenet_course.models.pocket_resnet import PocketResNet, pocket_resnet
from imagenet_course.models.sprint_net import SprintNet, sprint_net
from imagenet_course.models.densenet import DenseNet, densenet121, densenet169, densenet201

# isort: on
from imagenet_course.models.export import export_onnx, export_program, save_program
from imagenet_course.models.feature_extraction import features
from imagenet_course.models.network import Network, smallest_input
from imagenet_course.models.preprocess import Preprocessing
from imagenet_course.models.registry import create, names
from imagenet_course.models.summary_table import Row, Summary, summary
from imagenet_course.models.surgery import freeze, replace_head, unfreeze
from imagenet_course.models.weights import load, load_weights, save, shipped


def preprocessing(name: str, version: str = "imagenet") -> Preprocessing:
    """What the published weights of the network ``name`` want done to an image; no download."""
    from imagenet_course.models import pretrained  # imports torchvision, which takes seconds

    return pretrained.preprocessing(name, version)


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
    "PocketResNet",
    "Preprocessing",
    "ResNet",
    "Row",
    "SprintNet",
    "Summary",
    "alexnet",
    "alexnet2012",
    "create",
    "densenet121",
    "densenet169",
    "densenet201",
    "export_onnx",
    "export_program",
    "features",
    "freeze",
    "googlenet",
    "lenet5",
    "load",
    "load_weights",
    "names",
    "plain18",
    "plain20",
    "plain32",
    "plain34",
    "plain44",
    "plain56",
    "plain110",
    "pocket_resnet",
    "preprocessing",
    "replace_head",
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
    "save",
    "save_program",
    "shipped",
    "smallest_input",
    "sprint_net",
    "summary",
    "unfreeze",
    "vgg11",
    "vgg11_bn",
    "vgg13",
    "vgg13_bn",
    "vgg16",
    "vgg16_bn",
    "vgg19",
    "vgg19_bn",
]
