"""GoogLeNet (Szegedy et al. 2014): four kinds of filters side by side, and no large linear layer.

"Going deeper with convolutions", CVPR 2015, table 1 and figure 3. As in torchvision, so that its
weights fit, this is the network with batch normalization (Ioffe & Szegedy 2015) instead of the
paper's local response normalization, with 3×3 filters in the branch that had 5×5, with a last
pooling before stage 5 of 2×2 instead of 3×3, and with dropout of 0.2 instead of 0.4.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from imagenet_course.errors import unknown_name
from imagenet_course.models.network import Network
from imagenet_course.models.registry import architecture


class GoogLeNetOutputs(NamedTuple):
    """What GoogLeNet returns in training: logits of the head and of the two auxiliary heads.

    The paper's loss is ``loss(logits) + 0.3 * (loss(aux_logits2) + loss(aux_logits1))``.
    """

    logits: Tensor
    aux_logits2: Tensor
    aux_logits1: Tensor


class GoogLeNet(Network):
    """(N, C, H, W) → logits (N, num_classes); in training with ``aux_logits`` GoogLeNetOutputs.

    The auxiliary heads fight the weak gradients of a network 22 layers deep; they are not used in
    evaluation. ``transform_input`` converts images normalized as all other networks want them to
    the range of −1 to 1 that the published weights expect. ``stem="small"`` starts with a 3×3
    convolution without stride and without pooling, for images of 32 to 64 pixels.
    """

    def __init__(
        self,
        num_classes: int = 1000,
        in_channels: int = 3,
        aux_logits: bool = True,
        transform_input: bool = False,
        stem: str = "imagenet",
        dropout: float = 0.2,
        dropout_aux: float = 0.7,
    ) -> None:
        super().__init__()
        if aux_logits:
            self.heads = ("fc", "aux2.fc2", "aux1.fc2")
        self.transform_input = transform_input
        if stem == "imagenet":
            self.conv1 = BasicConv2d(in_channels, 64, kernel_size=7, stride=2, padding=3)
            self.maxpool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        elif stem == "small":
            self.conv1 = BasicConv2d(in_channels, 64, kernel_size=3, padding=1)
            self.maxpool1 = nn.Identity()
        else:
            raise unknown_name("stem", stem, ("imagenet", "small"))
        self.conv2 = BasicConv2d(64, 64, kernel_size=1)
        self.conv3 = BasicConv2d(64, 192, kernel_size=3, padding=1)
        self.maxpool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)

        self.inception3a = Inception(192, 64, (96, 128), (16, 32), 32)
        self.inception3b = Inception(256, 128, (128, 192), (32, 96), 64)
        self.maxpool3 = nn.MaxPool2d(3, stride=2, ceil_mode=True)

        self.inception4a = Inception(480, 192, (96, 208), (16, 48), 64)
        self.inception4b = Inception(512, 160, (112, 224), (24, 64), 64)
        self.inception4c = Inception(512, 128, (128, 256), (24, 64), 64)
        self.inception4d = Inception(512, 112, (144, 288), (32, 64), 64)
        self.inception4e = Inception(528, 256, (160, 320), (32, 128), 128)
        self.maxpool4 = nn.MaxPool2d(2, stride=2, ceil_mode=True)

        self.inception5a = Inception(832, 256, (160, 320), (32, 128), 128)
        self.inception5b = Inception(832, 384, (192, 384), (48, 128), 128)

        self.aux1 = AuxiliaryHead(512, num_classes, dropout_aux) if aux_logits else None
        self.aux2 = AuxiliaryHead(528, num_classes, dropout_aux) if aux_logits else None
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(1024, num_classes)
        self.apply(initialize)

    def forward(self, x: Tensor) -> Tensor | GoogLeNetOutputs:
        if self.transform_input:
            x = to_signed_range(x)
        x = self.maxpool1(self.conv1(x))
        x = self.maxpool2(self.conv3(self.conv2(x)))
        x = self.inception3b(self.inception3a(x))
        x = self.inception4a(self.maxpool3(x))
        aux1 = self.aux1(x) if self.training and self.aux1 is not None else None
        x = self.inception4d(self.inception4c(self.inception4b(x)))
        aux2 = self.aux2(x) if self.training and self.aux2 is not None else None
        x = self.maxpool4(self.inception4e(x))
        x = self.inception5b(self.inception5a(x))
        x = self.dropout(self.avgpool(x).flatten(1))
        logits = self.fc(x)
        return logits if aux1 is None else GoogLeNetOutputs(logits, aux2, aux1)


class Inception(nn.Module):
    """1×1, 3×3 and (in the paper) 5×5 convolutions and pooling in parallel, outputs stacked.

    ``reduce_3x3`` and ``reduce_5x5`` are (maps after the 1×1 reduction, maps at the end).
    """

    def __init__(
        self,
        in_channels: int,
        maps_1x1: int,
        reduce_3x3: tuple[int, int],
        reduce_5x5: tuple[int, int],
        maps_pool: int,
    ) -> None:
        super().__init__()
        self.branch1 = BasicConv2d(in_channels, maps_1x1, kernel_size=1)
        self.branch2 = nn.Sequential(
            BasicConv2d(in_channels, reduce_3x3[0], kernel_size=1),
            BasicConv2d(*reduce_3x3, kernel_size=3, padding=1),
        )
        self.branch3 = nn.Sequential(
            BasicConv2d(in_channels, reduce_5x5[0], kernel_size=1),
            BasicConv2d(*reduce_5x5, kernel_size=3, padding=1),
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(kernel_size=3, stride=1, padding=1, ceil_mode=True),
            BasicConv2d(in_channels, maps_pool, kernel_size=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        branches = (self.branch1, self.branch2, self.branch3, self.branch4)
        return torch.cat([branch(x) for branch in branches], dim=1)


class AuxiliaryHead(nn.Module):
    """A small classifier on inner maps (the paper, section 5): (N, C, H, W) → (N, num_classes)."""

    def __init__(self, in_channels: int, num_classes: int, dropout: float) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(4)
        self.conv = BasicConv2d(in_channels, 128, kernel_size=1)
        self.fc1 = nn.Linear(128 * 4 * 4, 1024)
        self.relu = nn.ReLU(inplace=True)
        self.dropout = nn.Dropout(dropout)
        self.fc2 = nn.Linear(1024, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(self.avgpool(x)).flatten(1)
        return self.fc2(self.dropout(self.relu(self.fc1(x))))


class BasicConv2d(nn.Module):
    """Convolution, batch normalization, ReLU."""

    def __init__(self, in_channels: int, out_channels: int, **geometry: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, bias=False, **geometry)
        self.bn = nn.BatchNorm2d(out_channels, eps=0.001)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv(x)))


def to_signed_range(x: Tensor) -> Tensor:
    """From normalized by ImageNet's mean and deviation to −1 … 1, channel by channel."""
    mean = x.new_tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    std = x.new_tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return (x * std + mean - 0.5) / 0.5


def initialize(module: nn.Module) -> None:
    """Weights normal with deviation 0.01, cut off at two deviations; the paper does not say.

    With batch normalization after every convolution the scale hardly matters.
    """
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.01, a=-0.02, b=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


googlenet = architecture(
    "googlenet",
    GoogLeNet,
    "GoogLeNet: 6,624,904 parameters, 13,004,888 with its auxiliary heads.",
)
