"""Precision, recall and F1: per class, and in the three averages that say different things."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import precision_recall_fscore_support

from imagenet_course.evaluation.checks import check_classes, check_predictions


@dataclass(frozen=True, slots=True)
class Scores:
    """Precision, recall and F1, 0 to 1, of one class or an average; ``support`` counts images."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Report:
    """The `Scores` of each class and their averages; ``print(report)`` shows a table.

    ``macro`` counts every class alike, ``weighted`` by its images, ``micro`` every image alike:
    where each image has one label and one prediction, micro precision, recall and F1 are all the
    top-1 accuracy, and so is weighted recall.
    """

    classes: tuple[Scores, ...]
    macro: Scores
    micro: Scores
    weighted: Scores

    def __str__(self) -> str:
        rows = [*self.classes, self.macro, self.micro, self.weighted]
        wide = max(len(row.name) for row in rows)
        lines = [f"{'':{wide}}  precision  recall     F1  images"]
        lines += [
            f"{row.name:{wide}}  {row.precision:9.3f}  {row.recall:6.3f}  {row.f1:5.3f}  "
            f"{row.support:6d}"
            for row in rows
        ]
        lines.insert(1 + len(self.classes), "")
        return "\n".join(lines)


def classification_report(
    logits: ArrayLike, labels: ArrayLike, classes: Sequence[str] | None = None
) -> Report:
    """Precision, recall and F1 of the top-1 predictions, by scikit-learn.

    A ratio 0/0 counts as 0, such as the precision of a class that was never predicted. Classes that
    have no image are NaN and stay out of the averages, so that a network of 1,000 classes can be
    judged on images of ten; the micro average counts every image all the same.
    """
    logits, labels = check_predictions(logits, labels)
    names = check_classes(classes, logits.shape[1])
    predicted = logits.argmax(axis=1)
    present = np.unique(labels)
    by_class = [Scores(name, np.nan, np.nan, np.nan, 0) for name in names]

    def scores(average: str | None, among: np.ndarray = present) -> tuple:
        return precision_recall_fscore_support(
            labels, predicted, labels=among, average=average, zero_division=0
        )

    for k, *ratios, support in zip(present, *scores(None), strict=True):
        by_class[k] = Scores(names[k], *map(float, ratios), int(support))
    found = {
        "macro": scores("macro"),
        "micro": scores("micro", np.union1d(labels, predicted)),
        "weighted": scores("weighted"),
    }
    averages = {
        average: Scores(f"{average} average", *map(float, ratios), len(labels))
        for average, (*ratios, _) in found.items()
    }
    return Report(tuple(by_class), **averages)
