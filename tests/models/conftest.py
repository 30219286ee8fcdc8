"""Networks whose logits are worth comparing: of order one, whatever the depth."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from imagenet_course import models
from imagenet_course.models import Network

# Options that make the big networks small, for what does not depend on their width.
SLIM = {
    "alexnet": {"width": 8},
    "alexnet2012": {"width": 12},
    **{name: {"width": 8, "hidden": 64, "pool": 1} for name in models.names() if "vgg" in name},
    **{
        name: {"width": 8}
        for name in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")
    },
    **{name: {"width": 8} for name in ("plain18", "plain34")},
    **{name: {"growth_rate": 4} for name in ("densenet121", "densenet169", "densenet201")},
}


def enliven(model: nn.Module, images: torch.Tensor) -> nn.Module:
    """Draw weights that keep the signal alive; take batch statistics from ``images``.

    The published initializations let the logits of untrained networks shrink to 1e-5 or grow to
    1e+10, where agreement to 1e-5 says nothing. Batch normalization gets small scales and positive
    shifts, because with its usual start a deep plain network is chaotic: it turns the last digit
    of an input into the first of a logit.
    """
    generator = torch.Generator().manual_seed(0)
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            fan_in = module.weight[0].numel()
            with torch.no_grad():
                module.weight.normal_(std=(2 / fan_in) ** 0.5, generator=generator)
                if module.bias is not None:
                    module.bias.normal_(std=0.1, generator=generator)
        elif isinstance(module, nn.BatchNorm2d) and module.affine:
            with torch.no_grad():
                module.weight.uniform_(0.2, 0.6, generator=generator)
                module.bias.uniform_(0.0, 1.0, generator=generator)
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    momenta = [m.momentum for m in norms]
    for norm in norms:
        norm.momentum = 1.0  # the running statistics become those of this batch
    with torch.no_grad():
        model.train()(images)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    return model.eval()


@pytest.fixture(scope="session")
def slim() -> Callable[..., Network]:
    """``slim(name)`` builds a narrow, lively network by name."""

    def build(name: str, **options: object) -> Network:
        model = models.create(name, **{"num_classes": 7, **SLIM.get(name, {}), **options})
        generator = torch.Generator().manual_seed(1)
        size = 64 if model.input_size > 32 else 32
        shape = (8, model.options["in_channels"], size, size)
        return enliven(model, torch.randn(shape, generator=generator))

    return build


@pytest.fixture(scope="session")
def lively() -> Callable[[nn.Module, torch.Tensor], nn.Module]:
    """:func:`enliven`."""
    return enliven


@pytest.fixture
def images() -> torch.Tensor:
    """Four colour images of 64×64."""
    return torch.randn(4, 3, 64, 64, generator=torch.Generator().manual_seed(2))
