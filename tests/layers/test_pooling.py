"""Pooling against torch.nn.functional and finite differences; ties are frequent by design."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from imagenet_course.layers import (
    avg_pool2d,
    avg_pool2d_backward,
    max_pool2d,
    max_pool2d_backward,
)


@st.composite
def poolings(draw, dilated: bool):
    """(x, options): small integers as float64, so that maxima tie, and options PyTorch accepts."""
    kernel = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    stride = draw(st.none() | st.tuples(st.integers(1, 4), st.integers(1, 4)))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    dilation = draw(st.tuples(st.integers(1, 3), st.integers(1, 3))) if dilated else (1, 1)
    ceil_mode = draw(st.booleans())
    size = []
    for axis, (k, p, d) in enumerate(zip(kernel, padding, dilation, strict=True)):
        overhang = (stride or kernel)[axis] - 1 if ceil_mode else 0
        least = max(d, d * (k - 1) + 1 - 2 * p - overhang)
        size.append(draw(st.integers(least, least + 7)))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = random.integers(-2, 2, size=(draw(st.integers(1, 2)), draw(st.integers(1, 2)), *size))
    options = {"stride": stride, "padding": padding, "ceil_mode": ceil_mode}
    if dilated:
        options["dilation"] = dilation
    else:
        options["count_include_pad"] = draw(st.booleans())
    return x.astype(np.float64), kernel, options


def by_torch(pool, x, kernel, options):
    """Output, a random gradient for it, and the gradient that autograd returns for x."""
    tensor = torch.tensor(x, requires_grad=True)
    output = pool(tensor, kernel, **options)
    grad_output = torch.from_numpy(np.random.default_rng(0).normal(size=output.shape))
    output.backward(grad_output)
    return output.detach().numpy(), grad_output.numpy(), tensor.grad.numpy()


@settings(max_examples=200)
@given(poolings(dilated=True))
def test_max_equals_torch(pooling):
    x, kernel, options = pooling
    output, grad_output, grad_x = by_torch(F.max_pool2d, x, kernel, options)
    np.testing.assert_array_equal(max_pool2d(x, kernel, **options), output)
    actual = max_pool2d_backward(grad_output, x, kernel, **options)
    np.testing.assert_allclose(actual, grad_x, rtol=0, atol=1e-10)


@settings(max_examples=200)
@given(poolings(dilated=False))
def test_average_equals_torch(pooling):
    x, kernel, options = pooling
    output, grad_output, grad_x = by_torch(F.avg_pool2d, x, kernel, options)
    actual = avg_pool2d(x, kernel, **options)
    assert actual.shape == output.shape
    np.testing.assert_allclose(actual, output, rtol=0, atol=1e-10)
    actual = avg_pool2d_backward(grad_output, x, kernel, **options)
    np.testing.assert_allclose(actual, grad_x, rtol=0, atol=1e-10)


@settings(max_examples=20)
@given(poolings(dilated=True), st.randoms(use_true_random=False))
def test_max_backward_equals_finite_differences(numeric_gradient, pooling, random):
    x, kernel, options = pooling
    distinct = list(range(x.size))  # far apart, so that a small step changes no winner
    random.shuffle(distinct)
    x = np.array(distinct, dtype=np.float64).reshape(x.shape)
    probe = np.random.default_rng(0).normal(size=max_pool2d(x, kernel, **options).shape)
    numeric = numeric_gradient(lambda x: np.sum(max_pool2d(x, kernel, **options) * probe), x)
    actual = max_pool2d_backward(probe, x, kernel, **options)
    np.testing.assert_allclose(actual, numeric, rtol=1e-6, atol=1e-7)


@settings(max_examples=20)
@given(poolings(dilated=False))
def test_average_backward_equals_finite_differences(numeric_gradient, pooling):
    x, kernel, options = pooling
    probe = np.random.default_rng(0).normal(size=avg_pool2d(x, kernel, **options).shape)
    numeric = numeric_gradient(lambda x: np.sum(avg_pool2d(x, kernel, **options) * probe), x)
    actual = avg_pool2d_backward(probe, x, kernel, **options)
    np.testing.assert_allclose(actual, numeric, rtol=1e-6, atol=1e-7)


def test_worked_example():
    matrix = np.arange(1.0, 17).reshape(1, 1, 4, 4)
    assert max_pool2d(matrix, 2)[0, 0].tolist() == [[6, 8], [14, 16]]
    assert avg_pool2d(matrix, 2)[0, 0].tolist() == [[3.5, 5.5], [11.5, 13.5]]


def test_the_first_of_equal_maxima_takes_the_whole_gradient():
    x = np.array([[[[1.0, 7, 7], [7, 0, 7]]]])
    assert max_pool2d_backward(np.full((1, 1, 1, 1), 5.0), x, (2, 3))[0, 0].tolist() == [
        [0, 5, 0],
        [0, 0, 0],
    ]


def test_padding_may_exceed_half_the_kernel_while_every_window_sees_a_pixel():
    x = np.random.default_rng(3).normal(size=(1, 2, 5, 4)) - 10
    bordered = F.pad(torch.from_numpy(x), (2, 2, 2, 2), value=-torch.inf)
    np.testing.assert_array_equal(
        max_pool2d(x, 3, stride=1, padding=2), F.max_pool2d(bordered, 3, stride=1)
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept_and_arguments_are_not_changed(dtype):
    x = np.random.default_rng(4).normal(size=(2, 3, 5, 5)).astype(dtype)
    before = x.copy()
    for forward, backward in (
        (max_pool2d, max_pool2d_backward),
        (avg_pool2d, avg_pool2d_backward),
    ):
        for kernel in (1, 2):
            y = forward(x, kernel)
            assert y.dtype == dtype
            assert backward(y, x, kernel).dtype == dtype
            y[...] = 0
            np.testing.assert_array_equal(x, before)
