import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from imagenet_course import layers

FUNCTIONS = {
    "relu": (layers.relu, layers.relu_backward, F.relu),
    "sigmoid": (layers.sigmoid, layers.sigmoid_backward, torch.sigmoid),
    "softmax": (layers.softmax, layers.softmax_backward, lambda x: F.softmax(x, -1)),
    "log_softmax": (
        layers.log_softmax,
        layers.log_softmax_backward,
        lambda x: F.log_softmax(x, -1),
    ),
}
arrays = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=1, max_dims=4, max_side=4),
    elements=st.floats(-1000, 1000, allow_subnormal=False),
)


@pytest.mark.parametrize("name", FUNCTIONS)
@given(arrays)
def test_forward_and_backward_equal_torch(name, x):
    forward, backward, reference = FUNCTIONS[name]
    tensor = torch.tensor(x, requires_grad=True)
    output = reference(tensor)
    grad_output = torch.from_numpy(np.random.default_rng(0).normal(size=output.shape))
    output.backward(grad_output)
    np.testing.assert_allclose(forward(x), output.detach(), rtol=1e-12, atol=1e-10)
    actual = backward(grad_output.numpy(), x)
    np.testing.assert_allclose(actual, tensor.grad, rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_backward_equals_finite_differences(numeric_gradient, name):
    forward, backward, _ = FUNCTIONS[name]
    random = np.random.default_rng(5)
    x, probe = random.normal(size=(2, 3, 5, 7))[:, 0], random.normal(size=(2, 5, 7))
    numeric = numeric_gradient(lambda x: np.sum(forward(x) * probe), x)
    np.testing.assert_allclose(backward(probe, x), numeric, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_values_neither_overflow_nor_lose_the_dtype(name, dtype):
    forward, backward, _ = FUNCTIONS[name]
    x = np.array([-1e38, -1e4, -100, 0, 100, 1e4, 1e38], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        y, gradient = forward(x), backward(np.ones_like(x), x)
    assert y.dtype == gradient.dtype == dtype
    assert np.isfinite(y).all()
    assert np.isfinite(gradient).all()


def test_sigmoid_keeps_its_digits_far_from_zero():
    x = np.array([-700.0, -40.0, -1.0])
    np.testing.assert_allclose(layers.sigmoid(x), np.exp(x) / (1 + np.exp(x)), rtol=1e-15)
    np.testing.assert_allclose(
        layers.sigmoid_backward(np.ones(1), np.array([40.0])), np.exp(-40.0), rtol=1e-12
    )


def test_log_softmax_is_finite_where_softmax_rounds_to_zero():
    x = np.array([0.0, 1000.0])
    assert layers.softmax(x)[0] == 0
    assert layers.log_softmax(x)[0] == -1000


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_softmax_sums_to_one_along_its_axis_and_ignores_a_shift(axis):
    x = np.random.default_rng(6).normal(size=(3, 4, 5))
    y = layers.softmax(x, axis)
    np.testing.assert_allclose(y.sum(axis), 1, rtol=1e-14)
    np.testing.assert_allclose(layers.softmax(x + 123, axis), y, rtol=1e-10)
    np.testing.assert_allclose(np.log(y), layers.log_softmax(x, axis), rtol=1e-12)
