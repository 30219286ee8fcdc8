"""AlexNet (Krizhevsky, Sutskever & Hinton 2012), as published and in its later single-tower form.

The network that won ILSVRC-2012 was cut in two because a GTX 580 had 3 GB: "ImageNet classification
with deep convolutional neural networks", NIPS 2012, section 3.5 and figure 2. Two years later
Krizhevsky merged the towers and dropped the normalization ("One weird trick for parallelizing
convolutional neural networks", arXiv:1404.5997); torchvision's ``alexnet`` is that one.
"""

from torch import Tensor, nn

from imagenet_course.errors import unknown_name
from imagenet_course.layers.checks import check_integer
from imagenet_course.models.network import Network
from imagenet_course.models.registry import architecture

# kernel, stride and padding of the first convolution, and the side of the last feature maps
STEMS = {"imagenet": (11, 4, 2, 6), "small": (5, 1, 2, 3)}


class AlexNet(Network):
    """The single tower of 2014: (N, C, H, W) → logits (N, num_classes).

    ``width`` is the number of maps of the first convolution, and the others keep their proportion
    to it. ``stem="small"`` has a first convolution of 5×5 without stride, for images of 32 to 64
    pixels. Dropout as in the paper of 2012, section 4.2.
    """

    heads = ("classifier.6",)

    def __init__(
        self,
        num_classes: int = 1000,
        in_channels: int = 3,
        width: int = 64,
        stem: str = "imagenet",
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        kernel, stride, padding, side = check_stem(stem, width)
        w1, w2, w3, w4 = width, 3 * width, 6 * width, 4 * width  # 64, 192, 384, 256
        hidden = 64 * width  # 4096
        self.features = nn.Sequential(
            nn.Conv2d(in_channels, w1, kernel, stride, padding),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(w1, w2, kernel_size=5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(w2, w3, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(w3, w4, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(w4, w4, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(side)  # does nothing at 224×224, allows other sizes
        self.classifier = classifier(w4 * side * side, hidden, num_classes, dropout)
        self.apply(initialize_he)

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.features(x))
        return self.classifier(x.flatten(1))


class AlexNet2012(Network):
    """The two towers of 2012: (N, C, H, W) → logits (N, num_classes).

    ``groups=2`` in a convolution is what keeps the towers apart; the third convolution and the
    linear layers see both. The paper's 224×224 images give its 55×55 maps only if the first
    convolution pads (224 + 2·2 − 11)/4 + 1 → 55. One liberty: our response normalization runs on
    across the seam between the towers. ``width`` and ``stem`` as in :class:`AlexNet`.
    """

    heads = ("classifier.6",)

    def __init__(
        self,
        num_classes: int = 1000,
        in_channels: int = 3,
        width: int = 96,
        stem: str = "imagenet",
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        kernel, stride, padding, side = check_stem(stem, width)
        if width % 6:
            raise ValueError(f"width must be a multiple of 6, but got {width}; the paper has 96.")
        w1, w2, w3 = width, width * 8 // 3, width * 4  # 96, 256, 384
        hidden = width * 128 // 3  # 4096
        self.features = nn.Sequential(
            nn.Conv2d(in_channels, w1, kernel, stride, padding),
            nn.ReLU(inplace=True),
            response_norm(),
            nn.MaxPool2d(kernel_size=3, stride=2),  # overlapping: windows of 3, 2 apart
            nn.Conv2d(w1, w2, kernel_size=5, padding=2, groups=2),
            nn.ReLU(inplace=True),
            response_norm(),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(w2, w3, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(w3, w3, kernel_size=3, padding=1, groups=2),
            nn.ReLU(inplace=True),
            nn.Conv2d(w3, w2, kernel_size=3, padding=1, groups=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(side)
        self.classifier = classifier(w2 * side * side, hidden, num_classes, dropout)
        self.apply(initialize_2012)
        for layer in (self.features[4], self.features[10], self.features[12]):
            nn.init.ones_(layer.bias)
        for layer in (self.classifier[1], self.classifier[4]):
            nn.init.ones_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.features(x))
        return self.classifier(x.flatten(1))


def response_norm() -> nn.LocalResponseNorm:
    """a / (2 + 10⁻⁴ Σ a²)^0.75 over five neighboring maps (2012, section 3.3).

    PyTorch averages the squares where the paper sums them, hence the factor 5.
    """
    return nn.LocalResponseNorm(size=5, alpha=5 * 1e-4, beta=0.75, k=2.0)


def classifier(features: int, hidden: int, num_classes: int, dropout: float) -> nn.Sequential:
    """The three fully connected layers that hold 94 % of the weights."""
    return nn.Sequential(
        nn.Dropout(dropout),
        nn.Linear(features, hidden),
        nn.ReLU(inplace=True),
        nn.Dropout(dropout),
        nn.Linear(hidden, hidden),
        nn.ReLU(inplace=True),
        nn.Linear(hidden, num_classes),
    )


def check_stem(stem: str, width: int) -> tuple[int, int, int, int]:
    """The entry of ``STEMS``; ValueError for an unknown one or an impossible ``width``."""
    check_integer("width", width, 1)
    if stem not in STEMS:
        raise unknown_name("stem", stem, STEMS)
    return STEMS[stem]


def initialize_2012(module: nn.Module) -> None:
    """Weights normal with standard deviation 0.01 (2012, section 5).

    Biases zero; the network sets those of the second, fourth and fifth convolution and of the
    hidden linear layers to one, so that their rectified units start out active.
    """
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        nn.init.zeros_(module.bias)


def initialize_he(module: nn.Module) -> None:
    """Weights normal with variance 2 / fan-in (He et al. 2015, equation 10); biases zero.

    The paper of 2014 does not say; the 0.01 of 2012 suits the original widths only.
    """
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        nn.init.zeros_(module.bias)


@architecture
def alexnet(num_classes: int = 1000, in_channels: int = 3, **options: object) -> AlexNet:
    """AlexNet in one tower, as in torchvision: 61,100,840 parameters."""
    return AlexNet(num_classes, in_channels, **options)


@architecture
def alexnet2012(num_classes: int = 1000, in_channels: int = 3, **options: object) -> AlexNet2012:
    """AlexNet in two towers, as it won ILSVRC-2012: 60,965,224 parameters."""
    return AlexNet2012(num_classes, in_channels, **options)
