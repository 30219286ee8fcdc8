"""From a name or a folder to batches: splits, sizes, loaders, and the preprocessing they apply."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torchvision.transforms import v2

from imagenet_course.data import ImageDataset, InMemory, info, load, names
from imagenet_course.data.image_folder import ImageFiles, split_folders
from imagenet_course.data.loader import ImageLoader, Loader
from imagenet_course.data.recipes import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    RECIPES,
    mixup_or_cutmix,
    recipe,
    scaled,
)
from imagenet_course.data.resident import ResidentLoader
from imagenet_course.data.stratified import stratified_split
from imagenet_course.errors import unknown_name
from imagenet_course.models import Network, Preprocessing, create
from imagenet_course.models.network import misfit_size
from imagenet_course.training.config import Config
from imagenet_course.training.device import Machine
from imagenet_course.training.distributed import Ranks


@dataclass(frozen=True)
class Source:
    """What to train on and what to validate on; ``note`` says how they were told apart.

    Raises:
        ValueError: for fewer than two classes, labels out of range, or classes that differ.
    """

    training: ImageDataset
    validation: ImageDataset
    note: str = ""

    def __post_init__(self) -> None:
        classes = self.training.classes
        if len(classes) < 2:
            found = f"only {classes[0]!r}" if classes else "none"
            raise ValueError(f"training needs at least two classes, but there is {found}")
        if self.validation.classes != classes:
            raise ValueError("the classes of training and validation differ; give both the same")
        for part in (self.training, self.validation):
            if not len(part):
                raise ValueError(f"the split {part.split!r} holds no image")
            low, high = int(part.labels.min()), int(part.labels.max())
            if low < 0 or high >= len(classes):
                wrong = low if low < 0 else high
                raise ValueError(
                    f"the split {part.split!r} has the label {wrong}, but labels of"
                    f" {len(classes)} classes are 0 to {len(classes) - 1}"
                )

    @property
    def classes(self) -> tuple[str, ...]:
        return self.training.classes

    @property
    def channels(self) -> int:
        """1 for sets of gray images, otherwise 3: photographs in files are read as RGB."""
        return 3 if hasattr(self.training, "paths") else self.training.image(0).shape[2]


def open_source(config: Config) -> Source:
    """The set that ``config.data`` names: one of the catalog, or an image folder.

    Validation is the split of that name, otherwise "test", otherwise a fifth of every class. Early
    stopping chooses by it, so with ``config.patience`` a fifth stands in for "test" too: what was
    chosen on the test set cannot be reported on it.
    """
    data, options, splits = locate(config.data, config.data_options)
    if "train" not in splits:
        whole = load(data, **options)
        return _divide(whole)
    training = load(data, "train", **options)
    held_out = next((split for split in ("validation", "test") if split in splits), None)
    if held_out is None or (held_out == "test" and config.patience):
        return _divide(training)
    note = f"validated on its {held_out} split"
    if held_out == "test":
        note += ", which chooses nothing"
    return Source(training, load(data, held_out, **options), note)


def network_for(source: Source, config: Config) -> Network:
    """A new network, as ``config`` names it, for the images and the classes of ``source``."""
    sizes = {"num_classes": len(source.classes), "in_channels": source.channels}
    return create(config.model, **sizes | dict(config.model_options))


def locate(data: str, options: Mapping[str, Any]) -> tuple[str, dict[str, Any], tuple[str, ...]]:
    """What `imagenet_course.data.load` takes for ``data``: name, options, and the splits there are.

    ``data`` is a name of the catalog or an image folder. Raises FileNotFoundError for neither.
    """
    options = dict(options)
    if data in names():
        splits = tuple(info(data).splits)
    else:
        if not Path(data).expanduser().is_dir():
            known = unknown_name("data set", Path(data).name, names())
            raise FileNotFoundError(f"there is no folder {data}, and it is an {known}")
        options["path"], data = str(Path(data).expanduser()), "folder"
        splits = ()
    if not splits and "path" in options:
        splits = tuple(split_folders(options["path"]))
    return data, options, splits


def _divide(whole: ImageDataset) -> Source:
    parts = stratified_split(whole.info.name, whole.labels)
    held_out = parts.pop("test")
    if not len(held_out):
        raise ValueError(
            f"{len(whole)} images of {len(whole.classes)} classes are too few to validate on a"
            " fifth of them; give every class at least three"
        )
    rest = np.sort(np.concatenate(list(parts.values())))
    return Source(
        subset(whole, rest, "train"),
        subset(whole, held_out, "validation"),
        "validated on a fifth of its images, which are not trained on",
    )


def subset(whole: ImageDataset, indices: np.ndarray, split: str) -> ImageDataset:
    """The images ``indices`` of a data set, as one of its own."""
    about = (whole.labels[indices], whole.classes, whole.info, split)
    if hasattr(whole, "paths"):
        return ImageFiles([whole.paths[i] for i in indices], *about)
    images = [whole.image(int(i)) for i in indices]
    same = len({image.shape for image in images}) == 1
    return InMemory(np.stack(images) if same else images, *about)


def loaders(
    source: Source, config: Config, network: Network, machine: Machine, ranks: Ranks
) -> tuple[Loader, Loader, Preprocessing]:
    """Batches for training, batches for validation, and what the latter do to an image."""
    least = config.batch_size * ranks.world_size
    if least > len(source.training):
        raise ValueError(
            f"a batch of {least} images is larger than the training set of {len(source.training)};"
            f" use --set batch_size={len(source.training) // ranks.world_size} or less"
        )
    if config.photographs not in RECIPES:
        raise unknown_name("photographs", config.photographs, RECIPES)
    size = config.size or network.input_size
    tested = config.validation_size or size
    _check_fit(network, source, {size, tested})
    mean, std = IMAGENET_MEAN, IMAGENET_STD
    if config.pixels == "centered":
        std = (1 / 255,) * 3
    common = {
        "batch_size": config.batch_size,
        "seed": config.seed,
        "rank": ranks.rank,
        "world_size": ranks.world_size,
        "device": machine.device,
        "dtype": machine.dtype,
    }
    mix = mixup_or_cutmix(config.mixup, config.cutmix, len(source.classes))
    in_memory = not hasattr(source.training, "paths")
    if in_memory if config.in_memory is None else config.in_memory:
        if source.channels == 1:
            mean, std = (float(np.mean(mean)),), (float(np.mean(std)),)
        common |= {"mean": mean, "std": std}
        training = ResidentLoader(
            (squares(source.training, size), source.training.labels),
            train=True,
            crop_padding=config.crop_padding,
            flip=config.flip,
            cutout=config.cutout,
            mix=mix,
            **common,
        )
        pixels = squares(source.validation, tested)
        validation = ResidentLoader((pixels, source.validation.labels), train=False, **common)
        return training, validation, Preprocessing(tested, tested, mean, std)
    if source.channels == 1:
        raise ValueError("these images are gray; in_memory=false is for photographs in color")
    views = {
        train: recipe(
            config.photographs, train=train, size=size if train else tested, mean=mean, std=std
        )
        for train in (True, False)
    }
    common["workers"] = config.workers
    training = ImageLoader(source.training, transform=views[True], train=True, mix=mix, **common)
    validation = ImageLoader(source.validation, transform=views[False], train=False, **common)
    chosen = RECIPES[config.photographs]
    shorter = scaled(chosen.shorter, tested)
    seen = Preprocessing(shorter, tested, mean, std, chosen.interpolation.value)
    return training, validation, seen


def check_heard(changes: Iterable[str], config: Config, source: Source) -> None:
    """Raise ValueError where one of the settings ``changes`` does nothing to these images."""
    in_files = hasattr(source.training, "paths") and not config.in_memory
    for name in ("crop_padding", "flip", "cutout") if in_files else ("photographs",):
        if name not in changes:
            continue
        if in_files:
            raise ValueError(
                f"{name} is for images in memory; those in files are cropped and mirrored as"
                f" photographs=NAME says, with a name out of {', '.join(RECIPES)}"
            )
        raise ValueError(
            "photographs is for images in files; those in memory are changed by crop_padding, flip"
            " and cutout"
        )


def _check_fit(network: Network, source: Source, sizes: set[int]) -> None:
    heads, channels = network.options.get("num_classes"), network.options.get("in_channels")
    if heads is not None and heads != len(source.classes):
        raise ValueError(
            f"{network.name} has {heads} outputs, but the data has {len(source.classes)} classes"
        )
    if channels is not None and channels != source.channels:
        raise ValueError(
            f"{network.name} takes images of {channels} channels, but these have {source.channels}"
        )
    for size in sizes:
        if reason := misfit_size(network, size, size):
            raise ValueError(reason)


def squares(dataset: ImageDataset, size: int) -> np.ndarray:
    """All images, the shorter side resized to ``size`` and the middle cut out: uint8 (N, s, s, C).

    These are the pixels that `Preprocessing` makes. Raises ImageFileError for a broken image.
    """
    if hasattr(dataset, "paths"):
        with ThreadPoolExecutor() as pool:
            made = pool.map(lambda i: _square(dataset.image(i)[None], size), range(len(dataset)))
            return np.concatenate(list(made))
    images = dataset.images
    if isinstance(images, np.ndarray):
        return np.concatenate(
            [_square(images[i : i + 1000], size) for i in range(0, len(images), 1000)]
        )
    return np.concatenate([_square(image[None], size) for image in images])


def _square(images: np.ndarray, size: int) -> np.ndarray:
    if images.shape[1:3] == (size, size):
        return images
    tensor = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2)
    tensor = v2.functional.resize(tensor, [size], antialias=True)
    return v2.functional.center_crop(tensor, [size]).permute(0, 2, 3, 1).numpy()
