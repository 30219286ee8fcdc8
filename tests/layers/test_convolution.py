"""conv2d against torch.nn.functional, finite differences, and arithmetic by hand."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from imagenet_course.layers import conv2d, conv2d_backward, conv_output_size, flip_kernel

METHODS = ["im2col", "naive", "fft"]


@st.composite
def convolutions(draw):
    """(x, weight, bias, options): float64 arrays that fit, and the options of ``conv2d``."""
    small = st.integers(1, 3)
    kernel, stride, dilation = (draw(st.tuples(small, small)) for _ in range(3))
    padding = draw(st.tuples(st.integers(0, 3), st.integers(0, 3)))
    size = []
    for k, p, d in zip(kernel, padding, dilation, strict=True):
        least = max(1, d * (k - 1) + 1 - 2 * p)
        size.append(draw(st.integers(least, least + 5)))
    groups = draw(small)
    channels, filters = draw(st.integers(1, 2)), groups * draw(st.integers(1, 2))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = random.normal(size=(draw(small), groups * channels, *size))
    weight = random.normal(size=(filters, channels, *kernel))
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return x, weight, random.normal(size=filters), options


@pytest.mark.parametrize("method", METHODS)
@given(convolutions())
def test_forward_equals_torch(method, convolution):
    x, weight, bias, options = convolution
    expected = F.conv2d(*map(torch.from_numpy, (x, weight, bias)), **options)
    actual = conv2d(x, weight, bias, method=method, **options)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-10)
    assert actual.shape == tuple(expected.shape)


@settings(max_examples=150)
@given(convolutions())
def test_backward_equals_torch(convolution):
    *arrays, options = convolution
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    output = F.conv2d(*tensors, **options)
    grad_output = torch.from_numpy(np.random.default_rng(0).normal(size=output.shape))
    output.backward(grad_output)
    x, weight, _ = arrays
    gradients = conv2d_backward(grad_output.numpy(), x, weight, **options)
    for actual, tensor in zip(gradients, tensors, strict=True):
        assert actual.shape == tuple(tensor.shape)
        np.testing.assert_allclose(actual, tensor.grad, rtol=0, atol=1e-10)


@settings(max_examples=20)
@given(convolutions())
def test_backward_equals_finite_differences(numeric_gradient, convolution):
    x, weight, bias, options = convolution
    probe = np.random.default_rng(0).normal(size=conv2d(x, weight, bias, **options).shape)
    gradients = conv2d_backward(probe, x, weight, **options)
    losses = (
        lambda x: np.sum(conv2d(x, weight, bias, **options) * probe),
        lambda weight: np.sum(conv2d(x, weight, bias, **options) * probe),
        lambda bias: np.sum(conv2d(x, weight, bias, **options) * probe),
    )
    for loss, at, actual in zip(losses, (x, weight, bias), gradients, strict=True):
        np.testing.assert_allclose(actual, numeric_gradient(loss, at), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_worked_example_is_correlation_and_flipping_makes_it_convolution(method):
    image = np.arange(1.0, 10).reshape(1, 1, 3, 3)
    assert conv2d(image, image, method=method).item() == pytest.approx(285)
    assert conv2d(image, flip_kernel(image), method=method).item() == pytest.approx(165)


@given(convolutions())
def test_flipped_kernel_at_full_padding_is_polynomial_multiplication(convolution):
    """Convolution multiplies polynomials; along one axis NumPy's own ``convolve`` is the judge."""
    signal, kernel = convolution[0][0, 0, 0], convolution[1][0, 0, 0]
    full = conv2d(
        signal[None, None, None],
        flip_kernel(kernel[None, None, None]),
        padding=(0, len(kernel) - 1),
    )
    np.testing.assert_allclose(full[0, 0, 0], np.convolve(signal, kernel), atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept_and_arguments_are_not_changed(method, dtype):
    random = np.random.default_rng(1)
    x = random.normal(size=(2, 2, 6, 5)).astype(dtype)
    weight = random.normal(size=(4, 1, 3, 3)).astype(dtype)
    bias = random.normal(size=4).astype(dtype)
    before = [array.copy() for array in (x, weight, bias)]
    y = conv2d(x, weight, bias, groups=2, method=method)
    gradients = conv2d_backward(y, x, weight, groups=2)
    assert {array.dtype for array in (y, *gradients)} == {np.dtype(dtype)}
    for array, copy in zip((x, weight, bias), before, strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("method", METHODS)
def test_memory_layout_does_not_matter(method):
    random = np.random.default_rng(2)
    images = random.normal(size=(2, 7, 6, 3))  # as photographs are stored: channels last
    weight = random.normal(size=(4, 3, 3, 3))
    x = images.transpose(0, 3, 1, 2)
    np.testing.assert_allclose(
        conv2d(x[:, :, ::-1], weight, method=method),
        conv2d(np.ascontiguousarray(x[:, :, ::-1]), weight, method=method),
        atol=1e-12,
    )


@pytest.mark.parametrize("method", METHODS)
def test_an_empty_batch_stays_empty(method):
    x, weight = np.zeros((0, 2, 5, 5)), np.ones((3, 2, 3, 3))
    y = conv2d(x, weight, method=method)
    assert y.shape == (0, 3, 3, 3)
    grad_x, grad_weight, grad_bias = conv2d_backward(y, x, weight)
    assert grad_x.shape == x.shape
    assert not grad_weight.any()
    assert not grad_bias.any()


@given(convolutions())
def test_size_is_the_one_that_geometry_predicts(convolution):
    x, weight, _, options = convolution
    predicted = tuple(
        conv_output_size(*(values[axis] for values in (x.shape[2:], weight.shape[2:])), *rest)
        for axis, rest in enumerate(
            zip(options["stride"], options["padding"], options["dilation"], strict=True)
        )
    )
    assert conv2d(x, weight, **options).shape[2:] == predicted
