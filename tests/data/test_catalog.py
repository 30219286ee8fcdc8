"""The catalog: names, cards and errors that help."""

import re

import pytest

from imagenet_course.data import info, load, names


def test_an_unknown_name_is_answered_with_the_nearest_and_the_known_names():
    with pytest.raises(ValueError, match=r"unknown data set 'digit'; did you mean 'digits'\?") as e:
        load("digit")
    for name in names():
        assert re.search(rf"\b{name}\b", str(e.value))
    with pytest.raises(ValueError, match="unknown data set 'mnist'"):
        info("mnist")


def test_an_unknown_split_is_answered_with_the_splits_of_the_set():
    with pytest.raises(ValueError, match=r"split of 'digits' 'dev'.*test, train, validation"):
        load("digits", "dev")
    with pytest.raises(ValueError, match=r"split of 'photos' 'train'.*all"):
        load("photos", "train")


def test_the_default_split_is_the_first_of_the_card():
    assert load("digits").split == "train"
    assert load("photos").split == "all"


def test_a_name_that_no_class_has_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'chelsea'"):
        load("photos").named("chelsae")
