"""The images to look at first: where a network fails, labels are wrong, or both."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from imagenet_course.errors import unknown_name
from imagenet_course.evaluation.checks import check_predictions
from imagenet_course.layers import log_softmax
from imagenet_course.layers.checks import check_integer


@dataclass(frozen=True, slots=True)
class Example:
    """One prediction: ``index`` of the image, class numbers ``true`` and ``predicted``.

    ``confidence`` is the softmax probability of ``predicted``; ``loss`` the cross-entropy at
    ``true``, in nats.
    """

    index: int
    true: int
    predicted: int
    confidence: float
    loss: float


def worst_examples(
    logits: ArrayLike,
    labels: ArrayLike,
    count: int = 16,
    *,
    by: Literal["loss", "confidence"] = "loss",
) -> list[Example]:
    """At most ``count`` images, the worst first.

    ``by="loss"`` takes the highest cross-entropy: where the true class was held least likely.
    ``by="confidence"`` takes the mistakes made with the highest confidence, and mistakes only.
    """
    logits, labels = check_predictions(logits, labels)
    check_integer("count", count, 1)
    if by not in ("loss", "confidence"):
        raise unknown_name("order of examples", by, ["loss", "confidence"])
    log_p = log_softmax(logits.astype(np.float64))
    rows, predicted = np.arange(len(labels)), logits.argmax(axis=1)
    confidence, loss = np.exp(log_p[rows, predicted]), -log_p[rows, labels]
    if by == "loss":
        order = np.argsort(-loss, kind="stable")
    else:
        order = np.lexsort((-loss, -confidence))  # by loss where the confidence rounds to 1
        order = order[(predicted != labels)[order]]
    return [
        Example(int(i), int(labels[i]), int(predicted[i]), float(confidence[i]), float(loss[i]))
        for i in order[:count]
    ]
