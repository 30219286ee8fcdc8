"""The ImageNet Large Scale Visual Recognition Challenge, 2010–2017: who won, and with what.

All errors are top-5 errors on the hidden test set, in percent. Until 2013 classification was a task
of its own; from 2014 on its error is a column of the task "classification and localization", and
2017 had no classification task besides.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """One entry of the challenge."""

    year: int
    team: str
    entry: str
    """The name the method has in the literature, or the team's where it has none."""
    place: int
    top5_error: float
    """Percent of test images whose label is not among five guesses."""
    extra_data: bool
    """Whether the entry trained on more than the images of the challenge."""
    idea: str
    """What was new about it."""
    source: str
    """Key in references.bib."""
    read_in_source: bool = True
    """Whether the figure was read in the source; else in independent copies that agree."""


@dataclass(frozen=True, slots=True)
class Annotator:
    """One human who took the test, among 1,000 classes and with five guesses an image."""

    name: str
    practice_images: int
    test_images: int
    top5_error: float
    source: str
    read_in_source: bool = True


RESULTS: tuple[Result, ...] = (
    Result(
        2010,
        "NEC-UIUC",
        "NEC-UIUC",
        1,
        28.191,
        False,
        "Dense SIFT and LBP features, non-linear coding, linear SVMs trained by SGD",
        "ilsvrc2010challenge",
        read_in_source=False,
    ),
    Result(
        2011,
        "XRCE",
        "XRCE",
        1,
        25.770,
        False,
        "Compressed Fisher vectors with linear classifiers",
        "ilsvrc2011challenge",
        read_in_source=False,
    ),
    Result(
        2012,
        "SuperVision",
        "AlexNet",
        1,
        15.315,
        True,
        "A deep convolutional network on two GPUs: ReLU, dropout, augmentation",
        "ilsvrc2012challenge",
    ),
    Result(
        2012,
        "SuperVision",
        "AlexNet",
        1,
        16.422,
        False,
        "A deep convolutional network on two GPUs: ReLU, dropout, augmentation",
        "ilsvrc2012challenge",
    ),
    Result(
        2012,
        "ISI",
        "ISI",
        2,
        26.172,
        False,
        "A weighted sum of classifiers on Fisher vectors of several features",
        "ilsvrc2012challenge",
    ),
    Result(
        2013,
        "Clarifai",
        "Clarifai",
        1,
        11.197,
        True,
        "Several convolutional networks, one of them trained on 5,000 categories",
        "ilsvrc2013challenge",
        read_in_source=False,
    ),
    Result(
        2013,
        "Clarifai",
        "Clarifai",
        1,
        11.743,
        False,
        "Several convolutional networks, tuned by looking at what their layers respond to",
        "ilsvrc2013challenge",
        read_in_source=False,
    ),
    Result(
        2014,
        "GoogLeNet",
        "GoogLeNet",
        1,
        6.66,
        False,
        "Inception modules: several filter sizes side by side, 22 layers, no large dense layers",
        "he2015delving",
    ),
    Result(
        2014,
        "VGG",
        "VGG",
        2,
        7.325,
        False,
        "Only 3×3 filters, 16 to 19 layers with weights",
        "ilsvrc2014challenge",
        read_in_source=False,
    ),
    Result(
        2015,
        "MSRA",
        "ResNet",
        1,
        3.57,
        False,
        "Residual learning: shortcuts around layers, up to 152 of them",
        "he2016deep",
    ),
    Result(
        2016,
        "Trimps-Soushen",
        "Trimps-Soushen",
        1,
        2.991,
        False,
        "An ensemble of several known architectures",
        "ilsvrc2016challenge",
        read_in_source=False,
    ),
    Result(
        2017,
        "WMW",
        "SENet",
        1,
        2.251,
        False,
        "Squeeze-and-excitation: channels weighted by what the whole image shows",
        "hu2018squeeze",
    ),
)

HUMANS: tuple[Annotator, ...] = (
    Annotator("A1 (Andrej Karpathy)", 500, 1500, 5.1, "karpathy2014competing"),
    Annotator("A2", 100, 258, 12.0, "russakovsky2015imagenet", read_in_source=False),
)


def winners(*, extra_data: bool = False) -> tuple[Result, ...]:
    """The best entry of each year, oldest first.

    With ``extra_data`` the entries that trained on additional images count too, which changes
    the figures of 2012 and 2013.
    """
    best: dict[int, Result] = {}
    for result in RESULTS:
        if result.extra_data and not extra_data:
            continue
        if result.year not in best or result.top5_error < best[result.year].top5_error:
            best[result.year] = result
    return tuple(best[year] for year in sorted(best))
