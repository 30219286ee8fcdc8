"""The fully connected (dense) layer."""

import numpy as np

from imagenet_course.layers.checks import check_floats


def linear(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None = None) -> np.ndarray:
    """y = x Wᵀ + b: every output is a weighted sum of all inputs.

    Shapes as in PyTorch: x (N, in), weight (out, in), bias (out,), result (N, out); all float32 or
    all float64.
    """
    x, weight = _check(x, weight)
    y = x @ weight.T
    if bias is not None:
        y += check_floats("bias", bias, shape=(len(weight),), like=x)
    return y


def linear_backward(
    grad_output: np.ndarray, x: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients (grad_x, grad_weight, grad_bias): G W, Gᵀ x, Σ_n G_n with G = ∂L/∂y (N, out)."""
    x, weight = _check(x, weight)
    grad_output = check_floats("grad_output", grad_output, shape=(len(x), len(weight)), like=x)
    return grad_output @ weight, grad_output.T @ x, grad_output.sum(axis=0)


def _check(x, weight) -> tuple[np.ndarray, np.ndarray]:
    x = check_floats("x", x, "N, in")
    weight = check_floats("weight", weight, "out, in", like=x)
    if x.shape[1] != weight.shape[1]:
        raise ValueError(
            f"x has {x.shape[1]} features but weight (out, in) expects {weight.shape[1]}."
        )
    return x, weight
