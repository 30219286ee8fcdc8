"""What layers put out, by name."""

import pytest
import torch
import torch.nn.functional as F

from imagenet_course import models


def test_features_are_what_the_layers_put_out(slim, images):
    model = slim("resnet18")
    with torch.no_grad():
        found = models.features(model, images, ["fc", "conv1", "layer1", "avgpool"])
    assert list(found) == ["fc", "conv1", "layer1", "avgpool"]
    torch.testing.assert_close(found["conv1"], F.conv2d(images, model.conv1.weight, None, 2, 3))
    torch.testing.assert_close(found["fc"], model(images))
    torch.testing.assert_close(found["avgpool"].flatten(1), model.layer4(
        model.layer3(model.layer2(found["layer1"]))).mean(dim=(2, 3)))  # fmt: skip


def test_a_layer_before_an_in_place_relu_keeps_its_negative_values(slim, images):
    with torch.no_grad():
        found = models.features(slim("vgg11"), images, ["features.0", "features.1"])
    assert (found["features.0"] < 0).any()
    assert torch.equal(found["features.0"].relu(), found["features.1"])


def test_gradients_flow_and_hooks_are_gone_afterwards(slim, images):
    model = slim("resnet20")
    images.requires_grad_(True)
    models.features(model, images, ["layer2"])["layer2"].sum().backward()
    assert images.grad.abs().sum() > 0
    assert not model.layer2._forward_hooks


def test_unknown_layers_are_refused_and_leave_no_hook(slim, images):
    model = slim("resnet20")
    with pytest.raises(ValueError, match=r"resnet20 has no layer 'layer11'; did you mean 'layer1"):
        models.features(model, images, ["conv1", "layer11"])
    assert not model.conv1._forward_hooks
