"""A network that learns CIFAR-10 in minutes on a processor: 2.6 million weights.

After airbench94, the network of Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU" (2024,
arXiv:2404.00498, section 3), which says what each part is worth: a first layer that whitens
patches of 2×2 pixels and is not trained, filters that begin as the identity, maxima before
normalization, small logits. There the first layer is computed from training images, and its maps
are doubled by their negatives and activated. Here it is the cosine transform, which is close to
what comes out (Ahmed, Natarajan & Rao 1974), batch normalization brings its maps to equal variance,
and that is all. The maxima overlap, and where maps are smallest, and a layer costs least, there is
a third convolution, with a shortcut.
"""

import math

import torch
from torch import Tensor, nn

from imagenet_course.layers.checks import check_integer
from imagenet_course.models.network import Network
from imagenet_course.models.registry import architecture
from imagenet_course.models.resnet import conv3x3

LOGIT_SCALE = 1 / 9  # that of airbench94


class SprintNet(Network):
    """(N, C, H, W) → logits (N, num_classes); ``width`` is how many maps the first group has."""

    input_size = 32

    def __init__(self, num_classes: int = 10, in_channels: int = 3, width: int = 64) -> None:
        super().__init__()
        check_integer("width", width, 1)
        basis = cosine_basis(in_channels, 2, 2)
        self.conv1 = nn.Conv2d(in_channels, len(basis), 2, bias=False)
        self.conv1.weight.data = basis
        self.conv1.weight.requires_grad = False
        self.bn1 = nn.BatchNorm2d(len(basis), affine=False)
        self.group1 = Group(len(basis), width)
        self.group2 = Group(width, 4 * width)
        self.group3 = DeeperGroup(4 * width, 4 * width)
        self.maxpool = nn.AdaptiveMaxPool2d(1)
        self.fc = nn.Linear(4 * width, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn1(self.conv1(x))
        x = self.group3(self.group2(self.group1(x)))
        return LOGIT_SCALE * self.fc(self.maxpool(x).flatten(1))


class Group(nn.Module):
    """Two 3×3 convolutions; the maxima after the first halve the side, and are normalized then."""

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.conv1 = identity3x3(in_channels, channels)
        self.maxpool = nn.MaxPool2d(3, stride=2)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = identity3x3(channels, channels)
        self.bn2 = nn.BatchNorm2d(channels)
        self.activation = nn.GELU()

    def forward(self, x: Tensor) -> Tensor:
        x = self.activation(self.bn1(self.maxpool(self.conv1(x))))
        return self.activation(self.bn2(self.conv2(x)))


class DeeperGroup(Group):
    """A third convolution, and a shortcut (He et al., CVPR 2016) past the last two."""

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__(in_channels, channels)
        self.conv3 = identity3x3(channels, channels)
        self.bn3 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        shortcut = self.activation(self.bn1(self.maxpool(self.conv1(x))))
        x = self.activation(self.bn2(self.conv2(shortcut)))
        return self.activation(self.bn3(self.conv3(x)) + shortcut)


def identity3x3(in_channels: int, channels: int) -> nn.Conv2d:
    """A convolution whose first filters hand every map on; the others begin random."""
    conv = conv3x3(in_channels, channels)
    with torch.no_grad():
        nn.init.dirac_(conv.weight[:in_channels])
    return conv


def cosine_basis(*shape: int) -> Tensor:
    """The discrete cosine transform of ``shape``: ``(n, *shape)``, one orthonormal row for each.

    For three colors and 2×2 pixels the rows are brightness, red against blue and green against
    both, each as mean, upright edge, level edge and checkerboard.
    """
    axes = []
    for n in shape:
        k, i = torch.arange(n, dtype=torch.float64)[:, None], torch.arange(n) + 0.5
        axis = torch.cos(math.pi / n * k * i)
        axes.append(axis / axis.norm(dim=1, keepdim=True))
    whole = axes[0]
    for axis in axes[1:]:
        whole = torch.kron(whole, axis)
    return whole.reshape(-1, *shape).float()


sprint_net = architecture(
    "sprint_net", SprintNet, "For CIFAR-10 in minutes, after airbench94: 2.6 million parameters."
)
