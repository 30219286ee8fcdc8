"""Accuracy, confusion and reports against scikit-learn and against counting by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn import metrics

from imagenet_course.data.piconet import TREE
from imagenet_course.evaluation import (
    classification_report,
    confusion_matrix,
    hierarchical_error,
    most_confused,
    per_class_accuracy,
    topk_accuracy,
    topk_error,
    topk_hits,
    true_class_rank,
    worst_examples,
)


@st.composite
def predictions(draw, ties=True):
    """Logits and labels; the few distinct values make ties the rule."""
    n, k = draw(st.integers(1, 30)), draw(st.integers(1, 6))
    values = st.integers(-3, 3).map(float) if ties else st.floats(-20, 20)
    logits = draw(arrays.arrays(np.float64, (n, k), elements=values, unique=not ties))
    return logits, draw(arrays.arrays(np.int64, n, elements=st.integers(0, k - 1)))


many = settings(max_examples=60, deadline=None)


@many
@given(predictions())
def test_top1_is_the_accuracy_of_argmax(case):
    logits, labels = case
    expected = metrics.accuracy_score(labels, logits.argmax(1))
    assert topk_accuracy(logits, labels) == pytest.approx(expected)
    assert topk_error(logits, labels) == pytest.approx(1 - expected)


@many
@given(predictions())
def test_rank_is_the_place_in_a_stable_sort(case):
    logits, labels = case
    order = np.argsort(-logits, axis=1, kind="stable")
    ranks = [list(row).index(label) for row, label in zip(order, labels, strict=True)]
    assert true_class_rank(logits, labels).tolist() == ranks


@many
@given(predictions(ties=False))
def test_topk_is_scikit_learns_where_nothing_is_tied(case):
    logits, labels = case
    classes = logits.shape[1]
    for k in range(1, classes):
        if classes > 2:  # scikit-learn takes two columns for a binary problem, with other shapes
            expected = metrics.top_k_accuracy_score(labels, logits, k=k, labels=range(classes))
            assert topk_accuracy(logits, labels, k) == pytest.approx(expected)
    assert topk_hits(logits, labels, classes).all()


@many
@given(predictions())
def test_confusion_matrix_counts_every_image_once(case):
    logits, labels = case
    matrix = confusion_matrix(logits, labels)
    counted = np.zeros_like(matrix)
    for t, p in zip(labels, logits.argmax(1), strict=True):
        counted[t, p] += 1
    np.testing.assert_array_equal(matrix, counted)
    assert matrix.dtype == np.int64
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(
            matrix.diagonal() / matrix.sum(1), per_class_accuracy(logits, labels)
        )


@many
@given(predictions())
def test_most_confused_are_the_largest_mistakes_in_order(case):
    matrix = confusion_matrix(*case)
    found = most_confused(matrix, count=matrix.size)
    assert sum(pair.count for pair in found) == matrix.sum() - np.trace(matrix)
    assert [pair.count for pair in found] == sorted((p.count for p in found), reverse=True)
    for pair in found:
        t, p = int(pair.true), int(pair.predicted)
        assert t != p
        assert pair.count == matrix[t, p] > 0
        assert pair.share == pytest.approx(matrix[t, p] / matrix[t].sum())


@many
@given(predictions())
def test_report_follows_from_the_confusion_matrix(case):
    logits, labels = case
    matrix, report = confusion_matrix(logits, labels), classification_report(logits, labels)
    present = [k for k in range(len(matrix)) if matrix[k].sum()]
    f1 = []
    for k, scores in enumerate(report.classes):
        right, predicted, images = matrix[k, k], matrix[:, k].sum(), matrix[k].sum()
        assert scores.support == images
        if k not in present:
            assert np.isnan([scores.precision, scores.recall, scores.f1]).all()
            continue
        assert scores.precision == pytest.approx(right / predicted if predicted else 0)
        assert scores.recall == pytest.approx(right / images if images else 0)
        assert scores.f1 == pytest.approx(2 * right / (predicted + images))
        f1.append(scores.f1)
    assert report.macro.f1 == pytest.approx(np.mean(f1))
    assert report.weighted.f1 == pytest.approx(
        sum(c.f1 * c.support for c in report.classes if c.support) / len(labels)
    )
    top1 = topk_accuracy(logits, labels)
    micro = report.micro
    assert [micro.precision, micro.recall, micro.f1] == pytest.approx([top1] * 3)
    assert report.weighted.recall == pytest.approx(top1)


def test_classes_without_images_do_not_lower_the_averages():
    labels = np.repeat(np.arange(10), 50)
    predicted = np.where(np.arange(500) % 10, labels, np.arange(500) + 100)
    report = classification_report(np.eye(1000)[predicted], labels)
    assert report.macro.recall == pytest.approx(0.9)
    assert report.macro.precision == 1
    assert (report.micro.precision, report.micro.recall) == pytest.approx((0.9, 0.9))
    assert np.isnan(report.classes[101].recall)


def test_report_prints_a_line_for_each_class_and_average():
    report = classification_report(np.eye(3), [0, 1, 1], ["cat", "dog", "tench"])
    lines = str(report).splitlines()
    assert [line.split()[0] for line in lines[1:4]] == ["cat", "dog", "tench"]
    assert len({len(line) for line in lines if line}) == 1
    assert lines[2].split() == ["dog", "1.000", "0.500", "0.667", "2"]


@many
@given(predictions())
def test_worst_examples_are_sorted_and_complete(case):
    logits, labels = case
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    by_loss = worst_examples(logits, labels, len(labels))
    assert sorted(example.index for example in by_loss) == list(range(len(labels)))
    for example in by_loss:
        i = example.index
        assert (example.true, example.predicted) == (labels[i], logits[i].argmax())
        assert example.loss == pytest.approx(-np.log(p[i, labels[i]]))
        assert example.confidence == pytest.approx(p[i].max())
    losses = [example.loss for example in by_loss]
    assert losses == sorted(losses, reverse=True)

    mistakes = worst_examples(logits, labels, len(labels), by="confidence")
    wrong = np.flatnonzero(logits.argmax(1) != labels)
    assert sorted(example.index for example in mistakes) == wrong.tolist()
    confidences = [example.confidence for example in mistakes]
    assert confidences == pytest.approx(sorted(confidences, reverse=True))


def test_the_most_confident_mistake_is_found_where_confidence_rounds_to_one():
    logits = np.array([[0.0, 50.0], [0.0, 90.0], [0.0, 70.0]])
    worst = worst_examples(logits, [0, 0, 0], by="confidence")
    assert [example.index for example in worst] == [1, 2, 0]


def test_hierarchical_error_is_the_mean_distance_in_the_tree():
    names = [leaf.name for leaf in TREE.leaves[:12]]
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(50, 12)), rng.integers(12, size=50)
    costs = TREE.distance_matrix(names)[labels, logits.argmax(1)]
    assert hierarchical_error(logits, labels, TREE, names) == pytest.approx(costs.mean())
    severity = hierarchical_error(logits, labels, TREE, names, mistakes_only=True)
    assert severity == pytest.approx(costs[costs > 0].mean())
    assert hierarchical_error(np.eye(12), range(12), TREE, names) == 0


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float64])
def test_torch_tensors_give_the_same_as_arrays(dtype):
    logits = torch.randn(40, 5, generator=torch.Generator().manual_seed(0)).to(dtype)
    labels = torch.arange(40) % 5
    as_arrays = logits.double().numpy(), labels.numpy()
    for measure in (true_class_rank, per_class_accuracy, confusion_matrix):
        np.testing.assert_array_equal(measure(logits.requires_grad_(), labels), measure(*as_arrays))
