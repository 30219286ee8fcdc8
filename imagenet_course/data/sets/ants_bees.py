"""`ants-bees`: the two small classes of PyTorch's transfer-learning tutorial."""

from pathlib import Path

from imagenet_course.data.card import DataCard
from imagenet_course.data.image_folder import ImageFiles, read_image_folder
from imagenet_course.data.install import Package, install, not_installed
from imagenet_course.data.remote import RemoteFile

INFO = DataCard(
    name="ants-bees",
    title="Ants and bees (hymenoptera_data)",
    rung="download",
    origin="PyTorch's transfer-learning tutorial; a very small subset of ImageNet",
    license="none stated; ImageNet's terms: non-commercial research and education",
    citation=(
        "S. Chilamkurthy, Transfer Learning for Computer Vision Tutorial, PyTorch, 2017,"
        " https://pytorch.org/tutorials/beginner/transfer_learning_tutorial.html"
    ),
    classes=("ants", "bees"),
    splits={"train": 244, "validation": 153},
    image_shape=(None, None, 3),
    notes="The archive's train/ants/imageNotFound.gif is a placeholder; it is not part of the set.",
)

# The checksum is the one the tutorials' own build script verifies.
_PACKAGE = Package(
    "hymenoptera_data",
    (
        RemoteFile(
            ("https://download.pytorch.org/tutorial/hymenoptera_data.zip",),
            47_286_322,
            "sha256:fbc41b31d544714d18dd1230b1e2b455e1557766e13e67f9f5a7a23af7c02209",
        ),
    ),
)


def package() -> Package:
    """What to fetch."""
    return _PACKAGE


def find() -> Path | None:
    """The folder ``hymenoptera_data`` of the data root, if it is there."""
    return _PACKAGE.installed()


def load(split: str, *, download: bool = False) -> ImageFiles:
    """A split of the photographs; with ``download`` they are fetched first if they are missing."""
    folder = install(_PACKAGE) if download else find()
    if folder is None:
        raise not_installed("ants-bees", 'load("ants-bees", download=True)', {"": _PACKAGE})
    return read_image_folder(folder, split, INFO)
