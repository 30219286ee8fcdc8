"""Learning rates: pure functions with the ends and the shape that their papers draw."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from imagenet_course.training.config import CHOICES, Config
from imagenet_course.training.schedule import START, cosine, linear, lr_factor, one_cycle, step


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 1), st.floats(0, 1))
def test_cosine_and_linear_start_at_one_end_at_final_and_never_rise(t, final):
    for shape in (cosine, linear):
        assert shape(0, final) == pytest.approx(1)
        assert shape(1, final) == pytest.approx(final)
        assert shape(min(1, t + 0.01), final) <= shape(t, final) + 1e-12


def test_cosine_and_step_are_those_of_torch():
    weight = torch.nn.Parameter(torch.zeros(1))
    ours = {
        "cosine": lambda i: cosine(i / 50),
        "step": lambda i: step(i / 50, (0.4, 0.8), 0.1),
    }
    for name, factor in ours.items():
        optimizer = torch.optim.SGD([weight], 1.0)
        theirs = (
            torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 50)
            if name == "cosine"
            else torch.optim.lr_scheduler.MultiStepLR(optimizer, [20, 40], 0.1)
        )
        for i in range(50):
            assert factor(i) == pytest.approx(theirs.get_last_lr()[0], abs=1e-9)
            optimizer.step()
            theirs.step()


def test_one_cycle_has_its_peak_where_it_is_said_to_be():
    values = [one_cycle(t, 0.3) for t in np.linspace(0, 1, 101)]
    assert values[0] == pytest.approx(START)
    assert values[30] == max(values) == pytest.approx(1)
    assert values[100] == pytest.approx(0)


@pytest.mark.parametrize("schedule", CHOICES["schedule"])
@pytest.mark.parametrize("warmup", [0, 0.25])
def test_a_run_has_positive_rates_that_reach_the_peak_once_warm(schedule, warmup):
    milestones = (0.5,) if schedule == "step" else ()
    config = Config(epochs=4, schedule=schedule, warmup=warmup, milestones=milestones)
    factors = [lr_factor(config, i, 25) for i in range(100)]
    assert all(0 < f <= 1 for f in factors)
    warm = int(100 * warmup)
    assert factors[warm] == pytest.approx(1)
    assert factors[:warm] == sorted(factors[:warm])
    assert math.isclose(factors[-1], 1) == (schedule == "constant")
