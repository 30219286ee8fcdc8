import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from imagenet_course.layers import cross_entropy, cross_entropy_backward


@st.composite
def predictions(draw):
    """(logits, labels) with logits as far apart as 2,000."""
    batch, classes = draw(st.integers(1, 6)), draw(st.integers(1, 8))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = draw(st.sampled_from([1e-3, 1, 30, 1000]))
    logits = random.uniform(-scale, scale, size=(batch, classes))
    return logits, random.integers(classes, size=batch)


@given(predictions())
def test_loss_and_gradient_equal_torch(prediction):
    logits, labels = prediction
    tensor = torch.tensor(logits, requires_grad=True)
    loss = F.cross_entropy(tensor, torch.from_numpy(labels))
    loss.backward()
    assert cross_entropy(logits, labels) == pytest.approx(loss.item(), rel=1e-12, abs=1e-10)
    actual = cross_entropy_backward(logits, labels)
    np.testing.assert_allclose(actual, tensor.grad, rtol=0, atol=1e-10)


def test_gradient_equals_finite_differences(numeric_gradient):
    random = np.random.default_rng(8)
    logits, labels = random.normal(size=(4, 5)), np.array([0, 4, 2, 2])
    numeric = numeric_gradient(lambda logits: cross_entropy(logits, labels), logits)
    actual = cross_entropy_backward(logits, labels)
    np.testing.assert_allclose(actual, numeric, rtol=1e-6, atol=1e-9)


def test_knowing_nothing_costs_the_logarithm_of_the_number_of_classes():
    assert cross_entropy(np.zeros((3, 1000)), np.array([0, 7, 999])) == pytest.approx(np.log(1000))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("label_dtype", [np.uint8, np.int32, np.int64])
def test_dtype_is_that_of_the_logits(dtype, label_dtype):
    logits, labels = np.eye(3, dtype=dtype), np.array([0, 1, 1], label_dtype)
    before = logits.copy()
    assert cross_entropy(logits, labels).dtype == dtype
    assert cross_entropy_backward(logits, labels).dtype == dtype
    np.testing.assert_array_equal(logits, before)
