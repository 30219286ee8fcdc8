"""How large the data sets of image recognition were, through time, as their makers state it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DatasetSize:
    """The size of one data set, or of one state of it."""

    name: str
    year: int
    images: int
    classes: int | None
    """Categories, where the source counts them."""
    note: str
    source: str
    """Key in references.bib."""


DATASET_SIZES: tuple[DatasetSize, ...] = (
    DatasetSize(
        "MNIST", 1998, 70_000, 10, "60,000 training and 10,000 test digits", "lecun1998mnist"
    ),
    DatasetSize(
        "80 Million Tiny Images",
        2008,
        79_302_017,
        75_062,
        "32×32 pixels, loosely labeled with the nouns they were searched by",
        "torralba2008million",
    ),
    DatasetSize(
        "CIFAR-10", 2009, 60_000, 10, "32×32 pixels, 6,000 per class", "krizhevsky2009learning"
    ),
    DatasetSize(
        "CIFAR-100", 2009, 60_000, 100, "32×32 pixels, 600 per class", "krizhevsky2009learning"
    ),
    DatasetSize(
        "ImageNet (CVPR 2009)",
        2009,
        3_200_000,
        5_247,
        "12 subtrees of WordNet; 3.2 million, rounded in the paper",
        "deng2009imagenet",
    ),
    DatasetSize(
        "ImageNet (full)",
        2010,
        14_197_122,
        21_841,
        "Images and synsets indexed, as image-net.org states them",
        "imagenet2026about",
    ),
    DatasetSize(
        "ILSVRC-2012",
        2012,
        1_431_167,
        1_000,
        "1,281,167 training, 50,000 validation and 100,000 test images",
        "russakovsky2015imagenet",
    ),
    DatasetSize(
        "PASCAL VOC 2012",
        2012,
        5_717,
        20,
        "Training images of its classification and detection tasks",
        "ilsvrc2013challenge",
    ),
    DatasetSize(
        "JFT-300M",
        2017,
        300_000_000,
        None,
        "Not public; more than 375 million noisy labels; rounded in the paper",
        "sun2017revisiting",
    ),
    DatasetSize(
        "Open Images V4",
        2018,
        9_200_000,
        19_800,
        "30.1 million image-level labels; figures rounded in the paper",
        "kuznetsova2020open",
    ),
)

ILSVRC2012_SPLITS: dict[str, int] = {"train": 1_281_167, "val": 50_000, "test": 100_000}
