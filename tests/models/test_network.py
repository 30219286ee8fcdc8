"""Building by name, remembering options, and explaining images that do not fit."""

import copy

import pytest
import torch

from imagenet_course import models
from imagenet_course.models.network import find_layer, fits, meta_twin


def test_names_follow_the_story_and_build_what_they_say():
    order = models.names()
    assert order[0] == "lenet5"
    assert order.index("alexnet") < order.index("vgg16") < order.index("googlenet")
    assert order.index("googlenet") < order.index("resnet50") < order.index("densenet121")
    with torch.device("meta"):
        for name in order:
            model = models.create(name, num_classes=3)
            twin = models.create(model.name, **model.options)
            assert model.name == name
            assert type(twin) is type(model)
            assert [p.shape for p in twin.parameters()] == [p.shape for p in model.parameters()]


def test_unknown_names_bring_the_nearest():
    with pytest.raises(ValueError, match=r"unknown model 'resnet81'; did you mean 'resnet18'\?"):
        models.create("resnet81")


@pytest.mark.parametrize("name", ["lenet5", "alexnet", "vgg11", "resnet18", "densenet121"])
@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"num_classes": 0}, ValueError, "num_classes must be at least 1, got 0"),
        ({"num_classes": 2.5}, TypeError, r"num_classes must be an integer, got 2\.5"),
        ({"in_channels": -1}, ValueError, "in_channels must be at least 1"),
        ({"colour": 1}, TypeError, "colour"),
    ],
)
def test_impossible_options_are_refused(name, options, error, sentence):
    with pytest.raises(error, match=sentence):
        models.create(name, **options)


@pytest.mark.parametrize("name", ["alexnet", "googlenet", "resnet18", "densenet121"])
def test_unknown_stems_are_refused(name):
    with pytest.raises(ValueError, match=r"unknown stem 'smal'; did you mean 'small'\?"):
        models.create(name, stem="smal")


def test_options_of_one_network_only():
    with pytest.raises(ValueError, match="width must be a multiple of 6"):
        models.alexnet2012(width=64)


@pytest.mark.parametrize("name", ["lenet5", "alexnet", "alexnet2012", "vgg16", "googlenet"])
def test_the_smallest_image_is_the_smallest(name, slim):
    model = slim(name)
    smallest = models.smallest_input(model)
    channels = model.options["in_channels"]
    with torch.no_grad():
        model(torch.zeros(1, channels, smallest, smallest))
    sentence = f"too small for {name}: the smallest that works is {smallest}×{smallest}"
    with pytest.raises(ValueError, match=sentence):
        model(torch.zeros(1, channels, smallest - 1, smallest - 1))


def test_the_smallest_image_follows_from_the_layers():
    # conv 11/4 with padding 2, pool 3/2, pool 3/2, pool 3/2: 1 ← 3 ← 7 ← 15 ← 4·14 + 11 − 4 = 63
    assert models.smallest_input(models.alexnet(width=4)) == 63
    assert models.smallest_input(models.vgg11(width=4, hidden=8)) == 2**5


def test_small_stems_suit_small_images(slim):
    images = torch.randn(2, 3, 32, 32)
    for name in ("alexnet", "alexnet2012", "googlenet", "resnet18", "densenet121"):
        with torch.no_grad():
            assert slim(name, stem="small")(images).shape == (2, 7)


def test_misfits_other_than_size_are_explained(slim):
    model = slim("resnet18")
    with pytest.raises(ValueError, match=r"images of shape \(N, 3, H, W\), but got \(1, 4, 9, 9\)"):
        model(torch.zeros(1, 4, 9, 9))
    with pytest.raises(ValueError, match=r"floating-point images, but got torch\.int64"):
        model(torch.zeros(1, 3, 64, 64, dtype=torch.int64))


def test_errors_that_are_not_about_the_images_pass_unchanged(slim):
    model = copy.deepcopy(slim("resnet18"))
    model.fc = torch.nn.Linear(3, 3)
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        model(torch.zeros(1, 3, 64, 64))


def test_a_meta_twin_shares_nothing_with_its_original(slim):
    model = slim("resnet18")
    before = {key: value.clone() for key, value in model.state_dict().items()}
    twin = meta_twin(model)
    assert all(tensor.is_meta for tensor in twin.state_dict().values())
    assert fits(model.train(), 32, 32)  # in training, where running statistics would move
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())


def test_unknown_layers_bring_the_nearest(slim):
    with pytest.raises(ValueError, match=r"resnet18 has no layer 'layr1'; did you mean 'layer1'"):
        find_layer(slim("resnet18"), "layr1")


def test_networks_compile(slim):
    """The sentence about misfits must not stand in the way of torch.compile's tracing."""
    model = slim("resnet20").eval()
    images = torch.randn(2, 3, 32, 32)
    compiled = torch.compile(model, backend="eager", fullgraph=True)
    with torch.no_grad():
        assert torch.equal(compiled(images), model(images))


@pytest.mark.parametrize("depth", [20, 32, 44, 56, 110])
def test_plain_twins_have_the_weights_of_the_residual_networks(depth):
    """Option A has no weights, so that depth alone differs (He et al. 2015, section 4.2)."""
    residual, plain = models.create(f"resnet{depth}"), models.create(f"plain{depth}")
    shapes = [{k: v.shape for k, v in m.state_dict().items()} for m in (residual, plain)]
    assert shapes[0] == shapes[1]
    layers = [m for m in plain.modules() if isinstance(m, torch.nn.Conv2d | torch.nn.Linear)]
    assert len(layers) == depth
    millions = {20: 0.27, 32: 0.46, 44: 0.66, 56: 0.85, 110: 1.7}[depth]  # table 6
    count = sum(p.numel() for p in residual.parameters())
    assert round(count / 1e6, 1 if depth == 110 else 2) == millions


def test_option_a_takes_every_second_pixel_and_pads_with_zeros():
    shortcut = models.resnet20().layer2[0].downsample
    x = torch.randn(1, 16, 4, 4)
    out = shortcut(x)
    assert torch.equal(out[:, :16], x[:, :, ::2, ::2])
    assert out.shape == (1, 32, 2, 2)
    assert not out[:, 16:].any()


def test_a_block_that_starts_as_the_identity_passes_its_input_on():
    block = models.resnet18(width=8, zero_init_residual=True).layer1[0].eval()
    x = torch.rand(1, 8, 5, 5)
    assert torch.equal(block(x), x)


def test_response_normalization_is_the_formula_of_the_paper():
    norm = models.alexnet2012(width=6, num_classes=2).features[2]
    a = torch.rand(1, 7, 1, 1, dtype=torch.float64)
    expected = torch.empty_like(a)
    for i in range(7):
        near = a[:, max(0, i - 2) : min(7, i + 3)]
        expected[:, i] = a[:, i] / (2 + 1e-4 * (near**2).sum()) ** 0.75
    torch.testing.assert_close(norm(a), expected)


def test_response_normalization_keeps_to_the_range_of_half_precision():
    norm = models.alexnet2012(width=6, num_classes=2).features[2]
    maps = 1000 * torch.rand(2, 6, 4, 4, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(norm(maps.half()).float(), norm(maps), rtol=2e-3, atol=1e-3)


def test_published_initializations():
    torch.manual_seed(0)
    alex = models.alexnet2012(width=48, num_classes=10)
    assert abs(alex.classifier[1].weight.std() - 0.01) < 1e-4
    ones = [
        m for m in alex.modules() if getattr(m, "bias", None) is not None and m.bias.eq(1).all()
    ]
    assert ones == [alex.features[i] for i in (4, 10, 12)] + [alex.classifier[i] for i in (1, 4)]

    conv = models.resnet18().layer3[0].conv2  # variance 2 / fan-out
    assert abs(conv.weight.var() * 256 * 9 / 2 - 1) < 0.02
    glorot = models.vgg11(hidden=64).features[18].weight  # uniform, ±√(6 / (fan-in + fan-out))
    assert abs(glorot.abs().max() / (6 / (2 * 512 * 9)) ** 0.5 - 1) < 0.001


def test_auxiliary_heads_answer_in_training_only(slim):
    model = slim("googlenet")
    images = torch.randn(2, 3, 32, 32)
    assert model.eval()(images).shape == (2, 7)
    assert [part.shape for part in model.train()(images)] == [(2, 7)] * 3
    assert slim("googlenet", aux_logits=False).train()(images).shape == (2, 7)
