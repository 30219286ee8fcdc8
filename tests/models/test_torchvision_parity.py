"""The networks that torchvision has: same keys, same logits, same gradients, same counts."""

import re

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torchvision import models as torchvision_models

from imagenet_course import models

SHARED = [n for n in models.names() if n in torchvision_models.list_models()]


@pytest.fixture(scope="module")
def twins(lively):
    """``twins(name)`` gives torchvision's network and ours, the weights of ours loaded from it.

    ``small_head`` cuts the linear layers of VGG down, where their size is not the question.
    """

    def build(name, small_head=False):
        options = {"aux_logits": True, "init_weights": False} if name == "googlenet" else {}
        with torch.device("meta"):
            theirs = torchvision_models.get_model(name, weights=None, **options)
            if small_head:
                theirs.avgpool = nn.AdaptiveAvgPool2d(1)
                theirs.classifier[0] = nn.Linear(512, 64)
                theirs.classifier[3] = nn.Linear(64, 64)
                theirs.classifier[6] = nn.Linear(64, 1000)
            ours = models.create(name, **({"hidden": 64, "pool": 1} if small_head else {}))
        theirs.to_empty(device="cpu")
        for buffer in theirs.buffers():
            buffer.zero_()
        batch = torch.randn(4, 3, 64, 64, generator=torch.Generator().manual_seed(1))
        theirs = lively(theirs, batch)
        ours.to_empty(device="cpu").load_state_dict(theirs.state_dict(), strict=True)
        return theirs, ours.eval()

    return build


@pytest.mark.parametrize("name", SHARED)
def test_logits_agree_and_parameters_are_as_published(name, twins, images):
    theirs, ours = twins(name)
    with torch.no_grad():
        expected, logits = theirs(images), ours(images)
    assert expected.std() > 0.1  # worth comparing
    assert (logits - expected).abs().max() <= 1e-5
    heads = "aux"  # torchvision counts GoogLeNet without its auxiliary heads
    counted = sum(p.numel() for key, p in ours.named_parameters() if not key.startswith(heads))
    weights = torchvision_models.get_model_weights(name).IMAGENET1K_V1
    assert counted == weights.meta["num_params"]


@pytest.mark.parametrize("name", SHARED)
def test_training_agrees_in_logits_gradients_and_running_statistics(name, twins, images):
    theirs, ours = twins(name, small_head=name.startswith("vgg"))
    labels = torch.tensor([3, 1, 4, 1])
    results = []
    for model in (theirs, ours):
        torch.manual_seed(0)  # the same units drop out
        outputs = model.train()(images)
        parts = outputs if isinstance(outputs, tuple) else (outputs,)
        loss = sum(F.cross_entropy(part, labels) for part in parts)
        gradients = torch.autograd.grad(loss, list(model.parameters()))
        running = [b for b in model.buffers() if b.is_floating_point()]
        results.append((torch.cat(parts).detach(), gradients, running))
    (expected, expected_gradients, expected_running), (logits, gradients, running) = results
    assert (logits - expected).abs().max() <= 1e-5
    for gradient, expected_gradient in zip(gradients, expected_gradients, strict=True):
        largest = expected_gradient.abs().max()
        assert (gradient - expected_gradient).abs().max() <= 1e-5 * largest + 1e-7
    for ours_running, theirs_running in zip(running, expected_running, strict=True):
        torch.testing.assert_close(ours_running, theirs_running)


def test_outputs_of_googlenet_in_training_have_torchvision_names(twins, images):
    theirs, ours = twins("googlenet")
    assert ours.train()(images)._fields == theirs.train()(images)._fields


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("lenet5", 61_706),
        ("alexnet", 61_100_840),
        ("alexnet2012", 60_965_224),
        ("vgg11", 132_863_336),
        ("vgg13", 133_047_848),
        ("vgg16", 138_357_544),
        ("vgg19", 143_667_240),
        ("googlenet", 13_004_888),
        ("resnet18", 11_689_512),
        ("resnet34", 21_797_672),
        ("resnet50", 25_557_032),
        ("resnet101", 44_549_160),
        ("resnet152", 60_192_808),
        ("densenet121", 7_978_856),
    ],
)
def test_parameters_are_those_the_course_prints(name, parameters):
    with torch.device("meta"):
        model = models.create(name)
    assert sum(p.numel() for p in model.parameters()) == parameters


@pytest.mark.parametrize("name", models.names())
def test_the_sentence_about_a_network_counts_its_parameters_right(name):
    with torch.device("meta"):
        model = models.create(name)
    count = sum(p.numel() for p in model.parameters())
    sentence = models.registry.describe(name)
    for printed in re.findall(r"[\d,]{6,}", sentence):
        without_heads = sum(p.numel() for k, p in model.named_parameters() if "aux" not in k)
        assert int(printed.replace(",", "")) in (count, without_heads)
    for millions in re.findall(r"([\d.]+) million", sentence):
        assert round(count / 1e6, len(millions.partition(".")[2])) == float(millions)
