"""`pets`: the Oxford-IIIT pets, 37 breeds of cats and dogs."""

from pathlib import Path

import numpy as np

from imagenet_course.data.card import DataCard
from imagenet_course.data.image_folder import ImageFiles
from imagenet_course.data.install import Package, install, not_installed
from imagenet_course.data.remote import RemoteFile

INFO = DataCard(
    name="pets",
    title="Oxford-IIIT Pet",
    rung="download",
    origin="Visual Geometry Group, Oxford, and IIIT Hyderabad, 2012: 12 breeds of cats, 25 of dogs",
    license="CC BY-SA 4.0 (the set); the photographs belong to their owners",
    citation=(
        "O. M. Parkhi, A. Vedaldi, A. Zisserman and C. V. Jawahar, Cats and Dogs, CVPR, 2012,"
        " doi:10.1109/CVPR.2012.6248092"
    ),
    classes=(
        "Abyssinian",
        "American Bulldog",
        "American Pit Bull Terrier",
        "Basset Hound",
        "Beagle",
        "Bengal",
        "Birman",
        "Bombay",
        "Boxer",
        "British Shorthair",
        "Chihuahua",
        "Egyptian Mau",
        "English Cocker Spaniel",
        "English Setter",
        "German Shorthaired",
        "Great Pyrenees",
        "Havanese",
        "Japanese Chin",
        "Keeshond",
        "Leonberger",
        "Maine Coon",
        "Miniature Pinscher",
        "Newfoundland",
        "Persian",
        "Pomeranian",
        "Pug",
        "Ragdoll",
        "Russian Blue",
        "Saint Bernard",
        "Samoyed",
        "Scottish Terrier",
        "Shiba Inu",
        "Siamese",
        "Sphynx",
        "Staffordshire Bull Terrier",
        "Wheaten Terrier",
        "Yorkshire Terrier",
    ),
    splits={"train": 3680, "test": 3669},
    image_shape=(None, None, 3),
    notes="train is what its authors call trainval.",
)

_ADDRESS = "https://www.robots.ox.ac.uk/~vgg/data/pets/data/"
# Checksums as torchvision.datasets.OxfordIIITPet holds them; the folder is laid out as it expects.
_PACKAGE = Package(
    "oxford-iiit-pet",
    (
        RemoteFile(
            (_ADDRESS + "images.tar.gz",), 791_918_971, "md5:5c4f3ee8e5d25df40f4fd59a7f44e54c"
        ),
        RemoteFile(
            (_ADDRESS + "annotations.tar.gz",), 19_173_078, "md5:95a8c909bbe2e81eed6a22bccdf3f68f"
        ),
    ),
)
_LISTS = {"train": "trainval.txt", "test": "test.txt"}


def package() -> Package:
    """What to fetch."""
    return _PACKAGE


def find() -> Path | None:
    """The folder ``oxford-iiit-pet`` of the data root, if it is there."""
    return _PACKAGE.installed()


def load(split: str, *, download: bool = False) -> ImageFiles:
    """A split of the photographs; with ``download`` they are fetched first if they are missing."""
    folder = install(_PACKAGE) if download else find()
    if folder is None:
        raise not_installed("pets", 'load("pets", download=True)', {"": _PACKAGE})
    paths, labels = [], []
    # Each line: name of the image, class from 1, species, breed within the species.
    for line in (folder / "annotations" / _LISTS[split]).read_text("utf-8").splitlines():
        name, label, _, _ = line.split()
        paths.append(str(folder / "images" / f"{name}.jpg"))
        labels.append(int(label) - 1)
    return ImageFiles(paths, np.array(labels), INFO.classes, INFO, split)
