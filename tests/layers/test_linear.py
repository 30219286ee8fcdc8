import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from imagenet_course.layers import linear, linear_backward

sizes = st.integers(1, 6)


@given(st.integers(0, 5), sizes, sizes, st.integers(0, 2**32 - 1))
def test_forward_and_backward_equal_torch(batch, features, outputs, seed):
    random = np.random.default_rng(seed)
    arrays = [random.normal(size=s) for s in ((batch, features), (outputs, features), outputs)]
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    output = F.linear(*tensors)
    grad_output = torch.from_numpy(np.random.default_rng(0).normal(size=output.shape))
    output.backward(grad_output)
    np.testing.assert_allclose(linear(*arrays), output.detach(), rtol=0, atol=1e-10)
    gradients = linear_backward(grad_output.numpy(), *arrays[:2])
    for actual, tensor in zip(gradients, tensors, strict=True):
        np.testing.assert_allclose(actual, tensor.grad, rtol=0, atol=1e-10)


@pytest.mark.parametrize("argument", [0, 1, 2])
def test_backward_equals_finite_differences(numeric_gradient, argument):
    random = np.random.default_rng(7)
    arrays = [random.normal(size=size) for size in ((3, 4), (2, 4), 2)]
    probe = random.normal(size=(3, 2))

    def loss(value):
        return np.sum(linear(*arrays[:argument], value, *arrays[argument + 1 :]) * probe)

    actual = linear_backward(probe, *arrays[:2])[argument]
    numeric = numeric_gradient(loss, arrays[argument])
    np.testing.assert_allclose(actual, numeric, rtol=1e-6, atol=1e-8)


def test_float32_stays_float32():
    x, weight = np.ones((2, 3), np.float32), np.ones((4, 3), np.float32)
    y = linear(x, weight, np.ones(4, np.float32))
    assert {array.dtype for array in (y, *linear_backward(y, x, weight))} == {np.dtype("float32")}
