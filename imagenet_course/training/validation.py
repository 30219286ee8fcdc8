"""A trained network's view of any data set: the batches on which it is to be judged."""

import torch
from torchvision.transforms import InterpolationMode, v2

from imagenet_course.data import ImageDataset
from imagenet_course.data.loader import ImageLoader, Loader
from imagenet_course.data.resident import ResidentLoader
from imagenet_course.data.transforms import TenViews
from imagenet_course.models import Preprocessing
from imagenet_course.training.device import Machine
from imagenet_course.training.sources import squares


def validation_loader(
    dataset: ImageDataset,
    preprocessing: Preprocessing,
    machine: Machine,
    *,
    batch_size: int = 64,
    workers: int | None = None,
    in_memory: bool | None = None,
    ten_crop: bool = False,
    central_square: bool = False,
) -> Loader:
    """Batches in the order of ``dataset``, prepared as in the validation of a training run.

    ``in_memory`` is that of the run's settings; images seen whole are then all resized at once.
    ``ten_crop`` gives each image in ten views, ``(n, 10, C, H, W)``, cut from the whole image, or
    from its ``central_square`` as those of Krizhevsky et al. (2012). Raises ValueError where the
    preprocessing cuts nothing off, so that all crops would be the same.
    """
    p = preprocessing
    common = {"batch_size": batch_size, "device": machine.device, "dtype": machine.dtype}
    whole = p.resize == p.crop
    if ten_crop and whole:
        raise ValueError(
            f"ten crops of {p.crop} pixels are cut from larger images, but this network sees images"
            " whole; use --tta flip"
        )
    in_files = hasattr(dataset, "paths")
    channels = 3 if in_files else dataset.image(0).shape[2]
    if (in_memory or not in_files) and whole and channels == len(p.mean):
        pixels = squares(dataset, p.crop)
        return ResidentLoader(
            (pixels, dataset.labels), train=False, mean=p.mean, std=p.std, **common
        )
    transform = v2.Compose(
        [
            v2.ToImage(),
            v2.Grayscale() if len(p.mean) == 1 else v2.RGB(),
            v2.Resize(p.resize, interpolation=InterpolationMode(p.interpolation)),
            *([v2.CenterCrop(p.resize)] if ten_crop and central_square else []),
            TenViews(p.crop) if ten_crop else v2.CenterCrop(p.crop),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(p.mean, p.std),
        ]
    )
    if not in_files:
        workers = 0  # starting processes costs more than a set in memory takes
    return ImageLoader(dataset, transform=transform, train=False, workers=workers, **common)
