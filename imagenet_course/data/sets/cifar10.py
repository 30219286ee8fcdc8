"""`cifar10`: 60,000 color images, 32×32, in ten classes."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from imagenet_course.data.card import DataCard
from imagenet_course.data.dataset import ImageDataset, InMemory
from imagenet_course.data.image_folder import read_image_folder
from imagenet_course.data.install import Package, install, not_installed
from imagenet_course.data.remote import RemoteFile
from imagenet_course.data.root import data_root
from imagenet_course.errors import unknown_name

INFO = DataCard(
    name="cifar10",
    title="CIFAR-10",
    rung="download",
    origin="University of Toronto, 2009; a labeled part of the 80 Million Tiny Images",
    license="none stated; its authors ask to be cited",
    citation=(
        "A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, technical report,"
        " University of Toronto, 2009"
    ),
    classes=(
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ),
    splits={"train": 50000, "test": 10000},
    image_shape=(32, 32, 3),
    notes=(
        'variant: "binary" is the published set, "jpeg" a copy re-encoded as JPEG at quality 75,'
        " found in the folder cifar10-jpeg of the data root; accuracies on the copy run below"
        " published ones. Without a variant, binary is taken if it is there."
    ),
)

# The binary edition: torchvision.datasets.CIFAR10 reads the Python one, which is pickled. Size
# and checksum as on the set's page.
_PACKAGE = Package(
    "cifar-10-batches-bin",
    (
        RemoteFile(
            (
                "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
                "https://cave.cs.toronto.edu/kriz/cifar-10-binary.tar.gz",
            ),
            170_052_171,
            "md5:c32a1d4ab5d03f1284b67883e8d87530",
        ),
    ),
)
FOLDERS = {"binary": _PACKAGE.folder, "jpeg": "cifar10-jpeg"}
_BATCHES = {
    "train": [f"data_batch_{i}.bin" for i in range(1, 6)],
    "test": ["test_batch.bin"],
}


def package() -> Package:
    """What to fetch: the binary edition."""
    return _PACKAGE


def find(variant: str | None = None) -> Path | None:
    """The folder of ``variant``, by default of the first of binary and jpeg there is, or None."""
    if variant is not None and variant not in FOLDERS:
        raise unknown_name("variant of 'cifar10'", variant, FOLDERS)
    wanted = FOLDERS.values() if variant is None else [FOLDERS[variant]]
    return next((path for name in wanted if (path := data_root() / name).is_dir()), None)


def load(split: str, *, variant: str | None = None, download: bool = False) -> ImageDataset:
    """A split: the binary edition in memory, uint8 ``(N, 32, 32, 3)``, the JPEG copy from files.

    With ``download`` the binary edition is fetched first if neither is there.
    """
    folder = find(variant)
    if folder is None and download and variant != "jpeg":
        folder = install(_PACKAGE)
    if folder is None and variant == "jpeg":
        raise FileNotFoundError(
            f"there is no {data_root() / FOLDERS['jpeg']}; the JPEG copy is not published: unpack"
            " yours there, or take the variant binary"
        )
    if folder is None:
        raise not_installed("cifar10", 'load("cifar10", download=True)', {"": _PACKAGE})
    if folder.name == FOLDERS["jpeg"]:
        return read_image_folder(folder, split, replace(INFO, title=f"{INFO.title}, JPEG copy"))
    records = np.concatenate([_read_batch(folder / name) for name in _BATCHES[split]])
    images = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return InMemory(np.ascontiguousarray(images), records[:, 0], INFO.classes, INFO, split)


def _read_batch(path: Path) -> np.ndarray:
    """One label byte and 3 × 32 × 32 pixel bytes per image."""
    batch = np.fromfile(path, dtype=np.uint8)
    if batch.size == 0 or batch.size % 3073 or batch[::3073].max() > 9:
        raise ValueError(f"{path} is damaged; delete {path.parent} and fetch cifar10 again")
    return batch.reshape(-1, 3073)
