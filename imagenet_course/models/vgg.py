"""VGG (Simonyan & Zisserman 2014): nothing but 3×3 convolutions, and more of them.

"Very deep convolutional networks for large-scale image recognition", arXiv:1409.1556, ICLR 2015.
Table 1 there: configurations A, B, D and E are VGG-11, 13, 16 and 19, counted in layers with
weights. Batch normalization is younger (Ioffe & Szegedy 2015); the ``_bn`` forms add it after
every convolution.
"""

from torch import Tensor, nn

from imagenet_course.layers.checks import check_integer
from imagenet_course.models.network import Network
from imagenet_course.models.registry import architecture

# How many convolutions each of the five stages has; pooling after each stage halves the maps.
DEPTHS = {
    11: (1, 1, 2, 2, 2),
    13: (2, 2, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
}


class VGG(Network):
    """(N, C, H, W) → logits (N, num_classes).

    ``width`` is the number of maps of the first stage (each later stage doubles it, up to eight
    times). For small images shrink the head too: ``hidden`` is the size of its two hidden layers,
    ``pool`` the side of the maps that it sees. Dropout as in the paper, section 3.1.
    """

    heads = ("classifier.6",)

    def __init__(
        self,
        depth: int,
        batch_norm: bool,
        num_classes: int = 1000,
        in_channels: int = 3,
        width: int = 64,
        hidden: int = 4096,
        pool: int = 7,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        for key, value in (("width", width), ("hidden", hidden), ("pool", pool)):
            check_integer(key, value, 1)
        layers: list[nn.Module] = []
        channels = in_channels
        for stage, convolutions in enumerate(DEPTHS[depth]):
            maps = width * min(2**stage, 8)
            for _ in range(convolutions):
                layers.append(nn.Conv2d(channels, maps, kernel_size=3, padding=1))
                if batch_norm:
                    layers.append(nn.BatchNorm2d(maps))
                layers.append(nn.ReLU(inplace=True))
                channels = maps
            layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(pool)  # does nothing at 224×224, allows other sizes
        self.classifier = nn.Sequential(
            nn.Linear(channels * pool * pool, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(hidden, num_classes),
        )
        self.apply(initialize)

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.features(x))
        return self.classifier(x.flatten(1))


def initialize(module: nn.Module) -> None:
    """Weights as Glorot & Bengio 2010, equation 16; biases zero.

    The authors first grew the deep networks from trained shallow ones, then found that this rule
    makes it unnecessary (the paper, section 3.1).
    """
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)


A, B, D, E = "VGG-11 (A)", "VGG-13 (B)", "VGG-16 (D)", "VGG-19 (E)"
vgg11 = architecture("vgg11", VGG, f"{A}: 132,863,336 parameters.", depth=11, batch_norm=False)
vgg13 = architecture("vgg13", VGG, f"{B}: 133,047,848 parameters.", depth=13, batch_norm=False)
vgg16 = architecture("vgg16", VGG, f"{D}: 138,357,544 parameters.", depth=16, batch_norm=False)
vgg19 = architecture("vgg19", VGG, f"{E}: 143,667,240 parameters.", depth=19, batch_norm=False)
vgg11_bn = architecture(
    "vgg11_bn", VGG, f"{A} with batch normalization.", depth=11, batch_norm=True
)
vgg13_bn = architecture(
    "vgg13_bn", VGG, f"{B} with batch normalization.", depth=13, batch_norm=True
)
vgg16_bn = architecture(
    "vgg16_bn", VGG, f"{D} with batch normalization.", depth=16, batch_norm=True
)
vgg19_bn = architecture(
    "vgg19_bn", VGG, f"{E} with batch normalization.", depth=19, batch_norm=True
)
