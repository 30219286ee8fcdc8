"""New heads and frozen bodies."""

import math

import pytest
import torch
import torch.nn.functional as F

from imagenet_course import models


@pytest.mark.parametrize("name", models.names())
def test_every_network_takes_a_new_head(name, slim):
    model = models.replace_head(slim(name), 3)
    size = 64 if model.input_size > 32 else 32
    images = torch.randn(2, model.options["in_channels"], size, size)
    with torch.no_grad():
        assert model.eval()(images).shape == (2, 3)
    twin = models.create(model.name, **model.options)  # the options say so too
    assert [p.shape for p in twin.parameters()] == [p.shape for p in model.parameters()]


def test_a_new_head_starts_at_the_loss_of_guessing(slim):
    torch.manual_seed(0)
    model = models.replace_head(slim("resnet50", width=16), 5)
    images, labels = torch.randn(16, 3, 64, 64), torch.arange(16) % 5
    with torch.no_grad():
        assert abs(F.cross_entropy(model(images), labels) - math.log(5)) < 0.2


def test_a_head_of_no_class_is_refused(slim):
    with pytest.raises(ValueError, match="num_classes must be at least 1, got 0"):
        models.replace_head(slim("resnet18"), 0)


def step(model, images, labels):
    """One step of training, hard enough to move everything that can move."""
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    outputs = model.train()(images)
    heads = outputs if isinstance(outputs, tuple) else (outputs,)
    sum(F.cross_entropy(logits, labels) for logits in heads).backward()
    optimizer.step()


@pytest.mark.parametrize(
    ("name", "until", "moving"),
    [
        ("resnet18", "layer3", ("layer4", "fc")),
        ("resnet18", "layer2.0.bn1", (
            "layer2.0.conv2", "layer2.0.bn2", "layer2.0.down", "layer2.1", "layer3", "layer4", "fc"
        )),
        ("resnet18", None, ("fc",)),
        ("vgg11_bn", "features.4", (*(f"features.{i}" for i in range(5, 30)), "classifier")),
        ("densenet121", "features.denseblock3",
         ("features.transition3", "features.denseblock4", "features.norm5", "classifier")),
        ("googlenet", None, ("fc", "aux1.fc2", "aux2.fc2")),
        ("lenet5", "conv2", ("fc1", "fc2", "fc3")),
    ],
)  # fmt: skip
def test_frozen_layers_stay_and_the_others_move(name, until, moving, slim):
    model = models.freeze(slim(name), until)
    old = {key: value.clone() for key, value in model.state_dict().items()}
    size = 64 if model.input_size > 32 else 32
    images = 3 * torch.randn(8, model.options["in_channels"], size, size) + 1  # other statistics
    step(model, images, torch.arange(8) % 7)
    for key, value in model.state_dict().items():
        if not key.startswith(moving):
            assert torch.equal(value, old[key]), f"{key} moved"
    now = model.state_dict()
    moved = {key for key, value in old.items() if not torch.equal(value, now[key])}
    assert any(key.startswith(moving[0]) for key in moved)
    assert any(key.startswith(moving[-1]) for key in moved)


def test_without_freezing_requires_grad_alone_lets_statistics_drift(slim):
    """The bug that freeze() exists for."""
    model = slim("resnet18")
    before = model.bn1.running_mean.clone()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    model.train()(3 * torch.randn(8, 3, 64, 64) + 1)
    assert not torch.equal(model.bn1.running_mean, before)


def test_unfreezing_undoes_freezing(slim):
    model = models.unfreeze(models.freeze(slim("resnet18").train()))
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert all(module.training for module in model.modules())
    assert type(model.bn1) is torch.nn.BatchNorm2d


def test_frozen_networks_save_and_load(slim, tmp_path):
    model = models.freeze(slim("resnet20"))
    again = models.load(models.save(model, tmp_path / "frozen.safetensors"))
    images = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(again(images), model.eval()(images))


def test_unknown_layers_are_refused_before_anything_is_frozen(slim):
    model = slim("resnet18")
    with pytest.raises(ValueError, match="no layer 'layer5'; did you mean 'layer"):
        models.freeze(model, "layer5")
    assert all(parameter.requires_grad for parameter in model.parameters())
