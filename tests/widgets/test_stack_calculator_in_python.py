"""The arithmetic of stacks against the networks themselves, and the calculator's checks."""

import json
import re

import pytest

from imagenet_course import models
from imagenet_course.widgets import StackCalculator
from imagenet_course.widgets.stacks import NETWORKS, stack_rows


def summary_of(name):
    return models.summary(models.create(name))


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("LeNet-5", "lenet5"),
        ("AlexNet", "alexnet"),
        ("VGG-16", "vgg16"),
        ("ResNet-18", "resnet18"),
    ],
)
def test_networks_are_those_of_the_package(name, model):
    network = summary_of(model)
    size, channels, layers = NETWORKS[name]
    rows = stack_rows(size, channels, layers)
    assert network.input_shape == (channels, size, size)
    assert sum(row.parameters for row in rows) == network.parameters
    assert sum(row.macs for row in rows) == network.macs
    assert rows[-1].field == network.rows[-1].receptive_field
    shapes = {row.output_shape for row in network.rows}
    assert {row.shape for row in rows} <= shapes


def test_a_block_whose_shape_stays_has_no_weights_in_its_shortcut():
    block = {"kind": "block", "out": 64, "stride": 1}
    (same,) = stack_rows(8, 64, [block])
    (wider,) = stack_rows(8, 32, [block])
    assert same.parameters == 2 * (64 * 64 * 9 + 2 * 64)
    assert wider.parameters == (32 + 64) * 64 * 9 + 32 * 64 + 3 * 2 * 64


def test_output_holds_the_live_view_and_its_static_twin():
    data, _ = StackCalculator("AlexNet")._repr_mimebundle_()
    assert data["text/plain"] == "StackCalculator('AlexNet', size=224, channels=3)"
    html = data["text/html"]
    state = json.loads(re.search(r'<script type="application/json">(.*?)</script>', html)[1])
    assert [network["name"] for network in state["networks"]] == list(NETWORKS)
    assert "61,100,840 parameters, 714,188,480 multiply-adds" in html
    assert len(html) < 20_000


def test_rows_follow_what_the_reader_builds():
    calculator = StackCalculator("VGG-16")
    before = sum(row.parameters for row in calculator.rows())
    head = next(i for i, layer in enumerate(calculator.layers) if layer["kind"] == "linear")
    calculator.layers = [*calculator.layers[:head], {"kind": "global"}, *calculator.layers[head:]]
    after = sum(row.parameters for row in calculator.rows())
    assert before - after == 4096 * 512 * 48, "one weight for each map instead of 49"
    assert repr(calculator).startswith("StackCalculator('22 layers'")


def test_fallback_names_the_layer_that_does_not_fit():
    calculator = StackCalculator("AlexNet", size=16)
    with pytest.raises(ValueError, match=r"^layer \d: kernel 3"):
        calculator.rows()
    assert "layer 4: kernel 3" in calculator.fallback_html()


CONV = {"kind": "conv", "out": 8, "kernel": 3, "stride": 1, "padding": 0, "norm": 0}
LINEAR = {"kind": "linear", "out": 10}


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        ([LINEAR, CONV], "layer 2: it needs maps"),
        ([{"kind": "max", "kernel": 2, "stride": 2, "padding": 2}], "layer 1: padding 2 is too"),
        ([{**CONV, "kernel": 9}], "layer 1: kernel 9"),
    ],
)
def test_layers_that_do_not_fit_are_explained(layers, sentence):
    with pytest.raises(ValueError, match=sentence):
        stack_rows(8, 1, layers)


@pytest.mark.parametrize(
    ("settings", "error", "sentence"),
    [
        ({"network": "AlexNte"}, ValueError, "unknown network 'AlexNte'; did you mean 'AlexNet'"),
        ({"layers": []}, ValueError, "1 to 40 layers, got 0"),
        ({"layers": "conv"}, TypeError, "layers must be a list"),
        ({"layers": ["conv"]}, TypeError, "must be a dict with a kind"),
        ({"layers": [{"kind": "cnov"}]}, ValueError, "unknown kind of layer 'cnov'"),
        ({"layers": [{"kind": "linear"}]}, ValueError, "'linear' needs out, got"),
        ({"layers": [{**CONV, "stride": 0}]}, ValueError, "stride must be at least 1, got 0"),
        ({"layers": [{**CONV, "out": 5000}]}, ValueError, "out must be at most 4096"),
        ({"size": 0}, ValueError, "size must be at least 1, got 0"),
        ({"size": 1024}, ValueError, "size must be at most 512"),
        ({"channels": 1.5}, TypeError, "channels must be an integer, got 1.5"),
    ],
)
def test_wrong_settings_are_explained(settings, error, sentence):
    with pytest.raises(error, match=sentence):
        StackCalculator(**settings)
