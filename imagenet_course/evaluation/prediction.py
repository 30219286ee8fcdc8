"""Running a network over a data set, once; every measure then works on what it said."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from imagenet_course.data.dataset import ImageDataset
from imagenet_course.evaluation.views import Average, average_views

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


class Predictions(NamedTuple):
    """Logits, float32 ``(N, K)``, and labels, int64 ``(N,)``: what every measure takes.

    >>> topk_accuracy(*predict(model, loader))
    """

    logits: np.ndarray
    labels: np.ndarray


def predict(
    model: "nn.Module",
    data: "Iterable[tuple[Tensor, Tensor]] | ImageDataset",
    *,
    transform: Callable | None = None,
    batch_size: int = 64,
    autocast: "torch.dtype | None" = None,
    views: "Callable[[Tensor], Tensor] | None" = None,
    average: Average = "probabilities",
) -> Predictions:
    """The logits of ``model`` for every image of ``data``, computed where the model is.

    The network is put in eval mode, without gradients; afterwards each of its layers is in the mode
    in which it was.

    Args:
        data: batches (images, labels) in the order of the data set, as a loader with
            ``train=False`` gives, or a data set of the catalog. Images are ``(n, C, H, W)``, or
            ``(n, V, C, H, W)`` where each comes in V views, as of a ten-crop recipe; n · V go
            through the network at once.
        transform, batch_size: for a data set: what prepares one image, by default the model's own
            ``preprocessing``; and how many go through the network at once.
        autocast: the lower precision to compute in, such as ``torch.bfloat16``; None for the
            model's own.
        views: makes ``(n, V, C, H, W)`` of a batch, such as
            `imagenet_course.evaluation.views.flip_views`.
        average: how the views' outputs become one; see `average_views`.

    Images that a loader could not read are left out of both arrays.

    Raises:
        ValueError: where there are no images, labels that are not class numbers, a data set without
            a transform, or a network that does not give logits ``(n, K)``.
    """
    import torch

    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    if isinstance(data, ImageDataset):
        data = _batches(model, data, transform, batch_size, device)
    elif transform is not None:
        raise ValueError("transform is for a data set; a loader has already prepared its images.")
    all_logits, all_labels = [], []
    with (
        _eval_mode(model),
        torch.inference_mode(),
        torch.autocast(device.type, dtype=autocast, enabled=autocast is not None),
    ):
        for images, labels in data:
            images, labels = torch.as_tensor(images).to(device), torch.as_tensor(labels)
            if labels.shape != images.shape[:1] or labels.is_floating_point():
                raise ValueError(
                    f"labels must be one class number per image, got {labels.dtype} "
                    f"{tuple(labels.shape)} for images {tuple(images.shape)}."
                )
            images = views(images) if views else images
            if images.ndim == 5:
                logits = _logits(model, images.flatten(0, 1)).unflatten(0, images.shape[:2])
                logits = average_views(logits.float(), average)
            else:
                logits = _logits(model, images).float()
            all_logits.append(logits)  # stays on the device, which need not wait for the copy
            all_labels.append(labels)
    if not all_labels:
        raise ValueError("there are no images to predict: the data gave no batch.")
    logits, labels = torch.cat(all_logits).cpu(), torch.cat(all_labels).cpu()
    return Predictions(logits.numpy(), labels.numpy().astype(np.int64))


def _batches(
    model: "nn.Module",
    dataset: ImageDataset,
    transform: Callable | None,
    batch_size: int,
    device: "torch.device",
) -> "Iterable[tuple[Tensor, Tensor]]":
    from imagenet_course.data.loader import ImageLoader

    transform = transform or getattr(model, "preprocessing", None)
    if transform is None:
        raise ValueError(
            "the model does not say how its images are prepared; pass transform=, such as "
            'recipe("standard", train=False) of imagenet_course.data.recipes.'
        )
    # Without workers: starting processes costs more than a small set takes.
    return ImageLoader(dataset, batch_size, transform, train=False, workers=0, device=device)


def _logits(model: "nn.Module", images: "Tensor") -> "Tensor":
    logits = model(images)
    shape = getattr(logits, "shape", None)
    if shape is None or len(shape) != 2 or shape[0] != len(images):
        got = type(logits).__name__ if shape is None else tuple(shape)
        raise ValueError(f"a classifier gives logits ({len(images)}, K) here, but got {got}.")
    return logits


@contextmanager
def _eval_mode(model: "nn.Module") -> Iterator[None]:
    """Layers may be in different modes, such as frozen batch normalization; each gets its back."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
