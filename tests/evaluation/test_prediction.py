"""Running networks: modes restored, precision as asked, views averaged as the papers did."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from imagenet_course.data import InMemory, load
from imagenet_course.data.loader import ImageLoader
from imagenet_course.data.recipes import IMAGENET_MEAN, IMAGENET_STD, recipe
from imagenet_course.data.resident import ResidentLoader
from imagenet_course.evaluation import average_views, flip_views, predict, topk_accuracy
from imagenet_course.models import Preprocessing, freeze, resnet20


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, stride=4),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(24, 4),
    ).eval()


@pytest.fixture(scope="module")
def photos():
    """Seven 72×56 parts of the embedded photographs."""
    colored = [p for p in load("photos", "all").images if p.ndim == 3 and p.shape[2] == 3]
    images = np.stack([p[40:112, 60:116] for p in (colored * 7)[:7]])
    return InMemory(images, np.arange(7) % 4, list("abcd"), load("photos", "all").info, "test")


def batches(n=10, size=32, batch=4):
    images = torch.randn(n, 3, size, size, generator=torch.Generator().manual_seed(1))
    labels = torch.arange(n) % 4
    return images, list(zip(images.split(batch), labels.split(batch), strict=True))


def test_predictions_are_those_of_the_eval_mode_in_the_order_of_the_data(model):
    images, loader = batches()
    logits, labels = predict(model.train(), loader)
    with torch.no_grad():
        expected = model.eval()(images)
    np.testing.assert_allclose(logits, expected, atol=1e-6)
    assert (logits.dtype, labels.dtype) == (np.float32, np.int64)
    assert labels.tolist() == [i % 4 for i in range(10)]


@pytest.mark.parametrize("fails", [False, True])
def test_every_layer_gets_its_mode_back_and_no_statistics_move(fails):
    network = freeze(resnet20(num_classes=4)).train()
    network.layer1.eval()
    modes = [module.training for module in network.modules()]
    assert len(set(modes)) == 2
    state = {name: value.clone() for name, value in network.state_dict().items()}
    if fails:
        with pytest.raises(ValueError, match="3, H, W"):
            predict(network, [(torch.zeros(2, 1, 8, 8), torch.zeros(2, dtype=int))])
    else:
        predict(network, batches()[1])
    assert [module.training for module in network.modules()] == modes
    for name, value in network.state_dict().items():
        assert torch.equal(value, state[name]), name
    assert all(parameter.grad is None for parameter in network.parameters())


def test_autocast_computes_in_the_precision_given_and_float32_comes_out(model):
    seen = []
    hook = model[0].register_forward_hook(lambda layer, x, y: seen.append(y.dtype))
    _, loader = batches()
    plain, low = predict(model, loader), predict(model, loader, autocast=torch.bfloat16)
    hook.remove()
    assert set(seen[:3]) == {torch.float32}
    assert set(seen[3:]) == {torch.bfloat16}
    assert low.logits.dtype == np.float32
    assert not np.array_equal(plain.logits, low.logits)
    np.testing.assert_allclose(plain.logits, low.logits, atol=0.05)


def test_a_data_set_a_loader_and_its_own_preprocessing_agree(model, photos):
    transform = recipe("standard", train=False, size=32)
    loader = ImageLoader(photos, 3, transform, train=False, workers=0)
    by_loader = predict(model, loader)
    by_set = predict(model, photos, transform=transform, batch_size=5)
    np.testing.assert_allclose(by_set.logits, by_loader.logits, atol=1e-5)
    np.testing.assert_array_equal(by_set.labels, photos.labels)
    model.preprocessing = Preprocessing(resize=37, crop=32)
    try:
        by_model = predict(model, photos)
    finally:
        del model.preprocessing
    np.testing.assert_allclose(by_model.logits, by_loader.logits, atol=0.02)
    assert not np.array_equal(by_loader.logits[0], by_loader.logits[1])


def test_resident_loaders_work_too():
    torch.manual_seed(0)
    digits = load("digits", "test")
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    logits, labels = predict(model, ResidentLoader(digits, 100, train=False))
    np.testing.assert_array_equal(labels, digits.labels)
    assert topk_accuracy(logits, labels) < topk_accuracy(logits, labels, 10) == 1


@pytest.mark.parametrize("name", ["alexnet-2012", "resnet-2015"])
def test_ten_crop_is_the_mean_softmax_of_ten_patches_cut_by_hand(model, photos, name):
    size = 28
    loader = ImageLoader(
        photos, 3, recipe(name, train=False, size=size, ten_crop=True), train=False, workers=0
    )
    found = predict(model, loader)
    np.testing.assert_array_equal(found.labels, photos.labels)

    mean, std = np.array(IMAGENET_MEAN), np.array(IMAGENET_STD)
    for image, logits in zip(photos.images, found.logits, strict=True):
        small = nn.functional.interpolate(
            torch.from_numpy(image).permute(2, 0, 1)[None].float(),
            size=(round(32 * 72 / 56), 32),  # 32 = 256 · 28 / 224, on the shorter side
            mode="bilinear",
            antialias=True,
        )[0].permute(1, 2, 0)
        if name == "alexnet-2012":
            top = round((small.shape[0] - 32) / 2)
            small = small[top : top + 32]
        pixels = (small.numpy().round() / 255 - mean) / std
        height, width = pixels.shape[:2]
        corners = [(0, 0), (0, width - size), (height - size, 0), (height - size, width - size)]
        center = (round((height - size) / 2), round((width - size) / 2))
        patches = [pixels[y : y + size, x : x + size] for y, x in [*corners, center]]
        patches += [patch[:, ::-1] for patch in patches]
        stack = torch.tensor(np.stack(patches), dtype=torch.float32).permute(0, 3, 1, 2)
        with torch.no_grad():
            expected = model(stack).softmax(1).mean(0)
        np.testing.assert_allclose(np.exp(logits), expected, atol=2e-3)


def test_flips_are_averaged_as_probabilities_or_as_logits(model):
    images, loader = batches()
    with torch.no_grad():
        one, other = model(images), model(images.flip(3))
    found = predict(model, loader, views=flip_views)
    np.testing.assert_allclose(
        np.exp(found.logits), (one.softmax(1) + other.softmax(1)) / 2, atol=1e-6
    )
    found = predict(model, loader, views=flip_views, average="logits")
    np.testing.assert_allclose(found.logits, (one + other) / 2, atol=1e-6)
    assert not np.allclose(one, other, atol=1e-3)


@pytest.mark.parametrize("average", ["probabilities", "logits"])
def test_averaging_ignores_the_order_of_views_and_equal_views(average):
    logits = 30 * torch.randn(3, 4, 5, generator=torch.Generator().manual_seed(0))
    mean = average_views(logits, average)
    torch.testing.assert_close(average_views(logits[:, [2, 0, 3, 1]], average), mean)
    alike = average_views(logits[:, :1].expand(-1, 4, -1), average)
    torch.testing.assert_close(alike.softmax(1), logits[:, 0].softmax(1))
    assert torch.isfinite(average_views(1e4 * logits, average)).all()


LABELS = torch.arange(2)


@pytest.mark.parametrize(
    ("data", "options", "sentence"),
    [
        ([], {}, "there are no images to predict"),
        ([(torch.zeros(2, 3, 8, 8), torch.eye(2))], {}, "labels must be one class number"),
        ([(torch.zeros(2, 3, 8, 8), torch.ones(2))], {}, "got torch.float32"),
        ([(torch.zeros(2, 3, 8, 8), LABELS[:1])], {}, "labels must be one class number"),
        ([(torch.zeros(2, 3, 8, 8), LABELS)], {"transform": str}, "transform is for a data set"),
        (
            [(torch.zeros(2, 3, 8, 8), LABELS)],
            {"views": flip_views, "average": "mean"},
            "unknown average 'mean'",
        ),
        ([(torch.zeros(2, 2, 3, 8, 8), LABELS)], {"views": flip_views}, "takes images"),
    ],
)
def test_bad_data_is_refused_in_one_sentence(model, data, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        predict(model, data, **options)


def test_models_that_do_not_fit_are_refused(photos):
    with pytest.raises(ValueError, match="does not say how its images are prepared"):
        predict(nn.Flatten(), photos)
    data = [(torch.zeros(2, 3, 8, 8), LABELS)]
    with pytest.raises(ValueError, match=r"gives logits \(2, K\) here, but got \(2, 3, 8, 8\)"):
        predict(nn.Identity(), data)
    with pytest.raises(ValueError, match=r"with V from 1, got \(2, 3\)"):
        average_views(torch.zeros(2, 3))


def test_importing_evaluation_loads_no_framework_and_no_matplotlib():
    code = "import sys, imagenet_course.evaluation; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"torch", "tensorflow", "keras", "matplotlib"} & set(loaded.stdout.split())
