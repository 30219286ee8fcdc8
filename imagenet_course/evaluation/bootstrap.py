"""How far a figure measured on these images might be from the one on all images of their kind."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from imagenet_course.evaluation.checks import to_numpy
from imagenet_course.layers.checks import check_integer


class Interval(NamedTuple):
    """A metric on the images given, and the ends of its confidence interval."""

    estimate: float
    low: float
    high: float


def bootstrap_interval(
    metric: Callable[..., float],
    *arrays: ArrayLike,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """The percentile bootstrap interval of ``metric(*arrays)``, such as top-1 of (logits, labels).

    Images, the rows of all ``arrays`` together, are drawn with replacement ``resamples`` times; the
    interval holds the middle ``confidence`` of the metric's values. It speaks of other images from
    the same source, not of another run of the training.

    Where the metric is a mean, passing what it averages is many times faster::

        bootstrap_interval(np.mean, topk_hits(logits, labels, 5))

    Two networks on the same images are compared with a paired interval, of
    ``lambda a, b, y: topk_accuracy(a, y) - topk_accuracy(b, y)`` on (logits_a, logits_b, labels).

    Source: B. Efron and R. J. Tibshirani, *An Introduction to the Bootstrap*, 1993, section 13.3.

    Raises:
        ValueError: for arrays of different or no length, a confidence not between 0 and 1, or a
            metric that is NaN on a resample.
    """
    arrays = tuple(map(to_numpy, arrays))
    lengths = [len(array) for array in arrays if array.ndim]
    if len(lengths) < len(arrays) or len(set(lengths)) != 1 or not lengths[0]:
        raise ValueError(
            "bootstrap_interval needs arrays with one row per image, as many in each and at least "
            f"one, got shapes {', '.join(str(array.shape) for array in arrays) or 'none'}."
        )
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, such as 0.95, got {confidence}.")
    check_integer("resamples", resamples, 1)
    rng = np.random.default_rng(check_integer("seed", seed, 0))
    values = np.empty(resamples)
    for i in range(resamples):
        drawn = rng.integers(lengths[0], size=lengths[0])
        values[i] = metric(*(array[drawn] for array in arrays))
    if np.isnan(values).any():
        raise ValueError(
            f"the metric is NaN on {np.isnan(values).sum()} of {resamples} resamples; "
            "choose one that is defined for any selection of these images."
        )
    tail = (1 - confidence) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return Interval(float(metric(*arrays)), float(low), float(high))
