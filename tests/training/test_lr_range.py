"""The range test finds rates that teach, and leaves the network as it was."""

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


@pytest.mark.parametrize("wrong", [{"steps": 3}, {"low": 0}, {"low": 2, "high": 1}])
def test_bad_ranges_are_refused(wrong):
    with pytest.raises(ValueError, match="from a lower to a higher rate"):
        lr_range(CONFIG, **wrong)
