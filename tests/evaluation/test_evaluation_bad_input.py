"""Wrong arguments are told apart, each in one sentence."""

import numpy as np
import pytest

from imagenet_course import evaluation
from imagenet_course.data.piconet import TREE

LOGITS, LABELS = np.eye(4, dtype=np.float32), np.arange(4)
MEASURES = [
    evaluation.true_class_rank,
    evaluation.topk_accuracy,
    evaluation.per_class_accuracy,
    evaluation.confusion_matrix,
    evaluation.classification_report,
    evaluation.reliability,
    evaluation.negative_log_likelihood,
    evaluation.fit_temperature,
    evaluation.worst_examples,
    lambda z, y: evaluation.hierarchical_error(z, y, TREE, [s.name for s in TREE.leaves[:4]]),
]


def with_value(value):
    logits = LOGITS.copy()
    logits[2, 1] = value
    return logits


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    ("logits", "labels", "error", "sentence"),
    [
        (LOGITS, LABELS[:3], ValueError, r"got \(4, 4\) and \(3,\)"),
        (LOGITS[0], LABELS, ValueError, r"shape \(N, K\)"),
        (LOGITS, LABELS[:, None], ValueError, r"labels \(N,\)"),
        (LOGITS[:0], LABELS[:0], ValueError, "nothing to evaluate"),
        (LOGITS[:, :0], LABELS, ValueError, "nothing to evaluate"),
        (LOGITS, LABELS + 1, ValueError, "between 0 and 3 for 4 classes, got 4 at position 3"),
        (LOGITS, LABELS - 1, ValueError, "got -1 at position 0"),
        (LOGITS, LABELS / 1, TypeError, "labels must be integers, got float64"),
        (with_value(np.nan), LABELS, ValueError, "finite, got nan for image 2"),
        (with_value(-np.inf), LABELS, ValueError, "finite, got -inf for image 2"),
        (LOGITS.astype(complex), LABELS, TypeError, "real numbers, got complex128"),
        (LOGITS.astype(str), LABELS, TypeError, "logits must be real numbers"),
    ],
)
def test_bad_predictions(measure, logits, labels, error, sentence):
    with pytest.raises(error, match=sentence):
        measure(logits, labels)


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: evaluation.topk_accuracy(LOGITS, LABELS, 5), ValueError, "got k = 5 for 4"),
        (lambda: evaluation.topk_accuracy(LOGITS, LABELS, 0), ValueError, "k must be at least 1"),
        (lambda: evaluation.topk_hits(LOGITS, LABELS, 1.5), TypeError, "k must be an integer"),
        (lambda: evaluation.reliability(LOGITS, LABELS, bins=0), ValueError, "bins must be at"),
        (
            lambda: evaluation.classification_report(LOGITS, LABELS, ["a", "b"]),
            ValueError,
            "2 class names were given for 4 classes",
        ),
        (
            lambda: evaluation.hierarchical_error(LOGITS, LABELS, TREE, ["owl", "x", "y", "z"]),
            ValueError,
            "unknown synset 'x'",
        ),
        (
            lambda: evaluation.worst_examples(LOGITS, LABELS, by="los"),
            ValueError,
            "did you mean 'loss'",
        ),
        (lambda: evaluation.worst_examples(LOGITS, LABELS, 0), ValueError, "count must be at"),
        (lambda: evaluation.most_confused(LOGITS), ValueError, "holds counts, integers"),
        (lambda: evaluation.most_confused(np.ones((2, 3), int)), ValueError, r"got int64 \(2, 3\)"),
        (lambda: evaluation.most_confused(-np.eye(2, dtype=int)), ValueError, "from 0"),
        (
            lambda: evaluation.bootstrap_interval(np.mean, LABELS, LABELS[:2]),
            ValueError,
            r"as many in each and at least one, got shapes \(4,\), \(2,\)",
        ),
        (lambda: evaluation.bootstrap_interval(np.mean), ValueError, "got shapes none"),
        (lambda: evaluation.bootstrap_interval(np.mean, []), ValueError, "at least one"),
        (lambda: evaluation.bootstrap_interval(np.mean, 3.0), ValueError, "one row per image"),
        (
            lambda: evaluation.bootstrap_interval(np.mean, LABELS, confidence=95),
            ValueError,
            "confidence must lie between 0 and 1, such as 0.95, got 95",
        ),
        (
            lambda: evaluation.bootstrap_interval(np.mean, LABELS, resamples=0),
            ValueError,
            "resamples must be at least 1",
        ),
        (
            lambda: evaluation.bootstrap_interval(lambda x: np.nan, LABELS, resamples=9),
            ValueError,
            "NaN on 9 of 9 resamples",
        ),
    ],
)
def test_bad_options(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()
