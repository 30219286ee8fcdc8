"""What is trained on, what is validated on, and that early stopping never sees the test set."""

import numpy as np
import pytest
import torch
from PIL import Image

from imagenet_course.data import load
from imagenet_course.data import recipes as photographs
from imagenet_course.models import Preprocessing
from imagenet_course.training import device
from imagenet_course.training.recipes import recipe
from imagenet_course.training.sources import open_source
from imagenet_course.training.validation import validation_loader


@pytest.fixture
def folder(tmp_path):
    """Two classes, twelve images each in train, three in test; each image of its own color."""
    shade = iter(range(0, 250, 5))
    for split, count in (("train", 12), ("test", 3)):
        for name in ("left", "right"):
            (tmp_path / split / name).mkdir(parents=True)
            for k in range(count):
                image = Image.new("RGB", (8, 8), (next(shade), 0, 0))
                image.save(tmp_path / split / name / f"{k}.png")
    return tmp_path


def opened(folder, **changes):
    return open_source(recipe("small", data=str(folder), model="lenet5", **changes))


def test_a_set_without_validation_split_is_tested_on_its_test_split(folder):
    source = opened(folder)
    assert len(source.training) == 24
    assert len(source.validation) == 6
    assert all("test" in str(path) for path in source.validation.paths)
    assert "chooses nothing" in source.note


def test_early_stopping_holds_out_training_images_instead(folder):
    source = opened(folder, patience=2)
    paths = [*source.training.paths, *source.validation.paths]
    assert len(set(map(str, paths))) == 24
    assert all("train" in str(path) for path in paths)
    assert np.bincount(source.validation.labels).tolist() == [2, 2]


def test_saved_networks_are_readable_like_any_file(tmp_path):
    from imagenet_course import models

    (tmp_path / "other").write_text("")
    models.save(models.lenet5(), tmp_path / "model.safetensors")
    assert (tmp_path / "model.safetensors").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_ten_crops_are_those_of_the_recipe(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (90, 150, 3), np.uint8)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        Image.fromarray(pixels).save(tmp_path / name / "0.png")
    images = load("folder", path=tmp_path)
    seen = Preprocessing(256, 224, (0.5,) * 3, (0.2,) * 3)
    for name in ("alexnet-2012", "standard"):
        loader = validation_loader(
            images,
            seen,
            device.choose("cpu", "float32"),
            workers=0,
            ten_crop=True,
            central_square=name == "alexnet-2012",
        )
        views, _ = next(iter(loader))
        views_of = photographs.recipe(
            name, train=False, ten_crop=True, mean=seen.mean, std=seen.std
        )
        torch.testing.assert_close(views[0], views_of(pixels))
