"""DenseNet (Huang, Liu, van der Maaten & Weinberger 2016): every layer sees all before it.

"Densely connected convolutional networks", CVPR 2017, table 1 (DenseNet-BC). Where ResNet adds,
DenseNet stacks: each layer contributes ``growth_rate`` new maps to what all later ones read.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from imagenet_course.errors import unknown_name
from imagenet_course.layers.checks import check_integer
from imagenet_course.models.network import Network
from imagenet_course.models.registry import architecture


class DenseNet(Network):
    """(N, C, H, W) → logits (N, num_classes).

    ``depths`` counts the layers of the four blocks; ``growth_rate`` is the k of the paper. The
    stem has 2k maps, the bottleneck of each layer 4k, and a transition halves the maps (θ = 0.5).
    ``stem="small"`` is one 3×3 convolution without stride and pooling, for images of 32 to 64
    pixels, as the paper has it for CIFAR.
    """

    heads = ("classifier",)

    def __init__(
        self,
        depths: tuple[int, int, int, int],
        num_classes: int = 1000,
        in_channels: int = 3,
        growth_rate: int = 32,
        stem: str = "imagenet",
    ) -> None:
        super().__init__()
        check_integer("growth_rate", growth_rate, 1)
        channels = 2 * growth_rate
        layers = stem_layers(stem, in_channels, channels)
        for i, depth in enumerate(depths, start=1):
            layers[f"denseblock{i}"] = dense_block(channels, depth, growth_rate)
            channels += depth * growth_rate
            if i < len(depths):
                layers[f"transition{i}"] = transition(channels)
                channels //= 2
        layers["norm5"] = nn.BatchNorm2d(channels)
        self.features = nn.Sequential(layers)
        self.relu = nn.ReLU(inplace=True)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(channels, num_classes)
        self.apply(initialize)

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.relu(self.features(x)))
        return self.classifier(x.flatten(1))


class DenseLayer(nn.Module):
    """(N, C, H, W) → (N, C + growth_rate, H, W): the input with ``growth_rate`` maps stacked on.

    Normalization and ReLU come before each convolution; the 1×1 is the bottleneck ("B").
    """

    def __init__(self, in_channels: int, growth_rate: int) -> None:
        super().__init__()
        bottleneck = 4 * growth_rate
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(in_channels, bottleneck, kernel_size=1, bias=False)
        self.norm2 = nn.BatchNorm2d(bottleneck)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(bottleneck, growth_rate, kernel_size=3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        new = self.conv1(self.relu1(self.norm1(x)))
        new = self.conv2(self.relu2(self.norm2(new)))
        return torch.cat([x, new], dim=1)


def dense_block(channels: int, depth: int, growth_rate: int) -> nn.Sequential:
    """``depth`` dense layers, each reading what all before it have written."""
    return nn.Sequential(
        OrderedDict(
            (f"denselayer{i + 1}", DenseLayer(channels + i * growth_rate, growth_rate))
            for i in range(depth)
        )
    )


def transition(channels: int) -> nn.Sequential:
    """Half the maps, half the side: 1×1 convolution and average pooling ("C" for compression)."""
    return nn.Sequential(
        OrderedDict(
            norm=nn.BatchNorm2d(channels),
            relu=nn.ReLU(inplace=True),
            conv=nn.Conv2d(channels, channels // 2, kernel_size=1, bias=False),
            pool=nn.AvgPool2d(kernel_size=2, stride=2),
        )
    )


def stem_layers(stem: str, in_channels: int, channels: int) -> "OrderedDict[str, nn.Module]":
    """What comes before the first block, by the names of torchvision."""
    if stem == "imagenet":
        return OrderedDict(
            conv0=nn.Conv2d(in_channels, channels, 7, stride=2, padding=3, bias=False),
            norm0=nn.BatchNorm2d(channels),
            relu0=nn.ReLU(inplace=True),
            pool0=nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        )
    if stem == "small":
        return OrderedDict(conv0=nn.Conv2d(in_channels, channels, 3, padding=1, bias=False))
    raise unknown_name("stem", stem, ("imagenet", "small"))


def initialize(module: nn.Module) -> None:
    """Convolutions normal with variance 2 / fan-in (He et al. 2015, as the paper cites); bias 0."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    elif isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)


densenet121 = architecture(
    "densenet121", DenseNet, "DenseNet-121: 7,978,856 parameters.", depths=(6, 12, 24, 16)
)
densenet169 = architecture(
    "densenet169", DenseNet, "DenseNet-169: 14,149,480 parameters.", depths=(6, 12, 32, 32)
)
densenet201 = architecture(
    "densenet201", DenseNet, "DenseNet-201: 20,013,928 parameters.", depths=(6, 12, 48, 32)
)
