"""Calibration and intervals on simulated networks, of which the truth is known."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from imagenet_course.evaluation import (
    bootstrap_interval,
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
    reliability,
    topk_accuracy,
    topk_hits,
)


def calibrated(n, classes=5, *, spread=2.0, seed=0):
    """Logits, and labels drawn from their softmax: a network that is as often right as it says."""
    rng = np.random.default_rng(seed)
    logits = spread * rng.normal(size=(n, classes))
    return logits, (logits + rng.gumbel(size=logits.shape)).argmax(1)  # the Gumbel-max trick


def test_ece_of_a_calibrated_network_tends_to_zero_and_of_an_overconfident_one_does_not():
    errors = [expected_calibration_error(*calibrated(n)) for n in (100, 2_000, 40_000)]
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 0.01
    logits, labels = calibrated(40_000)
    assert expected_calibration_error(3 * logits, labels) > 0.1


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 200), st.integers(1, 20), st.integers(0, 100))
def test_reliability_is_the_definition(n, bins, seed):
    logits, labels = calibrated(n, 3, seed=seed)
    r = reliability(logits, labels, bins=bins)
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    confidence, right = p.max(1), logits.argmax(1) == labels
    gaps = []
    for m in range(bins):
        inside = (m / bins < confidence) & (confidence <= (m + 1) / bins)
        assert r.count[m] == inside.sum()
        if inside.any():
            assert r.confidence[m] == pytest.approx(confidence[inside].mean())
            assert r.accuracy[m] == pytest.approx(right[inside].mean())
            gaps += [abs(right[inside].mean() - confidence[inside].mean())] * inside.sum()
        else:
            assert np.isnan(r.accuracy[m])
    assert r.ece == pytest.approx(np.sum(gaps) / n)
    assert r.mce == pytest.approx(max(gaps))


def test_bins_are_closed_above():
    at_edge = np.log([[0.5, 0.25, 0.25]])
    assert reliability(at_edge, [0], bins=2).count.tolist() == [1, 0]
    certain = np.array([[1000.0, 0.0]])
    assert reliability(certain, [0]).count[-1] == 1


def test_negative_log_likelihood_is_scikit_learns_log_loss():
    logits, labels = calibrated(200)
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    assert negative_log_likelihood(logits, labels) == pytest.approx(log_loss(labels, p))


@pytest.mark.parametrize("temperature", [0.2, 1.0, 3.5])
def test_a_known_temperature_is_recovered(temperature):
    logits, labels = calibrated(20_000)
    assert fit_temperature(temperature * logits, labels) == pytest.approx(temperature, rel=0.04)


@settings(max_examples=40, deadline=None)
@given(st.integers(5, 100), st.integers(2, 6), st.integers(0, 1000), st.floats(-8, 8))
def test_the_temperature_is_the_best_one_and_scales_with_the_logits(n, classes, seed, power):
    logits, labels = calibrated(n, classes, seed=seed)
    true = logits[np.arange(n), labels]
    assume((true < logits.max(1)).any() and (true - logits.mean(1)).mean() > 0.01)
    t = fit_temperature(logits, labels)
    best = negative_log_likelihood(logits / t, labels)
    for factor in (0.9, 0.999, 1.001, 1.1):
        assert best <= negative_log_likelihood(logits / (factor * t), labels)
    scale = 10.0**power
    assert fit_temperature(scale * logits, labels) == pytest.approx(scale * t)
    shifted = logits + np.random.default_rng(seed).normal(size=(n, 1))
    assert fit_temperature(shifted, labels) == pytest.approx(t)


def test_where_no_temperature_is_best_the_reason_is_told():
    logits, labels = calibrated(200)
    with pytest.raises(ValueError, match="none of the 200 images is classified wrong"):
        fit_temperature(logits, logits.argmax(1))
    with pytest.raises(ValueError, match="do the labels belong to these logits"):
        fit_temperature(-logits, labels)
    with pytest.raises(ValueError, match="none of the 3 images"):
        fit_temperature(np.zeros((3, 2)), [0, 1, 1])


def test_bootstrap_intervals_cover_the_truth_about_as_often_as_they_say():
    truth, images, trials = 0.7, 100, 200
    rng = np.random.default_rng(0)
    covered = 0
    for trial in range(trials):
        hits = rng.random(images) < truth
        _, low, high = bootstrap_interval(np.mean, hits, confidence=0.9, resamples=200, seed=trial)
        covered += low <= truth <= high
    # 180 of 200 are expected, with a deviation of 4.2; the percentile method is a little short.
    assert 165 <= covered <= 194


def test_bootstrap_has_the_spread_of_theory_and_is_seeded():
    hits = np.arange(400) < 300
    interval = bootstrap_interval(np.mean, hits, resamples=2000)
    error = np.sqrt(0.75 * 0.25 / 400)
    assert interval.estimate == 0.75
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * error, rel=0.1)
    assert bootstrap_interval(np.mean, hits, resamples=2000) == interval
    assert bootstrap_interval(np.mean, hits, resamples=2000, seed=1) != interval


def test_bootstrap_resamples_rows_together():
    logits, labels = calibrated(60)
    options = {"resamples": 50, "seed": 3}
    interval = bootstrap_interval(topk_accuracy, logits, labels, **options)
    assert interval == bootstrap_interval(np.mean, topk_hits(logits, labels), **options)
    same = bootstrap_interval(
        lambda a, b, y: topk_accuracy(a, y) - topk_accuracy(b, y), logits, logits, labels, **options
    )
    assert same == (0, 0, 0)
