"""Published weights: torchvision's own download, verified, with the preprocessing that belongs."""

import re

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import models as torchvision_models

from imagenet_course import models
from imagenet_course.models import pretrained


@pytest.fixture
def offline(monkeypatch):
    """``offline(state)`` makes torchvision's download give ``state``; returns what it asked for."""
    asked = {}

    def install(state):
        def fetch(url, **options):
            asked.update(options, url=url)
            return state

        monkeypatch.setattr(torchvision_models._api, "load_state_dict_from_url", fetch)
        return asked

    return install


@pytest.mark.parametrize("name", ["alexnet", "resnet18", "densenet121"])
def test_published_weights_load_with_their_preprocessing(name, offline):
    theirs = torchvision_models.get_model(name, weights=None)
    asked = offline(theirs.state_dict())
    model = models.create(name, weights="imagenet")
    assert asked["check_hash"] is True
    assert asked["weights_only"] is True
    entry = torchvision_models.get_model_weights(name).IMAGENET1K_V1
    assert asked["url"] == entry.url
    for key, value in theirs.state_dict().items():
        assert torch.equal(model.state_dict()[key], value)
    assert model.classes == tuple(entry.meta["categories"])
    assert model.preprocessing == models.preprocessing(name)


def test_other_classes_get_a_new_head_on_the_published_body(offline):
    theirs = torchvision_models.resnet18()
    offline(theirs.state_dict())
    model = models.resnet18(num_classes=2, weights="imagenet")
    assert model.fc.weight.shape == (2, 512)
    assert model.options["num_classes"] == 2
    assert model.classes is None
    assert torch.equal(model.layer4[1].conv2.weight, theirs.layer4[1].conv2.weight)
    assert model.preprocessing is not None


@pytest.mark.parametrize("aux_logits", [True, False])
def test_googlenet_gets_the_input_that_its_weights_expect(aux_logits, offline):
    theirs = torchvision_models.googlenet(
        weights=None, aux_logits=True, init_weights=False, transform_input=True
    )
    offline(theirs.state_dict())
    model = models.googlenet(weights="imagenet", aux_logits=aux_logits)
    images = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(model.eval()(images), theirs.eval()(images))


def test_densenet_keys_of_2017_are_understood(offline):
    theirs = torchvision_models.densenet121()
    old = {
        re.sub(r"(denselayer\d+\.(?:norm|conv))(\d)", r"\1.\2", key): value
        for key, value in theirs.state_dict().items()
    }
    assert "features.denseblock1.denselayer1.norm.1.weight" in old
    offline(old)
    model = models.densenet121(weights="imagenet")
    for key, value in theirs.state_dict().items():
        assert torch.equal(model.state_dict()[key], value)


def test_a_download_with_a_wrong_checksum_is_refused(monkeypatch, tmp_path):
    """torchvision's own code runs here, on a file of this machine that is not what it says."""
    path = tmp_path / "server" / "resnet18-f37072fd.pth"
    path.parent.mkdir()
    torch.save(torchvision_models.resnet18().state_dict(), path)
    entry = torchvision_models.ResNet18_Weights.IMAGENET1K_V1
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    local = torchvision_models._api.Weights(path.as_uri(), entry.transforms, entry.meta)
    monkeypatch.setattr(entry, "_value_", local)
    with pytest.raises(OSError, match="wrong checksum"):
        models.resnet18(weights="imagenet")
    assert not list((tmp_path / "hub").rglob("*.pth"))


def test_without_a_network_the_sentence_says_what_to_fetch(monkeypatch, tmp_path):
    entry = torchvision_models.ResNet18_Weights.IMAGENET1K_V1
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    missing = (tmp_path / "resnet18-f37072fd.pth").as_uri()
    local = torchvision_models._api.Weights(missing, entry.transforms, entry.meta)
    monkeypatch.setattr(entry, "_value_", local)
    with pytest.raises(OSError, match=r"fetched .* fetch file:.* into the folder .*checkpoints"):
        models.resnet18(weights="imagenet")


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("resnet20", {}, "torchvision publishes no weights for resnet20"),
        ("lenet5", {}, "torchvision publishes no weights for lenet5"),
        ("alexnet", {"weights": "imagenet-v2"}, "no 'imagenet-v2' weights for alexnet"),
        ("resnet50", {"weights": "imagnet"}, "unknown set of weights 'imagnet'; did you mean"),
    ],
)
def test_what_was_never_published_is_refused(name, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        models.create(name, **{"weights": "imagenet", **options})


def test_published_weights_do_not_fit_another_width_or_other_channels(offline):
    offline(torchvision_models.resnet18().state_dict())
    with pytest.raises(ValueError, match=r"does not fit resnet18; .* of another shape"):
        models.resnet18(weights="imagenet", width=32)
    with pytest.raises(
        ValueError, match=r"conv1\.weight \(64, 3, 7, 7\) instead of \(64, 1, 7, 7\)"
    ):
        models.resnet18(weights="imagenet", in_channels=1)


@pytest.mark.parametrize("version", ["imagenet", "imagenet-v2"])
@pytest.mark.parametrize("shape", [(300, 400), (224, 224), (90, 60)])
def test_preprocessing_is_torchvisions(version, shape):
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    preset = pretrained.published("resnet50", version).transforms()
    ours = models.preprocessing("resnet50", version)
    image = Image.fromarray(pixels)
    tensor = torch.from_numpy(pixels).permute(2, 0, 1)
    torch.testing.assert_close(ours(image), preset(image), atol=1e-5, rtol=0)
    torch.testing.assert_close(ours(pixels), preset(image), atol=1e-5, rtol=0)
    gray_level = 1 / 255 / min(ours.std)  # tensors are resized in bytes here, in floats there
    torch.testing.assert_close(ours(tensor), preset(tensor), atol=1.01 * gray_level, rtol=0)


def test_preprocessing_makes_the_channels_that_the_network_takes():
    gray = np.full((40, 40, 1), 128, np.uint8)
    rgb = models.Preprocessing(resize=32, crop=32)
    assert rgb(gray).shape == (3, 32, 32)
    assert rgb(torch.from_numpy(gray).permute(2, 0, 1)).shape == (3, 32, 32)
    one = models.Preprocessing(resize=32, crop=32, mean=(0.5,), std=(0.5,))
    assert one(np.zeros((40, 50, 3), np.uint8)).shape == (1, 32, 32)
    assert one(gray).allclose(torch.tensor((128 / 255 - 0.5) / 0.5), atol=1e-5)


@pytest.mark.parametrize("image", [np.zeros((4, 4, 3)), np.zeros((4, 4), np.uint8), "cat.jpg"])
def test_what_is_no_image_is_refused(image):
    with pytest.raises(TypeError, match="image"):
        models.Preprocessing()(image)
