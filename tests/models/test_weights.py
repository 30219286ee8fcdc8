"""Weights in files: what is written comes back, what does not fit or is not trusted is refused."""

import json
import pickle

import numpy as np
import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import save_file

from imagenet_course import models
from imagenet_course.models import Preprocessing, weights


@pytest.fixture
def saved(slim, tmp_path):
    model = slim("resnet20")
    model.classes = ("tench", "Käse", "a", "b", "c", "d", "e")
    model.preprocessing = Preprocessing(resize=36, crop=32, mean=(0.5, 0.4, 0.3))
    return model, models.save(model, tmp_path / "weights.safetensors", accuracy=0.91)


def test_a_network_comes_back_whole(saved):
    model, path = saved
    again = models.load(path)
    assert (again.name, again.options, again.classes) == (model.name, model.options, model.classes)
    assert again.preprocessing == model.preprocessing
    assert not again.training
    assert all(parameter.requires_grad for parameter in again.parameters())
    for key, value in model.state_dict().items():
        assert torch.equal(again.state_dict()[key], value), key
    assert weights.read(path)[1]["accuracy"] == 0.91


@pytest.mark.parametrize("name", models.names())
def test_every_network_comes_back(name, slim, tmp_path):
    model = slim(name)
    again = models.load(models.save(model, tmp_path / "weights.safetensors"))
    size = 64 if model.input_size > 32 else 32
    images = torch.randn(1, model.options["in_channels"], size, size)
    with torch.no_grad():
        assert torch.equal(again(images), model.eval()(images))


def test_half_precision_halves_the_file_and_comes_back_as_float32(saved, tmp_path):
    model, path = saved
    half = models.save(model, tmp_path / "half.safetensors", dtype=torch.float16)
    assert half.stat().st_size < 0.55 * path.stat().st_size
    weight = models.load(half).conv1.weight
    assert weight.dtype == torch.float32
    torch.testing.assert_close(weight, model.conv1.weight, rtol=1e-3, atol=1e-4)


def test_all_misfits_are_listed_in_one_sentence(saved):
    model, _ = saved
    state = dict(model.state_dict())
    del state["fc.bias"]
    state["fc.extra"] = torch.zeros(1)
    state["conv1.weight"] = torch.zeros(16, 1, 3, 3)
    target = models.resnet20(num_classes=7)
    before = target.fc.weight.clone()
    with pytest.raises(ValueError, match="does not fit resnet20") as caught:
        models.load_weights(target, state)
    sentence = str(caught.value)
    assert "1 missing: fc.bias" in sentence
    assert "1 unexpected: fc.extra" in sentence
    assert "1 of another shape: conv1.weight (16, 1, 3, 3) instead of (16, 3, 3, 3)" in sentence
    assert torch.equal(target.fc.weight, before)


def test_long_lists_of_misfits_are_cut(saved):
    with pytest.raises(ValueError, match=r"\d+ missing: .* and \d+ more; \d+ unexpected") as caught:
        models.load_weights(models.vgg11_bn(width=4, hidden=8, pool=1), saved[1])
    assert len(str(caught.value)) < 1000


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("the pickle ran",))


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".pkl", ".ckpt", ".bin", ".PTH"])
def test_pickles_are_refused_unopened(suffix, tmp_path):
    path = tmp_path / f"weights{suffix}"
    path.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(ValueError, match=r"may be a pickle, which can run any code .* convert it"):
        models.load(path)


def test_a_pickle_in_disguise_is_refused(tmp_path):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(ValueError, match="no whole safetensors file"):
        models.load(path)


@pytest.mark.parametrize("length", [0, 4, 200, -1])
def test_truncated_files_are_refused(saved, length):
    _, path = saved
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ValueError, match="no whole safetensors file"):
        models.load(path)


def test_a_file_without_a_name_asks_for_the_network(saved, tmp_path):
    model, _ = saved
    path = tmp_path / "bare.safetensors"
    save_file(model.state_dict(), path)
    with pytest.raises(ValueError, match=r"does not say which network .* load_weights"):
        models.load(path)
    target = models.load_weights(models.resnet20(num_classes=7), path)
    assert torch.equal(target.fc.weight, model.fc.weight)


def forge(path, name, options):
    header = {"name": json.dumps(name), "options": json.dumps(options)}
    save_file({"fc.weight": torch.zeros(2, 2)}, path, metadata=header)
    return path


def test_a_forged_header_cannot_ask_for_memory(tmp_path):
    path = forge(tmp_path / "big.safetensors", "resnet18", {"width": 10**6})  # 10^13 weights
    with pytest.raises(ValueError, match="does not fit resnet18"):
        models.load(path)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("os.system", {}),
        (["resnet18"], {}),
        ("resnet18", {"weights": "imagenet"}),
        ("resnet18", {"unheard": 1}),
        ("resnet18", [1, 2]),
    ],
)
def test_a_forged_header_is_refused(name, options, tmp_path):
    with pytest.raises(ValueError, match=r"unknown model|no usable description"):
        models.load(forge(tmp_path / "forged.safetensors", name, options))


def test_a_missing_file_and_a_missing_folder_are_named(saved, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file .*nothing\.safetensors"):
        models.load(tmp_path / "nothing.safetensors")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        models.save(saved[0], tmp_path / "nowhere" / "weights.safetensors")
    with pytest.raises(ValueError, match=r"saved as \.safetensors, but got 'weights\.pth'"):
        models.save(saved[0], tmp_path / "weights.pth")


@pytest.mark.parametrize("kind", [OSError, SafetensorError])
def test_a_save_that_fails_leaves_the_old_file(saved, monkeypatch, kind):
    model, path = saved
    old = path.read_bytes()

    def half_way(state, partial, metadata):
        partial.write_bytes(b"half")
        raise kind("no space left on device")

    monkeypatch.setattr(weights, "save_file", half_way)
    with pytest.raises(OSError, match="no space left"):
        models.save(model, path)
    assert path.read_bytes() == old
    assert list(path.parent.iterdir()) == [path]


def test_shipped_networks_load_by_name(saved, monkeypatch):
    model, path = saved
    monkeypatch.setattr(weights, "SHIPPED", path.parent)
    assert models.shipped() == ("weights",)
    assert torch.equal(models.load("weights").fc.weight, model.fc.weight)
    with pytest.raises(FileNotFoundError, match="shipped networks are weights"):
        models.load("wieghts")


def test_every_shipped_network_runs():
    for name in models.shipped():
        model = models.load(name)
        size = model.preprocessing.crop
        image = np.zeros((size, size, 3), np.uint8)
        with torch.no_grad():
            logits = model(model.preprocessing(image)[None])
        assert logits.shape == (1, len(model.classes))


@pytest.mark.parametrize("name", models.shipped())
def test_shipped_networks_are_small_and_described(name):
    path = weights.SHIPPED / f"{name}.safetensors"
    card = path.with_suffix(".md").read_text("utf-8")
    assert path.stat().st_size <= 6_000_000
    metadata = weights.read(path)[1]
    assert f"top-1 accuracy {metadata['accuracy']:.1%}".replace("%", " %") in card
    assert f"{sum(p.numel() for p in models.load(name).parameters()):,} parameters" in card


def test_a_network_is_built_on_the_weights_of_a_file(saved):
    model, path = saved
    again = models.resnet20(num_classes=7, weights=str(path))
    assert (again.options, again.training) == (model.options, True)
    for key, value in model.state_dict().items():
        assert torch.equal(again.state_dict()[key], value), key
    other = models.resnet20(num_classes=3, weights=str(path))
    assert (other.options["num_classes"], other.fc.out_features, other.classes) == (3, 3, None)
    assert torch.equal(other.conv1.weight, model.conv1.weight)
    assert models.resnet20(weights=str(path)).options["num_classes"] == 7
    trained = models.create("pocket_resnet", num_classes=2, weights="pocket_resnet_imagenette")
    assert trained.fc.out_features == 2


def test_weights_of_another_network_are_refused(saved):
    model, path = saved
    with pytest.raises(ValueError, match="the weights of resnet20, which do not fit resnet32"):
        models.resnet32(weights=str(path))
    width = model.options["width"]
    with pytest.raises(ValueError, match=f"resnet20 with width={width}, not {2 * width}"):
        models.resnet20(weights=str(path), width=2 * width)
    with pytest.raises(ValueError, match="did you mean 'pocket_resnet_imagenette'"):
        models.pocket_resnet(weights="pocket_resnet_imagenet")
