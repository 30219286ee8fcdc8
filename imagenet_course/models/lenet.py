"""LeNet-5 (LeCun, Bottou, Bengio & Haffner 1998), in the variant that everybody builds today.

Kept from the paper ("Gradient-based learning applied to document recognition", section II.B and
figure 2): 32×32 input; the sizes of all layers (6@28×28, 6@14×14, 16@10×10, 16@5×5, 120, 84, 10);
the hyperbolic tangent; averaging in the pooling layers; the initialization (appendix A).

Changed, as almost every later implementation does: pooling has no trainable coefficient and bias,
and no squashing of its own; each of the 16 maps of the second convolution sees all 6 maps before
it, not the selection of table I; the output is a linear layer for softmax and cross-entropy, not
distances to ten fixed bit patterns (radial basis functions); the tangent is not scaled to
1.7159 tanh(2x/3). That makes 61,706 parameters for ten classes, where the paper has 60,000.
"""

from torch import Tensor, nn

from imagenet_course.errors import unknown_name
from imagenet_course.models.network import Network
from imagenet_course.models.registry import architecture

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU}
POOLINGS = {"avg": nn.AvgPool2d, "max": nn.MaxPool2d}


class LeNet5(Network):
    """(N, in_channels, 32, 32) → logits (N, num_classes).

    ``activation`` "tanh" and ``pooling`` "avg" are nearest to the paper; "relu" and "max" are what
    later networks use.
    """

    input_size = 32
    heads = ("fc3",)

    def __init__(
        self,
        num_classes: int = 10,
        in_channels: int = 1,
        activation: str = "tanh",
        pooling: str = "avg",
    ) -> None:
        super().__init__()
        if activation not in ACTIVATIONS:
            raise unknown_name("activation", activation, ACTIVATIONS)
        if pooling not in POOLINGS:
            raise unknown_name("pooling", pooling, POOLINGS)
        self.conv1 = nn.Conv2d(in_channels, 6, kernel_size=5)  # C1: 6@28×28
        self.pool1 = POOLINGS[pooling](kernel_size=2)  # S2: 6@14×14
        self.conv2 = nn.Conv2d(6, 16, kernel_size=5)  # C3: 16@10×10
        self.pool2 = POOLINGS[pooling](kernel_size=2)  # S4: 16@5×5
        self.flatten = nn.Flatten()
        self.fc1 = nn.Linear(16 * 5 * 5, 120)  # C5
        self.fc2 = nn.Linear(120, 84)  # F6
        self.fc3 = nn.Linear(84, num_classes)
        self.activation = ACTIVATIONS[activation]()
        self.apply(initialize_tanh if activation == "tanh" else initialize_relu)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool1(self.activation(self.conv1(x)))
        x = self.pool2(self.activation(self.conv2(x)))
        x = self.flatten(x)
        x = self.activation(self.fc1(x))
        x = self.activation(self.fc2(x))
        return self.fc3(x)


def initialize_tanh(module: nn.Module) -> None:
    """Weights uniform between ±2.4 / fan-in (the paper, appendix A); biases zero."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        bound = 2.4 / module.weight[0].numel()
        nn.init.uniform_(module.weight, -bound, bound)
        nn.init.zeros_(module.bias)


def initialize_relu(module: nn.Module) -> None:
    """Weights normal with variance 2 / fan-in (He et al. 2015, equation 10); biases zero.

    The rule of 1998 is too small for rectified units: the signal dies on its way up.
    """
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        nn.init.zeros_(module.bias)


lenet5 = architecture(
    "lenet5", LeNet5, "LeNet-5 for 32×32 images: 61,706 parameters for ten classes, one channel."
)
