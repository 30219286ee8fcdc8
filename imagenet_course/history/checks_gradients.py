"""Check of claim A17 in plain NumPy: what becomes of a gradient on its way to the first layer."""

from collections.abc import Callable

import numpy as np

from imagenet_course.history.verdicts import Finding

Backward = Callable[[np.ndarray], np.ndarray]


def _batch_norm(z: np.ndarray) -> tuple[np.ndarray, Backward]:
    """Each column of ``z`` (N, units) with mean 0 and variance 1 over the batch, and what takes a
    gradient back through that (Ioffe and Szegedy 2015, section 3)."""
    deviation = z.std(axis=0)
    u = (z - z.mean(axis=0)) / deviation

    def backward(grad: np.ndarray) -> np.ndarray:
        return (grad - grad.mean(axis=0) - u * (grad * u).mean(axis=0)) / deviation

    return u, backward


def _none(z: np.ndarray) -> tuple[np.ndarray, Backward]:
    return z, lambda grad: grad


def _growth_per_layer(
    norm: Callable[[np.ndarray], tuple[np.ndarray, Backward]],
    depth: int = 34,
    width: int = 64,
    batch: int = 256,
) -> float:
    """By what a layer multiplies the norm of a gradient that goes back through it.

    The geometric mean over ``depth`` plain layers: weights of variance 1 / width (Glorot and Bengio
    2010), ``norm``, ReLU. The scale of the weights makes no difference to batch normalization.
    """
    rng = np.random.default_rng(0)
    weights = rng.normal(scale=width**-0.5, size=(depth, width, width))
    x, passed = rng.normal(size=(batch, width)), []
    for matrix in weights:
        u, backward = norm(x @ matrix)
        passed.append((matrix, u, backward))
        x = np.maximum(u, 0)
    grad, norms = rng.normal(size=x.shape), []
    for matrix, u, backward in reversed(passed):
        grad = backward(grad * (u > 0))
        norms.append(np.linalg.norm(grad))
        grad = grad @ matrix.T
    return float((norms[-1] / norms[0]) ** (1 / (depth - 1)))


def plain_gradients_vanish() -> Finding:
    """The plain networks that ResNet is compared with have batch normalization: do gradients
    vanish in them, so that there is something to solve?"""
    found, without = _growth_per_layer(_batch_norm), _growth_per_layer(_none)
    return Finding(
        f"back through 34 plain layers with random weights, each multiplies the gradient by "
        f"{found:.2f} with batch normalization and by {without:.2f} without; it vanishes below 1",
        found < 1,
    )
