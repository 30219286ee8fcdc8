"""Test-time augmentation: one prediction from several views of an image.

Ten-crop views come from the loader, ``recipe("alexnet-2012", train=False, ten_crop=True)`` in
`imagenet_course.data.recipes`; the mirror image can be added here, to any batch.
"""

import math
from typing import TYPE_CHECKING, Literal

from imagenet_course.errors import unknown_name

if TYPE_CHECKING:
    from torch import Tensor

Average = Literal["probabilities", "logits"]


def flip_views(images: "Tensor") -> "Tensor":
    """Each image and its mirror image: ``(N, C, H, W)`` becomes ``(N, 2, C, H, W)``."""
    import torch

    if images.ndim != 4:
        raise ValueError(f"flip_views takes images (N, C, H, W), got {tuple(images.shape)}.")
    return torch.stack((images, images.flip(-1)), dim=1)


def average_views(logits: "Tensor", average: Average = "probabilities") -> "Tensor":
    """One row of logits per image: ``(N, V, K)`` becomes ``(N, K)``.

    ``"probabilities"`` averages the softmax outputs of the V views, as AlexNet's ten crops
    (Krizhevsky et al. 2012, section 4.1) and VGG's flips (Simonyan & Zisserman 2015, section 3.2)
    do. It returns the logarithm of that mean, whose softmax is the mean itself, so that every
    measure can take it for logits. ``"logits"`` averages before the softmax, a geometric mean of
    the probabilities, as Jordan (2024, arXiv:2404.00498) does for CIFAR-10.
    """
    if logits.ndim != 3 or not logits.shape[1]:
        raise ValueError(
            f"logits of views must have shape (N, V, K) with V from 1, got {tuple(logits.shape)}."
        )
    if average == "logits":
        return logits.mean(dim=1)
    if average == "probabilities":
        return logits.log_softmax(dim=-1).logsumexp(dim=1) - math.log(logits.shape[1])
    raise unknown_name("average", average, ["probabilities", "logits"])
