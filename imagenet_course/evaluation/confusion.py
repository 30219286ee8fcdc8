"""Which classes are taken for which."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from imagenet_course.evaluation.checks import check_classes, check_predictions, to_numpy


class Confusion(NamedTuple):
    """``count`` images of class ``true``, a ``share`` of them all, were taken for ``predicted``."""

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
    classes = logits.shape[1]
    pairs = labels * classes + logits.argmax(axis=1)
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


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
