"""What is decayed, what an average is, and that Muon's steps are orthogonal."""

import pytest
import torch
from torch import nn

from imagenet_course import models
from imagenet_course.training import optim
from imagenet_course.training.config import CHOICES, Config
from imagenet_course.training.muon import Muon, orthogonalized


def test_norms_and_biases_are_not_decayed_unless_asked():
    network = models.resnet20(width=4)
    for decay_all in (False, True):
        built = optim.build(network, Config(weight_decay=0.1, decay_all=decay_all))
        decay = {id(p): g["weight_decay"] for g in built.param_groups for p in g["params"]}
        assert len(decay) == len(list(network.parameters()))
        for name, parameter in network.named_parameters():
            vector = "bn" in name or name.endswith("bias")
            assert decay[id(parameter)] == (0.0 if vector and not decay_all else 0.1), name


def test_frozen_weights_are_left_out():
    network = models.freeze(models.lenet5())
    built = optim.build(network, Config())
    assert sum(len(g["params"]) for g in built.param_groups) == 2
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    with pytest.raises(ValueError, match="nothing to train"):
        optim.build(network, Config())


@pytest.mark.parametrize("name", CHOICES["optimizer"])
def test_every_optimizer_fits_a_line(name):
    torch.manual_seed(0)
    model = nn.Linear(4, 3)
    goal = torch.randn(3, 4) / 4
    x = torch.randn(256, 4)
    optimizer = optim.build(model, Config(optimizer=name, lr=0.05, weight_decay=0.0))
    for step in range(300):
        optim.set_lr(optimizer, 1 - step / 300)
        loss = (model(x) - x @ goal.T).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 1e-3


@pytest.mark.parametrize("shape", [(8, 30), (30, 8), (16, 16)])
def test_orthogonalized_keeps_directions_and_levels_singular_values(shape):
    torch.manual_seed(0)
    matrix = torch.randn(shape)
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    close = orthogonalized(matrix)
    values = torch.linalg.svdvals(close)
    assert values.min() > 0.5
    assert values.max() < 1.3
    inner = u.mT @ close @ v.mT  # diagonal, if the directions are kept
    assert (inner - inner.diag().diag()).abs().max() < 1e-3


def test_muon_steps_of_filters_have_the_size_of_adamw():
    torch.manual_seed(0)
    weight = nn.Parameter(torch.zeros(16, 8, 3, 3).contiguous(memory_format=torch.channels_last))
    weight.grad = torch.randn_like(weight)
    Muon([{"params": [weight]}], lr=1.0).step()
    assert weight.detach().square().mean().sqrt() == pytest.approx(0.2, rel=0.3)


def test_muon_turns_filters_by_the_angle_that_the_learning_rate_says():
    torch.manual_seed(0)
    filters = nn.Parameter(torch.randn(16, 8, 3, 3))
    matrix = nn.Parameter(torch.ones(4, 4))
    optimizer = Muon([{"params": [filters, matrix]}], lr=0.005, filter_rms=0.02)
    for _ in range(2):  # the first step begins at another size
        before = filters.detach().clone()
        filters.grad, matrix.grad = torch.randn_like(filters), torch.randn_like(matrix)
        optimizer.step()
    assert filters.detach().square().mean().sqrt() == pytest.approx(0.02, rel=1e-5)
    cosine = torch.cosine_similarity(before.flatten(), filters.detach().flatten(), 0)
    assert torch.acos(cosine) == pytest.approx(0.2 * 0.005 / 0.02, rel=0.3)
    assert matrix.detach().mean() > 0.9  # matrices keep their own size


def test_ema_is_the_weighted_mean_of_what_it_saw():
    model = nn.BatchNorm2d(3)
    ema = optim.Ema(model, decay=0.5)
    expected = model.weight.detach().clone()
    for step in range(1, 6):
        with torch.no_grad():
            model.weight.fill_(float(step))
            model.num_batches_tracked.fill_(step)
        ema.update(model, step)
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * step
    assert torch.allclose(ema.average["weight"], expected)
    assert ema.average["num_batches_tracked"] == 5
    with optim.swapped(model, ema.average):
        assert torch.equal(model.weight, ema.average["weight"])
    assert (model.weight == 5).all()
