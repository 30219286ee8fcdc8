"""The table of a network: every figure found a second way."""

import json

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision import models as torchvision_models
from typer.testing import CliRunner

from imagenet_course import models
from imagenet_course.cli import app
from imagenet_course.models.network import meta_twin


@pytest.mark.parametrize("name", models.names())
def test_parameters_and_multiply_adds_agree_with_torch(name, slim):
    model = slim(name)
    size = 64 if model.input_size > 32 else 32
    table = models.summary(model, size)
    with FlopCounterMode(display=False) as counter:
        meta_twin(model)(torch.empty(1, model.options["in_channels"], size, size, device="meta"))
    assert 2 * table.macs == counter.get_total_flops()
    used = sum(p.numel() for key, p in model.named_parameters() if not key.startswith("aux"))
    assert table.parameters == used


@pytest.mark.parametrize("name", ["alexnet", "vgg11", "googlenet", "resnet50", "densenet121"])
def test_shapes_are_what_the_layers_put_out(name, slim, images):
    model = slim(name)
    rows = [row for row in models.summary(model, 64).rows if row.layer != "Add"]
    layers = dict(model.named_modules())
    seen = {row.name: row.output_shape for row in rows if row.name in layers}
    with torch.no_grad():
        outputs = models.features(model, images, seen)
    assert len(seen) > 15
    assert seen == {key: tuple(value.shape[1:]) for key, value in outputs.items()}


@pytest.mark.parametrize(
    ("name", "layer"),
    [("vgg11", "features.7"), ("resnet18", "layer2"), ("resnet20", "layer1"),
     ("alexnet", "features.6"), ("googlenet", "inception3b")],
)  # fmt: skip
def test_receptive_fields_are_as_wide_as_the_gradient(name, layer, slim):
    """With positive weights nothing cancels, so that every pixel in the field has a gradient."""
    model = slim(name, in_channels=1).double()
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.uniform_(module.weight, 0.1, 1)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)
            module.reset_running_stats()
    # A pooling layer passes gradient to one input only: averaging sees the same window.
    for parent in list(model.modules()):
        for key, child in parent.named_children():
            if isinstance(child, nn.MaxPool2d):
                figures = (child.kernel_size, child.stride, child.padding, child.ceil_mode)
                setattr(parent, key, nn.AvgPool2d(*figures))
    rows = models.summary(model, 256).rows
    field = [row for row in rows if row.name.startswith(layer)][-1].receptive_field
    images = torch.ones(1, 1, 256, 256, dtype=torch.float64, requires_grad=True)
    output = models.features(model, images, [layer])[layer]
    output[0, :, output.shape[2] // 2, output.shape[3] // 2].sum().backward()
    seen = images.grad[0, 0].ne(0).any(dim=1).nonzero()
    assert seen.max() - seen.min() + 1 == field


@pytest.mark.parametrize(
    "name", [n for n in models.names() if n in torchvision_models.list_models()]
)
def test_multiply_adds_are_those_that_torchvision_publishes(name):
    with torch.device("meta"):
        model = models.create(name)
    published = torchvision_models.get_model_weights(name).IMAGENET1K_V1.meta["_ops"]
    assert round(models.summary(model).macs / 1e9, 3) == published


@pytest.mark.parametrize(
    ("name", "layer", "field"),
    [
        ("alexnet", "features.12", 195),  # these two: Araujo, Norris & Sim, Distill 2019
        ("vgg16", "features.30", 212),
        # Stem 11; a 3×3 convolution adds twice its jump: 3·8, then 8 + 3·16, 16 + 5·32, 32 + 2·64.
        ("resnet50", "layer4.2.relu", 11 + 24 + 56 + 176 + 160),
    ],
)
def test_receptive_fields_are_those_found_by_hand(name, layer, field):
    with torch.device("meta"):
        model = models.create(name)
    assert {row.name: row.receptive_field for row in models.summary(model).rows}[layer] == field


def test_rows_joined_add_up(slim):
    model = slim("resnet18")
    whole, joined = models.summary(model), models.summary(model, depth=1)
    assert [row.name for row in joined.rows] == [
        *("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"),
        *("avgpool", "fc"),
    ]
    assert (joined.parameters, joined.macs, joined.memory) == (
        whole.parameters,
        whole.macs,
        whole.memory,
    )


def test_memory_counts_outputs_but_not_work_in_place():
    rows = models.summary(models.lenet5(activation="relu", pooling="max")).rows
    assert rows[0].memory == 4 * 6 * 28 * 28
    in_place = {row.name: row.memory for row in models.summary(models.resnet18(width=4), 64).rows}
    assert in_place["bn1"] > 0
    assert in_place["relu"] == 0


def test_a_summary_touches_neither_weights_nor_mode(slim):
    model = slim("resnet18").train()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    models.summary(model)
    assert model.training
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())


def test_a_network_written_on_the_page_is_summed_up_too():
    page = nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.ReLU(), nn.Flatten(), nn.Linear(18, 4))
    table = models.summary(page, 5)
    assert [row.layer for row in table.rows] == ["Conv2d", "ReLU", "Flatten", "Linear"]
    assert (table.parameters, table.macs) == (18 + 76, 18 * 9 + 72)
    assert table.rows[-1].receptive_field == 5
    with pytest.raises(TypeError, match="input_size must be an integer"):
        models.summary(page)


def test_images_too_small_are_refused():
    with pytest.raises(ValueError, match="too small for alexnet: the smallest that works is 63×63"):
        models.summary(models.alexnet(width=4), 62)


def run(*arguments):
    return CliRunner().invoke(app, ["models", *arguments])


def test_the_command_lists_all_networks():
    lines = run("list").output.splitlines()
    assert [line.split()[0] for line in lines] == list(models.names())
    assert json.loads(run("list", "--json").output).keys() == set(models.names())


def test_the_command_prints_the_table():
    result = run("summary", "resnet20", "--classes", "100", "--size", "48", "--channels", "1")
    model = models.resnet20(num_classes=100, in_channels=1)
    assert result.output.strip() == str(models.summary(model, 48))
    figures = json.loads(run("summary", "lenet5", "--json").output)
    assert figures["parameters"] == 61_706
    assert figures["rows"][0]["output_shape"] == [6, 28, 28]


def test_the_command_passes_errors_on_for_one_sentence():
    assert "did you mean 'resnet50'" in str(run("summary", "resnte50").exception)
    assert "smallest that works is 32×32" in str(run("summary", "vgg16", "--size", "8").exception)
