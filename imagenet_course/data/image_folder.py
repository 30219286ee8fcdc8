"""Image folders, ``PATH/[split/]class/**/image.jpg``, and the data set that reads them lazily."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from imagenet_course.data.card import DataCard
from imagenet_course.data.dataset import ImageDataset
from imagenet_course.data.images import EXTENSIONS, read_image
from imagenet_course.errors import unknown_name

# The folder names that mean a split, and the name of the split.
SPLIT_FOLDERS = {
    "train": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}


class ImageFiles(ImageDataset):
    """Images in files, decoded when they are asked for, to RGB ``(H, W, 3)``.

    ``ds.paths`` lists the files, in the order of ``ds.labels``. A file that cannot be decoded
    raises `imagenet_course.data.images.ImageFileError` when it is asked for.
    """

    def __init__(
        self,
        paths: Sequence[str],
        labels: np.ndarray,
        classes: Sequence[str],
        info: DataCard,
        split: str,
    ) -> None:
        super().__init__(labels, classes, info, split)
        self.paths = list(paths)

    def image(self, index: int) -> np.ndarray:
        return read_image(self.paths[index])


def read_image_folder(
    path: str | os.PathLike[str], split: str | None, card: DataCard
) -> ImageFiles:
    """A split of an image folder, in the order of ``torchvision.datasets.ImageFolder``.

    The split ``"all"`` belongs to a folder without split folders; ``None`` is ``"train"`` where
    there is one, otherwise ``"all"``. Hidden files and those without an image's extension are
    ignored. ``info`` of the result is ``card`` with the classes and the size found.

    Raises:
        FileNotFoundError: if ``path`` is no folder.
        ValueError: if there is no such split, no class, an empty class, or classes that are not the
            same in all splits.
    """
    folders = split_folders(path)
    if split is None:
        split = next(iter(folders))
    if split not in folders:
        raise unknown_name(f"split of {str(path)!r}", split, folders)
    check_same_classes(path, folders)
    classes = class_folders(folders[split])
    if not classes:
        raise ValueError(
            f"{str(folders[split])!r} holds no class folders; put the images of each class into a"
            " folder of its name"
        )
    paths: list[str] = []
    counts = []
    for name in classes:
        found = image_files(folders[split] / name)
        if not found:
            raise ValueError(
                f"the class folder {str(folders[split] / name)!r} holds no image"
                f" ({', '.join(EXTENSIONS)}); add images or remove the folder"
            )
        paths += found
        counts.append(len(found))
    info = replace(card, classes=classes, splits=card.splits or {split: len(paths)})
    return ImageFiles(paths, np.repeat(np.arange(len(classes)), counts), classes, info, split)


def split_folders(path: str | os.PathLike[str]) -> dict[str, Path]:
    """The folder of each split: those named like one, otherwise ``{"all": path}``.

    Folders so named are classes, of trains say, where there are others and they hold none
    themselves.
    """
    path = Path(path)
    if not path.is_dir():
        raise FileNotFoundError(f"there is no folder {str(path)!r}")
    found = {split: path / name for name, split in SPLIT_FOLDERS.items() if (path / name).is_dir()}
    others = set(class_folders(path)) - {folder.name for folder in found.values()}
    if others and not any(class_folders(folder) for folder in found.values()):
        found = {}
    return found or {"all": path}


def class_folders(path: Path) -> tuple[str, ...]:
    """The names of the class folders in ``path``, sorted; hidden ones are ignored."""
    with os.scandir(path) as entries:
        return tuple(sorted(e.name for e in entries if e.is_dir() and not e.name.startswith(".")))


def image_files(path: Path) -> list[str]:
    """The image files in ``path`` and the folders below it, sorted folder by folder."""
    return [
        os.path.join(folder, name)
        for folder, _, names in sorted(os.walk(path, followlinks=True))
        for name in sorted(names)
        if name.lower().endswith(EXTENSIONS) and not name.startswith(".")
    ]


def check_same_classes(path: str | os.PathLike[str], folders: dict[str, Path]) -> None:
    """Raise a ``ValueError`` that names the classes which some of the splits lack.

    A split without any class folder, such as an unlabeled test set, is left out.
    """
    classes = {split: set(class_folders(folder)) for split, folder in folders.items()}
    classes = {split: names for split, names in classes.items() if names}
    every = set().union(*classes.values())
    lacking = [
        f"{split} lacks {', '.join(sorted(every - names))}"
        for split, names in classes.items()
        if every - names
    ]
    if lacking:
        raise ValueError(
            f"the splits of {str(path)!r} have different classes ({'; '.join(lacking)}); give each"
            " split the same class folders"
        )
