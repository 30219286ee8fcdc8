"""The residual networks for CIFAR-10 and their plain twins (He et al. 2015, section 4.2).

Depth 6n + 2: one convolution, three stages of n blocks with 16, 32 and 64 maps of 32, 16 and 8
pixels a side, global average pooling and one linear layer. Shortcuts have no weights (option A),
so a residual network and its plain twin have exactly the same number of parameters.
"""

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor, nn

from imagenet_course.layers.checks import check_integer
from imagenet_course.models.network import Network
from imagenet_course.models.registry import architecture
from imagenet_course.models.resnet import BasicBlock, conv3x3, initialize


class CifarResNet(Network):
    """(N, C, H, W) → logits (N, num_classes); ``width`` is how many maps the first stage has."""

    input_size = 32

    def __init__(
        self,
        depth: int,
        residual: bool,
        num_classes: int = 10,
        in_channels: int = 3,
        width: int = 16,
    ) -> None:
        super().__init__()
        check_integer("width", width, 1)
        blocks = (depth - 2) // 6
        self.conv1 = conv3x3(in_channels, width)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = stage(width, width, blocks, 1, residual)
        self.layer2 = stage(width, 2 * width, blocks, 2, residual)
        self.layer3 = stage(2 * width, 4 * width, blocks, 2, residual)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(4 * width, num_classes)
        self.apply(initialize)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(self.avgpool(x).flatten(1))


class ZeroPadShortcut(nn.Module):
    """Option A: every second pixel of every second row, and maps of zeros for the new channels."""

    def __init__(self, new_channels: int) -> None:
        super().__init__()
        self.new_channels = new_channels

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, self.new_channels))


def stage(
    in_channels: int, channels: int, depth: int, stride: int, residual: bool
) -> nn.Sequential:
    """``depth`` basic blocks, the first of which strides."""
    downsample = ZeroPadShortcut(channels - in_channels) if residual and stride == 2 else None
    first = BasicBlock(in_channels, channels, stride, downsample, residual)
    rest = [BasicBlock(channels, channels, residual=residual) for _ in range(depth - 1)]
    return nn.Sequential(first, *rest)


def enter(name: str, about: str, depth: int, residual: bool = True) -> Callable[..., Network]:
    return architecture(name, CifarResNet, about, depth=depth, residual=residual)


resnet20 = enter("resnet20", "ResNet-20 for CIFAR-10: 0.27 million parameters.", 20)
resnet32 = enter("resnet32", "ResNet-32 for CIFAR-10: 0.46 million parameters.", 32)
resnet44 = enter("resnet44", "ResNet-44 for CIFAR-10: 0.66 million parameters.", 44)
resnet56 = enter("resnet56", "ResNet-56 for CIFAR-10: 0.85 million parameters.", 56)
resnet110 = enter("resnet110", "ResNet-110 for CIFAR-10: 1.7 million parameters.", 110)
plain20 = enter("plain20", "ResNet-20 for CIFAR-10 without shortcuts.", 20, residual=False)
plain32 = enter("plain32", "ResNet-32 for CIFAR-10 without shortcuts.", 32, residual=False)
plain44 = enter("plain44", "ResNet-44 for CIFAR-10 without shortcuts.", 44, residual=False)
plain56 = enter("plain56", "ResNet-56 for CIFAR-10 without shortcuts.", 56, residual=False)
plain110 = enter("plain110", "ResNet-110 for CIFAR-10 without shortcuts.", 110, residual=False)
