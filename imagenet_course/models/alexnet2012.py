"""AlexNet as it won ILSVRC-2012, in two towers (Krizhevsky, Sutskever & Hinton 2012).

"ImageNet classification with deep convolutional neural networks", NIPS 2012, section 3.5 and
figure 2. The network was cut in two because a GTX 580 had 3 GB: each GPU held half of the maps,
and they met only in the third convolution and in the linear layers. ``groups=2`` says the same
today.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from imagenet_course.errors import unknown_name
from imagenet_course.layers.checks import check_integer
from imagenet_course.models.alexnet import STEMS, classifier
from imagenet_course.models.network import Network
from imagenet_course.models.registry import architecture


class AlexNet2012(Network):
    """(N, C, H, W) → logits (N, num_classes).

    Images of 224×224, as the paper says, give its 55×55 maps only if the first convolution pads:
    ⌊(224 + 2·2 − 11) / 4⌋ + 1 = 55. One liberty: the response normalization runs on across the
    seam between the towers. ``width`` (a multiple of 6), ``stem`` and ``dropout`` as in AlexNet.
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
        width = check_integer("width", width, 1)
        if width % 6:
            raise ValueError(f"width must be a multiple of 6, but got {width}; the paper has 96.")
        if stem not in STEMS:
            raise unknown_name("stem", stem, STEMS)
        kernel, stride, padding, side = STEMS[stem]
        w1, w2, w3 = width, width * 8 // 3, width * 4  # 96, 256, 384
        self.features = nn.Sequential(
            nn.Conv2d(in_channels, w1, kernel, stride, padding),
            nn.ReLU(inplace=True),
            LocalResponseNorm(),
            nn.MaxPool2d(kernel_size=3, stride=2),  # overlapping: windows of 3, 2 apart
            nn.Conv2d(w1, w2, kernel_size=5, padding=2, groups=2),
            nn.ReLU(inplace=True),
            LocalResponseNorm(),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(w2, w3, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(w3, w3, kernel_size=3, padding=1, groups=2),
            nn.ReLU(inplace=True),
            nn.Conv2d(w3, w2, kernel_size=3, padding=1, groups=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(side)  # does nothing at 224×224, allows other sizes
        self.classifier = classifier(w2 * side * side, width * 128 // 3, num_classes, dropout)
        self.initialize()

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.features(x))
        return self.classifier(x.flatten(1))

    def initialize(self) -> None:
        """As published (section 5): weights normal with deviation 0.01, biases zero.

        But for the biases of the second, fourth and fifth convolution and of the hidden linear
        layers: those are one, so that their rectified units start out active.
        """
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
                nn.init.zeros_(module.bias)
        active = [self.features[i] for i in (4, 10, 12)] + [self.classifier[i] for i in (1, 4)]
        for module in active:
            nn.init.ones_(module.bias)


class LocalResponseNorm(nn.LocalResponseNorm):
    """a / (2 + 10⁻⁴ Σ a²)^0.75 over five neighboring maps (section 3.3).

    PyTorch averages the squares where the paper sums them, hence the factor 5.
    """

    def __init__(self) -> None:
        super().__init__(size=5, alpha=5 * 1e-4, beta=0.75, k=2.0)

    def forward(self, x: Tensor) -> Tensor:
        return local_response_norm(x, self.size, self.alpha, self.beta, self.k)


@torch.fx.wrap  # one step to torch.fx, which cannot follow a choice by dtype
def local_response_norm(x: Tensor, size: int, alpha: float, beta: float, k: float) -> Tensor:
    """PyTorch's; in float16, whose range the squares of more than 255 would leave, by float32."""
    if x.dtype == torch.float16:
        return F.local_response_norm(x.float(), size, alpha, beta, k).half()
    return F.local_response_norm(x, size, alpha, beta, k)


alexnet2012 = architecture(
    "alexnet2012", AlexNet2012, "AlexNet in two towers, as it won in 2012: 60,965,224 parameters."
)
