"""Activation functions and their gradients; arrays of any shape, float32 or float64."""

import numpy as np

from imagenet_course.layers.checks import check_floats


def relu(x: np.ndarray) -> np.ndarray:
    """max(x, 0), element by element."""
    return np.maximum(check_floats("x", x), 0)


def relu_backward(grad_output: np.ndarray, x: np.ndarray) -> np.ndarray:
    """∂L/∂x = ∂L/∂y where x > 0, else 0; at the kink x = 0 the convention is 0."""
    x = check_floats("x", x)
    grad_output = check_floats("grad_output", grad_output, shape=x.shape, like=x)
    return np.where(x > 0, grad_output, 0)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """σ(x) = 1 / (1 + e^−x), element by element.

    For negative x the equal form e^x / (1 + e^x) is used: no exponent is ever positive, so nothing
    overflows.
    """
    x = check_floats("x", x)
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def sigmoid_backward(grad_output: np.ndarray, x: np.ndarray) -> np.ndarray:
    """∂L/∂x = ∂L/∂y · σ(x) · σ(−x), since 1 − σ(x) = σ(−x), without the subtraction's rounding."""
    x = check_floats("x", x)
    grad_output = check_floats("grad_output", grad_output, shape=x.shape, like=x)
    return grad_output * sigmoid(x) * sigmoid(-x)


def softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """y_k = e^{x_k} / Σ_j e^{x_j} along ``axis``: positive numbers that sum to one.

    Adding a constant to all x changes nothing; subtracting the maximum keeps e^x from overflowing.
    """
    x = check_floats("x", x)
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def softmax_backward(grad_output: np.ndarray, x: np.ndarray, axis: int = -1) -> np.ndarray:
    """∂L/∂x_k = y_k · (∂L/∂y_k − Σ_j ∂L/∂y_j · y_j), from ∂y_j/∂x_k = y_j (δ_jk − y_k)."""
    y = softmax(x, axis)
    grad_output = check_floats("grad_output", grad_output, shape=y.shape, like=y)
    return y * (grad_output - (grad_output * y).sum(axis=axis, keepdims=True))


def log_softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """log y_k = x_k − log Σ_j e^{x_j} along ``axis``, finite even where softmax rounds to 0."""
    x = check_floats("x", x)
    shifted = x - x.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def log_softmax_backward(grad_output: np.ndarray, x: np.ndarray, axis: int = -1) -> np.ndarray:
    """∂L/∂x_k = g_k − y_k · Σ_j g_j with g = ∂L/∂(log y) and y = softmax(x)."""
    y = softmax(x, axis)
    grad_output = check_floats("grad_output", grad_output, shape=y.shape, like=y)
    return grad_output - y * grad_output.sum(axis=axis, keepdims=True)
