"""Settings are checked when they are made, and say in one sentence what is wrong."""

from dataclasses import FrozenInstanceError
from itertools import product

import pytest
import torch

from imagenet_course.data.recipes import RECIPES as PHOTOGRAPHS
from imagenet_course.data.recipes import mixup_or_cutmix
from imagenet_course.training.config import Config, parse_settings
from imagenet_course.training.recipes import RECIPES, recipe, suitable


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        ({"epochs": 0}, ValueError, "epochs must be at least 1, got 0"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1, got 0"),
        ({"batch_size": 2.5}, TypeError, "batch_size must be a whole number, got 2.5"),
        ({"batch_size": True}, TypeError, "whole number"),
        ({"lr": 0.0}, ValueError, "lr must be in (0, inf), got 0.0"),
        ({"lr": float("nan")}, ValueError, "lr must be in"),
        ({"lr": "fast"}, TypeError, "lr must be a number, got 'fast'"),
        ({"momentum": 1.0}, ValueError, "momentum must be in [0, 1), got 1.0"),
        ({"optimizer": "adamm"}, ValueError, "did you mean 'adamw'?"),
        ({"flip": "sideways"}, ValueError, "unknown flip 'sideways'"),
        ({"milestones": (0.7, 0.5), "schedule": "step"}, ValueError, "ascending"),
        ({"milestones": (0.5,)}, ValueError, "for schedule=step, not cosine; set milestones=[]"),
        ({"schedule": "step"}, ValueError, "schedule=step needs milestones"),
        ({"milestones": 3, "schedule": "step"}, TypeError, "must be a list of shares"),
        ({"compile": "yes"}, TypeError, "compile must be true or false, got 'yes'"),
        ({"momentum": 0.0}, ValueError, "nesterov needs a momentum"),
        ({"filter_rms": 0.1}, ValueError, "filter_rms is for optimizer=muon, not sgd"),
        ({"model": 18}, TypeError, "model must be a name, got 18"),
        ({"patience": 0}, ValueError, "patience must be at least 1, got 0"),
        ({"seed": 10**20}, ValueError, "seed must be below 2^63"),
    ],
)
def test_a_wrong_setting_is_named(wrong, kind, words):
    with pytest.raises(kind) as error:
        Config(**wrong)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_a_whole_number_will_do_where_a_number_is_asked_for():
    config = Config(mixup=1, cutmix=1)
    assert isinstance(config.mixup, float)
    mix = mixup_or_cutmix(config.mixup, config.cutmix, 3)
    assert mix(torch.zeros(4, 3, 8, 8), torch.tensor([0, 1, 2, 0]))[1].shape == (4, 3)


def test_settings_are_frozen_and_survive_json():
    config = recipe("resnet-2015", data="piconet", model="resnet20", model_options={"width": 4})
    with pytest.raises(FrozenInstanceError):
        config.lr = 1.0
    assert Config(**config.to_dict()) == config


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_cited_and_names_photographs_that_there_are(name):
    assert len(RECIPES[name].citation) > 60
    assert RECIPES[name].config.photographs in PHOTOGRAPHS
    assert recipe(name, epochs=1).epochs == 1  # lengths within a recipe are shares of the run


def test_mixing_is_as_strong_as_the_photographs_recipe_says():
    modern = RECIPES["modern"].config
    assert modern.mixup == PHOTOGRAPHS["modern"].mixup
    assert modern.cutmix == PHOTOGRAPHS["modern"].cutmix


def test_unknown_recipes_and_settings_are_suggested():
    with pytest.raises(ValueError, match="did you mean 'resnet-2015'"):
        recipe("resnet-2016")
    with pytest.raises(ValueError, match="did you mean 'batch_size'"):
        recipe("small", batchsize=3)


def test_parse_settings():
    given = ["lr=0.5", "flip=null", "optimizer=adamw", "model.width=8", "data.size=160"]
    assert parse_settings(given) == {
        "lr": 0.5,
        "flip": None,
        "optimizer": "adamw",
        "model_options": {"width": 8},
        "data_options": {"size": 160},
    }
    assert parse_settings(["flip=None", "lr=.5"]) == {"flip": None, "lr": 0.5}
    with pytest.raises(ValueError, match="written key=value, got 'lr'"):
        parse_settings(["lr"])
    with pytest.raises(ValueError, match=r"give model_options or model\.width, not both"):
        parse_settings(["model_options=5", "model.width=8"])


def test_a_suitable_recipe_exists_for_any_data():
    for images, in_files, trained in product(
        (1, 10, 500, 5000, 10**6), (True, False), (True, False)
    ):
        name, changes, why = suitable(images, in_files, trained)
        config = recipe(name, **changes)
        assert "\n" not in why
        assert (name == "fine-tune") == trained
        if (in_files or trained) and images < 2000:
            assert config.batch_size <= images
            steps = config.epochs * (images // config.batch_size)
            assert steps == min(images // config.batch_size * 100, 20 * 31)
