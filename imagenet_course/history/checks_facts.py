"""Checks of claims A: dates, sizes, authors and accuracies, against the tables of this package.

Where a claim is about the classes of ImageNet, the list that torchvision ships is asked.
"""

from imagenet_course.history.dataset_sizes import DATASET_SIZES, ILSVRC2012_SPLITS
from imagenet_course.history.ilsvrc import RESULTS
from imagenet_course.history.milestones import MILESTONES
from imagenet_course.history.sources import SOURCES, source
from imagenet_course.history.verdicts import Finding

_SIZE = {size.name: size for size in DATASET_SIZES}


def _first_ilsvrc() -> str:
    return min(m.date for m in MILESTONES if m.source == "ilsvrc2010challenge")


def imagenet_won_ilsvrc_2009() -> Finding:
    first = min(result.year for result in RESULTS)
    teams = {result.team for result in RESULTS} | {result.entry for result in RESULTS}
    return Finding(
        f"the first ILSVRC was in {first}; no entry is called ImageNet",
        first <= 2009 and "ImageNet" in teams,
    )


def data_set_younger_than_challenge() -> Finding:
    paper = next(m.date for m in MILESTONES if m.source == "deng2009imagenet")
    challenge = _first_ilsvrc()
    return Finding(
        f"data set published {paper}, first challenge decided {challenge}", challenge < paper
    )


def fourteen_million_in_thousand_classes() -> Finding:
    full, subset = _SIZE["ImageNet (full)"], _SIZE["ILSVRC-2012"]
    return Finding(
        f"{full.images:,} images have {full.classes:,} synsets; "
        f"{subset.classes:,} classes have {subset.images:,} images",
        any(size.images > 14_000_000 and size.classes == 1_000 for size in DATASET_SIZES),
    )


def has_21818_categories() -> Finding:
    counts = [size.classes for size in DATASET_SIZES if size.name.startswith("ImageNet")]
    return Finding(f"ImageNet has had {counts} synsets, not 21,818", 21_818 in counts)


def validation_labels_withheld() -> Finding:
    """torchvision offers exactly the splits whose labels are public."""
    from torchvision.datasets import ImageNet

    public = []
    for split in ILSVRC2012_SPLITS:
        try:
            ImageNet("no-such-folder", split=split)
        except ValueError:  # the name of the split is refused
            continue
        except (RuntimeError, OSError):  # the split is known, its archive is not here
            public.append(split)
    return Finding(
        f"torchvision serves {public} with labels; only the test labels are withheld",
        "val" not in public,
    )


def _wrote(key: str, *names: str) -> bool:
    authors = " ".join(source(key).authors)
    return all(name in authors for name in names)


def _authorship(key: str, *claimed: str) -> Finding:
    paper = source(key)
    return Finding(
        f"“{paper.title}” ({paper.year}) is by {'; '.join(paper.authors)}", _wrote(key, *claimed)
    )


def vgg_by_he() -> Finding:
    return _authorship("simonyan2015very", "He, Kaiming")


def _title_among_sources(title: str) -> bool:
    return any(title.lower() == entry.title.lower() for entry in SOURCES)


def alexnet_title() -> Finding:
    claimed = "AlexNet: One Million Training Examples for Image Classification"
    return Finding(
        f"the paper is “{source('krizhevsky2012imagenet').title}”", _title_among_sources(claimed)
    )


def googlenet_title() -> Finding:
    claimed = "Scalable Inception-based Convolutional Neural Networks"
    return Finding(
        f"the paper is “{source('szegedy2015going').title}”", _title_among_sources(claimed)
    )


def inception_by_simonyan() -> Finding:
    return _authorship("szegedy2015going", "Simonyan", "Zisserman")


def densenet_title() -> Finding:
    return Finding(
        f"the paper is “{source('huang2017densely').title}”",
        _title_among_sources("Dense Convolutional Networks"),
    )


def lstm_in_williams_and_zipser() -> Finding:
    return _authorship("williams1989learning", "Hochreiter", "Schmidhuber")


def learning_from_data_by_james() -> Finding:
    return _authorship("abumostafa2012learning", "James", "Hastie")


def dogs_among_classes() -> Finding:
    """Dog breeds are the classes from Chihuahua to Mexican hairless, one after the other."""
    from torchvision.models import AlexNet_Weights

    classes = AlexNet_Weights.IMAGENET1K_V1.meta["categories"]
    dogs = classes.index("Mexican hairless") - classes.index("Chihuahua") + 1
    return Finding(
        f"{dogs} of {len(classes):,} classes are breeds of dog, {dogs / len(classes):.1%}",
        dogs / len(classes) > 0.1,
    )


def split_of_152338() -> Finding:
    """No split of ILSVRC-2012, and no sum of splits, has that many images."""
    train, val, test = ILSVRC2012_SPLITS.values()
    sizes = {train, val, test, train + val, train + test, val + test, train + val + test}
    return Finding(f"the splits and their sums have {sorted(sizes)} images", 152_338 in sizes)


def three_layers_reach_98() -> Finding:
    """Compares with the best published figure, and with what perfection would score."""
    best, wrong_labels = 91.0, 6.0  # yu2022coca; northcutt2021pervasive: at least
    return Finding(
        f"98.02 % is above the {best} % of a model of 2022, and above the {100 - wrong_labels} % "
        f"that a flawless classifier would score where {wrong_labels} % of labels are wrong",
        max(best, 100 - wrong_labels) >= 98.02,
    )
