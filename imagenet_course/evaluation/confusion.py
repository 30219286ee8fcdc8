"""Which classes are taken for which."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn import metrics

from imagenet_course.evaluation.checks import check_classes, check_predictions, to_numpy


class Confusion(NamedTuple):
    """``count`` images of the class ``true``, a ``share`` 0 to 1 of its images, were taken for
    ``predicted``."""

    true: str
    predicted: str
    count: int
    share: float


def confusion_matrix(logits: ArrayLike, labels: ArrayLike) -> np.ndarray:
    """Images of each true class (row) by the class they were taken for (column), int64 ``(K, K)``.

    All K classes have a row, those without images too. Divided by its row sums, the diagonal is
    `imagenet_course.evaluation.topk.per_class_accuracy`.
    """
    logits, labels = check_predictions(logits, labels)
    every = np.arange(logits.shape[1])
    return metrics.confusion_matrix(labels, logits.argmax(axis=1), labels=every)


def most_confused(
    matrix: ArrayLike, classes: Sequence[str] | None = None, *, count: int = 10
) -> list[Confusion]:
    """The mistakes of a `confusion_matrix` made most often, at most ``count``, largest first."""
    matrix = check_matrix(matrix)
    names = check_classes(classes, len(matrix))
    mistakes = matrix * ~np.eye(len(matrix), dtype=bool)
    images = matrix.sum(axis=1)
    pairs = np.argsort(-mistakes, axis=None, kind="stable")[:count]
    return [
        Confusion(names[t], names[p], int(matrix[t, p]), float(matrix[t, p] / images[t]))
        for t, p in zip(*np.unravel_index(pairs, matrix.shape), strict=True)
        if mistakes[t, p]
    ]


def check_matrix(matrix: ArrayLike) -> np.ndarray:
    """A confusion matrix as an array; ValueError unless it is square, whole and nonnegative."""
    matrix = to_numpy(matrix)
    square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1] > 0
    if not square or matrix.dtype.kind not in "iu" or matrix.min() < 0:
        raise ValueError(
            "a confusion matrix holds counts, integers (K, K) from 0, "
            f"got {matrix.dtype} {matrix.shape}."
        )
    return matrix
