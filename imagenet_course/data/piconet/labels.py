"""Which class each image of a split is of, and what is done to its label and its looks."""

import numpy as np

from imagenet_course.data.piconet.randomness import keys, uniforms


def class_weights(seed: int, count: int, long_tail: float) -> np.ndarray:
    """The share of each of ``count`` classes, float64, falling by a factor ``long_tail`` in all.

    The shares fall exponentially (Y. Cui et al., "Class-balanced loss based on effective number of
    samples", CVPR 2019), along an order of the classes that ``seed`` shuffles.
    """
    rank = np.argsort(np.argsort(keys(seed, 0, np.arange(count))))
    weights = np.array([long_tail ** (-r / max(count - 1, 1)) for r in rank.tolist()])
    return weights / weights.sum()


def draw_labels(seed: int, stream: int, length: int, weights: np.ndarray) -> np.ndarray:
    """Classes of images 0 to ``length`` - 1, int64, in the shares ``weights``.

    Each run of K images, K classes, takes one number from each of K equal parts of [0, 1) in random
    order, so that equal weights give every class exactly once a run, and others nearly their share;
    yet label i is a function of (seed, stream, i, weights), whatever the length.
    """
    count = len(weights)
    runs = -(-length // count)
    order, jitter = uniforms(keys(seed, stream, np.arange(runs * count)), 2)
    part = np.argsort(order.reshape(runs, count), axis=1, kind="stable").ravel()
    if np.all(weights == weights[0]):
        return part[:length].astype(np.int64)
    reached = np.cumsum(weights)
    labels = np.searchsorted(reached / reached[-1], (part + jitter) / count, side="right")
    return labels[:length].astype(np.int64)


def corrupt(key: np.ndarray, labels: np.ndarray, count: int, share: float) -> np.ndarray:
    """Labels of which each was, with probability ``share``, replaced by another class at random."""
    flip, by = uniforms(key, 2)
    wrong = (labels + 1 + np.floor(by * (count - 1)).astype(np.int64)) % count
    return np.where(flip < share, wrong, labels)


def draw_styles(key: np.ndarray, own: np.ndarray, styles: int, correlation: float) -> np.ndarray:
    """Styles that are, with probability ``correlation``, the image's ``own``, else any of all."""
    match, other = uniforms(key, 2)
    return np.where(match < correlation, own, np.floor(other * styles).astype(np.int64))
