"""The embedded data sets: their images are the originals, their splits fixed and stratified."""

import subprocess
import sys
from hashlib import sha256

import numpy as np
import pytest

from imagenet_course.data import info, load
from imagenet_course.data.sets import photos as photos_module
from imagenet_course.data.stratified import stratified_split

EMBEDDED = ["digits", "faces", "photos"]


@pytest.mark.parametrize("name", EMBEDDED)
def test_every_split_keeps_the_protocol_and_the_sizes_of_the_card(name):
    card = info(name)
    for split, size in card.splits.items():
        dataset = load(name, split)
        assert len(dataset) == size == len(dataset.images) == len(dataset.labels)
        assert dataset.labels.dtype == np.int64
        assert dataset.classes == card.classes
        assert dataset.info is card
        assert set(dataset.labels.tolist()) == set(range(len(card.classes)))
        for image, label in dataset:
            assert image.dtype == np.uint8
            assert image.shape[2] in (1, 3)
            assert type(label) is int
            for actual, stated in zip(image.shape, card.image_shape, strict=True):
                assert stated in (None, actual)


@pytest.mark.parametrize("name", EMBEDDED)
def test_cards_say_where_the_images_come_from_and_who_may_use_them(name):
    card = info(name)
    assert card.name == name
    assert card.rung == "embedded"
    for fact in (card.title, card.origin, card.license, card.citation):
        assert len(fact) > 10
        assert fact in str(card)


def test_digits_give_back_the_counts_of_scikit_learn():
    from sklearn.datasets import load_digits

    original = load_digits()
    parts = {split: load("digits", split) for split in info("digits").splits}
    for split, chosen in stratified_split("digits", original.target).items():
        counts = np.rint(parts[split].images[..., 0] * (16 / 255))
        np.testing.assert_array_equal(counts, original.images[chosen])
        np.testing.assert_array_equal(parts[split].labels, original.target[chosen])


def test_faces_are_the_first_hundred_of_scikit_image():
    from skimage.data import lfw_subset

    original = lfw_subset()
    labels = np.repeat([0, 1], 100)
    for split, chosen in stratified_split("faces", labels).items():
        dataset = load("faces", split)
        assert np.abs(dataset.images[..., 0] / 255 - original[chosen]).max() <= 0.5 / 255 + 1e-12
        np.testing.assert_array_equal(dataset.labels, chosen >= 100)
    assert info("faces").classes == ("face", "not face")


@pytest.mark.parametrize(
    ("name", "counts", "membership"),
    [
        ("digits", None, "20d071c84184082b"),
        ("faces", (100, 100), "9850979204369368"),
    ],
)
def test_splits_are_the_same_on_every_machine(name, counts, membership):
    if counts is None:
        from sklearn.datasets import load_digits

        labels = load_digits().target
    else:
        labels = np.repeat(np.arange(len(counts)), counts)
    parts = stratified_split(name, labels)
    text = ";".join(",".join(map(str, parts[s])) for s in ("train", "validation", "test"))
    assert sha256(text.encode()).hexdigest()[:16] == membership


def test_splits_are_disjoint_complete_and_stratified():
    labels = np.random.default_rng(0).integers(0, 7, 1000)
    parts = stratified_split("anything", labels)
    assert sorted(np.concatenate(list(parts.values()))) == list(range(1000))
    for label, size in enumerate(np.bincount(labels)):
        shares = {split: (labels[chosen] == label).sum() for split, chosen in parts.items()}
        assert shares["test"] == round(0.2 * size)
        assert shares["validation"] == round(0.1 * size)


def test_photos_are_found_by_name_and_equal_the_libraries():
    import skimage.data
    from sklearn.datasets import load_sample_image

    photos = load("photos")
    assert photos.split == "all"
    np.testing.assert_array_equal(photos.named("chelsea"), skimage.data.chelsea())
    np.testing.assert_array_equal(photos.named("camera")[..., 0], skimage.data.camera())
    np.testing.assert_array_equal(photos.named("flower"), load_sample_image("flower.jpg"))
    assert sum(image.shape[2] == 3 for image in photos.images) == 8
    for name in photos.classes:
        assert name in photos_module.LICENSES
        assert photos.named(name).flags.writeable, "torch warns about read-only arrays"


def test_photos_need_neither_network_nor_pooch():
    code = (
        "import sys, socket\n"
        "sys.modules['pooch'] = None\n"
        "def refuse(*args): raise OSError('no network')\n"
        "socket.socket.connect = refuse\n"
        "from imagenet_course.data import load\n"
        "assert len(load('photos')) == 14 and len(load('faces')) == 140\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_data_package_and_its_embedded_sets_import_no_framework():
    code = (
        "import sys\n"
        "from imagenet_course.data import load\n"
        "load('digits')\n"
        "assert not {'torch', 'tensorflow', 'torchvision'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_indices_count_from_either_end_and_stop():
    digits = load("digits", "test")
    np.testing.assert_array_equal(digits[-1][0], digits[len(digits) - 1][0])
    with pytest.raises(IndexError, match="359 images"):
        digits[359]
    with pytest.raises(TypeError):
        digits["first"]
