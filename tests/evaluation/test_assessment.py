"""The page of figures, and the temperature that is judged on images it was not fitted to."""

import json

import numpy as np
import pytest

from imagenet_course.evaluation import (
    assess,
    expected_calibration_error,
    fit_temperature,
    temperature_scaled,
    topk_accuracy,
)


def calibrated(n, classes=8, seed=0):
    """Logits, and labels drawn from their softmax, by the Gumbel-max trick."""
    rng = np.random.default_rng(seed)
    logits = 2 * rng.normal(size=(n, classes))
    return logits, (logits + rng.gumbel(size=logits.shape)).argmax(1)


def test_overconfidence_is_found_and_undone():
    logits, labels = calibrated(20_000)
    found = assess(3 * logits, labels)
    assert found.temperature == pytest.approx(3, rel=0.05)
    assert found.ece > 0.15
    assert found.scaled_ece < 0.02


def test_each_half_is_judged_with_the_temperature_of_the_other():
    logits, labels = calibrated(500)
    temperature, scaled = temperature_scaled(logits, labels)
    assert temperature == fit_temperature(logits, labels)
    used = (logits / scaled)[:, 0]
    values, half = np.unique(used.round(9), return_inverse=True)
    assert len(values) == 2
    assert np.bincount(half).tolist() == [250, 250]
    for k in (0, 1):
        other = half != k
        assert values[k] == pytest.approx(fit_temperature(logits[other], labels[other]))


def test_a_network_without_mistakes_is_assessed_all_the_same():
    labels = np.arange(40) % 4
    found = assess(10 * np.eye(4)[labels], labels, ["a", "b", "c", "d"])
    assert (found.top[1].estimate, found.confused, found.temperature) == (1.0, (), None)
    assert 5 not in found.top
    # Of the exact interval's ends, here 0.025 ** (1 / 40), one has a formula.
    assert found.top[1] == pytest.approx((1.0, 0.025 ** (1 / 40), 1.0))
    assert "images is classified wrong" in found.uncalibrated
    assert "no temperature: none of the 40" in str(found)
    one = assess(np.eye(4)[:1], [0])
    assert "one image cannot be divided" in one.uncalibrated


def test_what_is_printed_and_what_json_holds_are_the_measures():
    logits, labels = calibrated(300)
    found = assess(logits, labels)
    values = json.loads(json.dumps(found.to_dict()))
    assert values["top1"]["estimate"] == topk_accuracy(logits, labels)
    assert values["top5"]["estimate"] == topk_accuracy(logits, labels, 5)
    assert values["ece"] == expected_calibration_error(logits, labels)
    assert f"top-1     {values['top1']['estimate']:.1%}, 95 % interval" in str(found)
    wrong = (logits.argmax(1) != labels).sum()
    assert sum(pair["count"] for pair in values["confused"]) == wrong


def test_of_many_classes_the_worst_are_printed_and_absent_ones_are_null():
    logits, labels = calibrated(2_000, 60)
    logits = np.concatenate([logits, np.full((len(logits), 1), -100.0)], axis=1)
    found = assess(logits, labels, [f"class {k}" for k in range(61)])
    text = str(found)
    assert "the 20 of 60 classes with the lowest F1" in text
    worst = min(found.report.classes[:60], key=lambda scores: scores.f1)
    best = max(found.report.classes[:60], key=lambda scores: scores.f1)
    table = text[text.index("precision") : text.index("most often")]
    assert f"\n{worst.name} " in table
    assert f"\n{best.name} " not in table
    assert found.to_dict()["classes"][60]["f1"] is None
