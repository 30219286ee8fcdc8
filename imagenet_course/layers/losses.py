"""Loss functions: what training makes small."""

import numpy as np

from imagenet_course.layers.activations import log_softmax, softmax
from imagenet_course.layers.checks import check_floats


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> np.floating:
    """L = −(1/N) Σ_n log softmax(z_n)[t_n]: the mean surprise at the true classes.

    logits z (N, K), float32 or float64, straight from the last layer; labels t (N,), integers from
    0 to K − 1. A network that knows nothing scores log K.
    """
    logits, labels = _check(logits, labels)
    return -log_softmax(logits)[np.arange(len(labels)), labels].mean()


def cross_entropy_backward(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """∂L/∂z = (softmax(z) − onehot(t)) / N, (N, K): the backward pass of a network starts here."""
    logits, labels = _check(logits, labels)
    grad = softmax(logits)
    grad[np.arange(len(labels)), labels] -= 1
    return grad / len(labels)


def _check(logits, labels) -> tuple[np.ndarray, np.ndarray]:
    logits = check_floats("logits", logits, "N, K")
    labels = np.asarray(labels)
    batch, classes = logits.shape
    if not np.issubdtype(labels.dtype, np.integer):
        raise TypeError(f"labels must be integers, got {labels.dtype}.")
    if batch == 0 or labels.shape != (batch,):
        raise ValueError(
            f"labels must be one per row of logits, at least one, "
            f"got shape {labels.shape} for logits {logits.shape}."
        )
    wrong = (labels < 0) | (labels >= classes)
    if wrong.any():
        raise ValueError(
            f"labels must lie between 0 and {classes - 1} for {classes} classes, "
            f"got {labels[wrong][0]} at position {wrong.argmax()}."
        )
    return logits, labels
