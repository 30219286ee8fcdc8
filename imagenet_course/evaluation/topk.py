"""How often the true class is among the first k guesses."""

import numpy as np
from numpy.typing import ArrayLike

from imagenet_course.evaluation.checks import check_predictions
from imagenet_course.layers.checks import check_integer


def true_class_rank(logits: ArrayLike, labels: ArrayLike) -> np.ndarray:
    """How many classes are guessed before the true one, int64 ``(N,)``; 0 where it is the first.

    Classes of equal score are guessed in the order of their numbers, as ``argmax`` does, so every
    measure built on ranks is defined for ties too.
    """
    logits, labels = check_predictions(logits, labels)
    true = np.take_along_axis(logits, labels[:, None], axis=1)
    lower_number = np.arange(logits.shape[1]) < labels[:, None]
    return ((logits > true) | ((logits == true) & lower_number)).sum(axis=1)


def topk_hits(logits: ArrayLike, labels: ArrayLike, k: int = 1) -> np.ndarray:
    """Whether the true class is among the ``k`` highest scores, bool ``(N,)``.

    Raises ValueError for a ``k`` below 1 or above the number of classes.
    """
    ranks = true_class_rank(logits, labels)
    check_integer("k", k, 1)
    if k > np.shape(logits)[1]:
        raise ValueError(
            f"k must be at most the number of classes, got k = {k} for {np.shape(logits)[1]}."
        )
    return ranks < k


def topk_accuracy(logits: ArrayLike, labels: ArrayLike, k: int = 1) -> float:
    """The share of images, 0 to 1, whose true class is among the ``k`` highest scores."""
    return float(topk_hits(logits, labels, k).mean())


def topk_error(logits: ArrayLike, labels: ArrayLike, k: int = 1) -> float:
    """1 − `topk_accuracy`. With k = 5 it is the flat error by which ILSVRC ranked its entries.

    Source: O. Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", IJCV 2015,
    section 4.1.
    """
    return 1.0 - topk_accuracy(logits, labels, k)


def per_class_accuracy(logits: ArrayLike, labels: ArrayLike, k: int = 1) -> np.ndarray:
    """Top-k accuracy among the images of each class, ``(K,)``; NaN for a class without images."""
    hits = topk_hits(logits, labels, k)
    logits, labels = check_predictions(logits, labels)
    images = np.bincount(labels, minlength=logits.shape[1])
    right = np.bincount(labels, weights=hits, minlength=logits.shape[1])
    return np.divide(right, images, out=np.full(len(images), np.nan), where=images > 0)
