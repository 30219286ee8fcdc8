"""The range test finds rates that teach, and leaves the network as it was."""

import numpy as np
import pytest
import torch

from imagenet_course import models
from imagenet_course.training.lr_range import lr_range
from imagenet_course.training.recipes import recipe

CONFIG = recipe("small", precision="float32")


def test_the_loss_falls_at_the_steepest_rate_and_not_at_the_least():
    network = models.lenet5()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    found = lr_range(CONFIG, network=network, steps=60)
    assert (found.lrs[1:] > found.lrs[:-1]).all()
    assert 1e-4 < found.steepest < 0.1
    least = found.losses.argmin()
    assert found.losses[least] < 0.8 * found.losses[0]
    assert found.steepest < found.lrs[least] < found.lrs[-1]  # beyond, the loss rises again
    for key, value in network.state_dict().items():
        assert torch.equal(value, before[key]), key


def test_the_steps_are_those_that_training_takes():
    plain, clipped, gathered = (
        lr_range(CONFIG.changed(**changes), steps=30).losses
        for changes in ({}, {"clip_norm": 1e-3, "optimizer": "sgd"}, {"accumulate": 2})
    )
    assert not np.allclose(plain[1:20], gathered[1:20])
    assert np.ptp(clipped[:15]) < 0.1 * np.ptp(plain)  # hardly a step is taken at low rates


def test_a_loss_that_is_no_number_from_the_start_is_refused():
    network = models.lenet5()
    network.fc3.weight.data.fill_(float("nan"))
    with pytest.raises(ValueError, match="left all bounds at the first rate already; begin below"):
        lr_range(CONFIG, network=network)


@pytest.mark.parametrize("wrong", [{"steps": 3}, {"low": 0}, {"low": 2, "high": 1}])
def test_bad_ranges_are_refused(wrong):
    with pytest.raises(ValueError, match="from a lower to a higher rate"):
        lr_range(CONFIG, **wrong)
