"""ResNet (He, Zhang, Ren & Sun 2015): layers that learn what to add to their input.

"Deep residual learning for image recognition", CVPR 2016, table 1. As in torchvision, the stride
of a bottleneck sits on its 3×3 convolution, not on the first 1×1 as in the paper (the variant
known as v1.5). ``plain18`` and ``plain34`` are the paper's twins without shortcuts. The residual
networks for CIFAR-10 are in ``cifar_resnet.py``.
"""

from collections.abc import Callable

from torch import Tensor, nn

from imagenet_course.errors import unknown_name
from imagenet_course.layers.checks import check_integer
from imagenet_course.models.network import Network
from imagenet_course.models.registry import architecture

STEMS = ("imagenet", "small", "deep")


class ResNet(Network):
    """(N, C, H, W) → logits (N, num_classes).

    ``depths`` counts the blocks of the four stages. ``width`` is the number of maps of the first
    stage; each later stage doubles it. ``stem`` is "imagenet" (7×7, stride 2, pooling), "small"
    (one 3×3, neither stride nor pooling: for images of 32 to 64 pixels) or "deep" (three 3×3
    before the pooling: He, T. et al. 2019, "Bag of tricks", figure 2b). ``zero_init_residual``
    starts every block as the identity (Goyal et al. 2017, section 5.1).
    """

    def __init__(
        self,
        block: type["BasicBlock"] | type["Bottleneck"],
        depths: tuple[int, int, int, int],
        residual: bool,
        num_classes: int = 1000,
        in_channels: int = 3,
        width: int = 64,
        stem: str = "imagenet",
        zero_init_residual: bool = False,
    ) -> None:
        super().__init__()
        check_integer("width", width, 1)
        self.conv1 = stem_convolution(stem, in_channels, width)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        pools = stem != "small"
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1) if pools else nn.Identity()
        self.layer1 = stage(block, width, width, depths[0], 1, residual)
        channels = width * block.expansion
        self.layer2 = stage(block, channels, 2 * width, depths[1], 2, residual)
        self.layer3 = stage(block, 2 * channels, 4 * width, depths[2], 2, residual)
        self.layer4 = stage(block, 4 * channels, 8 * width, depths[3], 2, residual)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(8 * channels, num_classes)
        self.apply(initialize)
        if zero_init_residual:
            for module in self.modules():
                if isinstance(module, BasicBlock):
                    nn.init.zeros_(module.bn2.weight)
                elif isinstance(module, Bottleneck):
                    nn.init.zeros_(module.bn3.weight)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))


class BasicBlock(nn.Module):
    """Two 3×3 convolutions, and the shortcut around them (figure 5, left).

    ``downsample`` brings the shortcut to the shape of the output; without ``residual`` there is
    none: the plain block.
    """

    expansion = 1

    def __init__(
        self,
        in_channels: int,
        channels: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        residual: bool = True,
    ) -> None:
        super().__init__()
        self.conv1 = conv3x3(in_channels, channels, stride)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = conv3x3(channels, channels)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = downsample
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.residual:
            out = out + (x if self.downsample is None else self.downsample(x))
        return self.relu(out)


class Bottleneck(nn.Module):
    """1×1 to fewer maps, 3×3, 1×1 back to four times as many; shortcut (figure 5, right)."""

    expansion = 4

    def __init__(
        self,
        in_channels: int,
        channels: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        residual: bool = True,
    ) -> None:
        super().__init__()
        self.conv1 = conv1x1(in_channels, channels)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = conv3x3(channels, channels, stride)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv3 = conv1x1(channels, channels * self.expansion)
        self.bn3 = nn.BatchNorm2d(channels * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        if self.residual:
            out = out + (x if self.downsample is None else self.downsample(x))
        return self.relu(out)


def stage(
    block: type[BasicBlock] | type[Bottleneck],
    in_channels: int,
    channels: int,
    depth: int,
    stride: int,
    residual: bool,
) -> nn.Sequential:
    """``depth`` blocks, the first of which strides; projection only where shapes change."""
    out_channels = channels * block.expansion
    downsample = None
    if residual and (stride != 1 or in_channels != out_channels):  # option B of the paper
        downsample = nn.Sequential(
            conv1x1(in_channels, out_channels, stride), nn.BatchNorm2d(out_channels)
        )
    first = block(in_channels, channels, stride, downsample, residual)
    rest = [block(out_channels, channels, residual=residual) for _ in range(depth - 1)]
    return nn.Sequential(first, *rest)


def stem_convolution(stem: str, in_channels: int, width: int) -> nn.Module:
    """What comes before the first batch normalization."""
    if stem == "imagenet":
        return nn.Conv2d(in_channels, width, kernel_size=7, stride=2, padding=3, bias=False)
    if stem == "small":
        return conv3x3(in_channels, width)
    if stem == "deep":
        half = max(1, width // 2)
        return nn.Sequential(
            conv3x3(in_channels, half, stride=2),
            nn.BatchNorm2d(half),
            nn.ReLU(inplace=True),
            conv3x3(half, half),
            nn.BatchNorm2d(half),
            nn.ReLU(inplace=True),
            conv3x3(half, width),
        )
    raise unknown_name("stem", stem, STEMS)


def conv3x3(in_channels: int, out_channels: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)


def conv1x1(in_channels: int, out_channels: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)


def initialize(module: nn.Module) -> None:
    """Convolutions normal with variance 2 / fan-out (He et al. 2015, equation 14).

    Batch normalization starts with scale one and shift zero; the last layer is normal with
    deviation 0.01 (Goyal et al. 2017, section 5.1).
    """
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        nn.init.zeros_(module.bias)


def enter(
    name: str, about: str, block: type[nn.Module], depths: tuple[int, ...], residual: bool = True
) -> Callable[..., Network]:
    return architecture(name, ResNet, about, block=block, depths=depths, residual=residual)


resnet18 = enter("resnet18", "ResNet-18: 11,689,512 parameters.", BasicBlock, (2, 2, 2, 2))
resnet34 = enter("resnet34", "ResNet-34: 21,797,672 parameters.", BasicBlock, (3, 4, 6, 3))
resnet50 = enter("resnet50", "ResNet-50: 25,557,032 parameters.", Bottleneck, (3, 4, 6, 3))
resnet101 = enter("resnet101", "ResNet-101: 44,549,160 parameters.", Bottleneck, (3, 4, 23, 3))
resnet152 = enter("resnet152", "ResNet-152: 60,192,808 parameters.", Bottleneck, (3, 8, 36, 3))
plain18 = enter("plain18", "ResNet-18 without shortcuts.", BasicBlock, (2, 2, 2, 2), residual=False)
plain34 = enter("plain34", "ResNet-34 without shortcuts.", BasicBlock, (3, 4, 6, 3), residual=False)
