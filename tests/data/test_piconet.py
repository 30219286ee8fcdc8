"""PicoNet: purity, knobs, splits, labels, sizes."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagenet_course import data
from imagenet_course.data import piconet
from imagenet_course.data.dataset import ImageDataset

DIGEST_OF = (
    "import hashlib, sys\n"
    "from imagenet_course.data import piconet\n"
    "assert not {'torch', 'tensorflow', 'matplotlib'} & set(sys.modules)\n"
    "images = piconet.load('train', length=200).images\n"
    "print(hashlib.sha256(images.tobytes()).hexdigest())\n"
)


@pytest.fixture(scope="module")
def train() -> piconet.PicoNet:
    return piconet.load("train", length=400)


def contrast(images: np.ndarray) -> np.ndarray:
    """The standard deviation of each image's gray levels."""
    return images.mean(axis=3).std(axis=(1, 2))


def coarse(images: np.ndarray, side: int = 8) -> np.ndarray:
    """Block means, (N, side * side * C), less each image's mean."""
    n, size, _, channels = images.shape
    blocks = images.reshape(n, side, size // side, side, size // side, channels).mean(axis=(2, 4))
    blocks -= blocks.mean(axis=(1, 2), keepdims=True)
    return blocks.reshape(n, -1)


def correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Pearson's, row by row."""
    a, b = a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True)
    return (a * b).sum(1) / np.sqrt((a * a).sum(1) * (b * b).sum(1))


# --- the protocol ---------------------------------------------------------------------------


def test_protocol(train):
    assert isinstance(train, ImageDataset)
    assert len(train) == len(train.labels) == 400
    image, label = train[3]
    assert image.shape == (32, 32, 3)
    assert image.dtype == np.uint8
    assert isinstance(label, int)
    assert train.labels.dtype == np.int64
    assert len(train.classes) == len(set(train.classes)) == len(train.wnids) == 100
    assert train.info.classes == train.classes
    assert np.array_equal(train[-1][0], train[399][0])
    with pytest.raises(IndexError):
        train[400]


def test_the_catalog_knows_it():
    by_name = data.load("piconet", "validation", length=7, size=16)
    assert by_name.images.shape == (7, 16, 16, 3)
    assert data.info("piconet") is piconet.INFO
    for split, length in piconet.INFO.splits.items():
        assert len(piconet.load(split)) == length


# --- purity ---------------------------------------------------------------------------------


@settings(deadline=None, max_examples=15)
@given(st.lists(st.integers(0, 399), min_size=1, max_size=40))
def test_an_image_does_not_depend_on_its_batch(train, indices):
    assert np.array_equal(train.render(indices), train.images[indices])


@settings(deadline=None, max_examples=10)
@given(
    st.integers(0, 300),
    st.integers(0, 2**64 - 1),
    st.sampled_from(["train", "validation", "test"]),
    st.floats(0, 1),
    st.sampled_from([8, 17, 32]),
    st.booleans(),
)
def test_an_image_alone_is_the_image_among_others(i, seed, split, difficulty, size, color):
    knobs = {"seed": seed, "difficulty": difficulty, "size": size, "color": color}
    short = piconet.load(split, length=i + 1, long_tail=10, label_noise=0.3, **knobs)
    long = piconet.load(split, length=i + 40, long_tail=10, label_noise=0.3, **knobs)
    assert np.array_equal(short.labels, long.labels[: i + 1])
    assert np.array_equal(short[i][0], long.render(range(i + 40))[i])


def test_another_process_draws_the_same_bytes(train):
    digest = hashlib.sha256(train.images[:200].tobytes()).hexdigest()
    process = subprocess.run(
        [sys.executable, "-c", DIGEST_OF], capture_output=True, text=True, check=True
    )
    assert process.stdout.strip() == digest


def test_images_are_the_recorded_ones():
    """Records and trained weights refer to these images: who changes them renews those."""
    images = piconet.load("train", length=12, size=16, seed=1).images
    levels = images.reshape(12, 2, 8, 2, 8, 3).mean(axis=(2, 4, 5)).reshape(12, 4)
    assert np.abs(levels - RECORDED_LEVELS).max() < 1


def test_images_are_the_recorded_ones_to_the_byte():
    """Only operations that IEEE 754 fixes are used, so no machine may differ in a single byte."""
    images = piconet.load("train", length=12, size=16, seed=1).images
    assert hashlib.sha256(images.tobytes()).hexdigest()[:16] == RECORDED_DIGEST


# --- splits and seeds -----------------------------------------------------------------------


def test_splits_and_seeds_share_no_image():
    sets = [piconet.load(split, length=300) for split in ("train", "validation", "test")]
    sets.append(piconet.load("train", length=300, seed=1))
    digests = [hashlib.sha256(image.tobytes()).digest() for s in sets for image in s.images]
    assert len(set(digests)) == len(digests)
    for a in sets:
        for b in sets:
            if a is not b:
                assert (a.labels == b.labels).mean() < 0.05


# --- labels ---------------------------------------------------------------------------------


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 100), st.integers(1, 5), st.integers(0, 10**6))
def test_classes_are_balanced(count, per_class, seed):
    balanced = piconet.load("train", classes=count, per_class=per_class, seed=seed)
    assert np.bincount(balanced.labels, minlength=count).tolist() == [per_class] * count


def test_long_tail():
    tail = piconet.load("train", length=20_000, classes=20, long_tail=50)
    counts = np.sort(np.bincount(tail.labels, minlength=20))[::-1]
    shares = 50.0 ** (-np.arange(20) / 19)
    expected = 20_000 * shares / shares.sum()
    assert (np.abs(counts - expected) < 4 * np.sqrt(expected)).all()
    assert np.array_equal(tail.labels[:500], piconet.load(
        "train", length=500, classes=20, long_tail=50).labels)  # fmt: skip
    other = piconet.load("train", length=20_000, classes=20, long_tail=50, seed=5)
    assert np.bincount(other.labels).argmax() != np.bincount(tail.labels).argmax()


def test_label_noise():
    clean = piconet.load("train", length=5_000, classes=30)
    noisy = piconet.load("train", length=5_000, classes=30, label_noise=0.2)
    assert np.array_equal(clean.labels, clean.true_labels)
    assert np.array_equal(noisy.true_labels, clean.labels)
    wrong = noisy.labels != noisy.true_labels
    assert wrong.mean() == pytest.approx(0.2, abs=0.02)
    assert len(np.unique((noisy.labels - noisy.true_labels)[wrong] % 30)) == 29
    assert np.array_equal(noisy.render([4, 9]), clean.render([4, 9]))
    assert piconet.load("train", length=200, label_noise=1.0, classes=2).labels.tolist() == [
        1 - label for label in piconet.load("train", length=200, classes=2).labels
    ]


# --- classes --------------------------------------------------------------------------------


def test_choosing_classes():
    birds = piconet.load("test", length=30, classes="bird")
    assert birds.classes == ("duck", "owl", "penguin")
    assert set(birds.labels) == {0, 1, 2}
    assert [s.wnid for s in birds.taxonomy.leaves] == list(birds.wnids)
    mixed = piconet.load("test", length=30, classes=["vehicle", "p04030302", "owl"])
    assert mixed.classes[:2] == ("owl", "car")
    assert len(mixed.classes) == 6
    ten = piconet.load("test", length=30, classes=10)
    branches = {piconet.TREE.hypernym_path(wnid)[1].name for wnid in ten.wnids}
    assert len(branches) == 5
    assert piconet.load("test", classes=100).classes == piconet.INFO.classes


def test_a_class_looks_the_same_in_any_choice():
    alone = piconet.load("train", length=40, classes="owl", difficulty=0.2)
    among = piconet.load("train", length=400, classes="bird", difficulty=0.2)
    owls = among.images[:40][among.labels[:40] == 1]
    again = alone.images[: len(among)][np.flatnonzero(among.labels[:40] == 1)]
    assert np.array_equal(owls, again)


# --- knobs ----------------------------------------------------------------------------------


def test_the_same_scene_at_any_size():
    small, large = (piconet.load("train", length=150, size=size) for size in (32, 64))
    same = correlation(coarse(small.images), coarse(large.images))
    shuffled = correlation(coarse(small.images), np.roll(coarse(large.images), 1, axis=0))
    assert np.median(same) > 0.98
    assert same.min() > 0.75
    assert np.median(shuffled) < 0.3
    big = piconet.load("train", length=2, size=224)
    assert big.images.shape == (2, 224, 224, 3)


def test_difficulty_takes_contrast_and_sameness_away():
    easy, middle, hard = (
        piconet.load("train", length=600, classes=["star polygon", "letter"], difficulty=d)
        for d in (0.0, 0.5, 1.0)
    )
    levels = [contrast(s.images).mean() for s in (easy, middle, hard)]
    assert levels[0] > levels[1] > levels[2]

    def likeness(s: piconet.PicoNet) -> float:
        """How much alike two images of a class are, in shape and not in color."""
        gray = s.images.mean(axis=3).reshape(len(s), -1)
        pairs = [np.flatnonzero(s.labels == c)[:40] for c in range(len(s.classes))]
        ours = [np.abs(correlation(gray[p[:-1]], gray[p[1:]])).mean() for p in pairs]
        return float(np.mean(ours))

    alike = [likeness(s) for s in (easy, middle, hard)]
    assert alike[0] > alike[1] > alike[2]
    assert alike[0] > 0.35


def test_color_off():
    color, gray = (piconet.load("train", length=50, color=c, difficulty=0) for c in (True, False))
    assert gray.images.shape == (50, 32, 32, 1)
    assert gray.info.image_shape == (32, 32, 1)
    luma = color.images @ np.array([0.299, 0.587, 0.114])
    assert np.abs(luma - gray.images[..., 0]).mean() < 2


def hue_sectors(images: np.ndarray, where: np.ndarray) -> np.ndarray:
    """The mean opponent colors (red-green, blue-yellow) of each image over the pixels ``where``."""
    r, g, b = (images[..., c][:, where].mean(axis=1) for c in range(3))
    return np.stack([r - g, b - (r + g) / 2], axis=1)


def explained(features: np.ndarray, labels: np.ndarray) -> float:
    """The share of the variance of ``features`` that lies between the classes, less chance."""
    total = ((features - features.mean(0)) ** 2).sum()
    classes, member = np.unique(labels, return_inverse=True)
    means = np.stack([features[member == c].mean(0) for c in range(len(classes))])
    share = 1 - ((features - means[member]) ** 2).sum() / total
    chance = (len(classes) - 1) / (len(labels) - 1)
    return (share - chance) / (1 - chance)


BORDER = np.ones((32, 32), dtype=bool)
BORDER[4:-4, 4:-4] = False
MIDDLE = np.zeros((32, 32), dtype=bool)
MIDDLE[12:20, 12:20] = True


@pytest.mark.parametrize(
    ("knob", "where"), [("background_correlation", BORDER), ("texture_correlation", MIDDLE)]
)
def test_correlation_makes_color_predict_the_class(knob, where):
    classes = ["circle", "letter E", "cloud", "pear", "house", "bear", "bottle", "mug"]
    biased = piconet.load("train", length=800, classes=classes, **{knob: 1.0})
    fair = piconet.load("train", length=800, classes=classes)
    assert explained(hue_sectors(fair.images, where), fair.labels) < 0.1
    assert explained(hue_sectors(biased.images, where), biased.labels) > 0.3
    attribute = knob.replace("_correlation", "_labels")
    assert np.array_equal(getattr(biased, attribute), biased.labels)
    half = piconet.load("train", length=4_000, classes=classes, **{knob: 0.5})
    agree = (getattr(half, attribute) == half.labels).mean()
    assert agree == pytest.approx(0.5 + 0.5 / 100, abs=0.03)
    assert np.array_equal(half.labels[:800], fair.labels)


def test_cue_conflict():
    conflict = piconet.load("test", length=800, classes=8, cue_conflict=True)
    assert set(conflict.texture_labels) == set(range(8))
    assert not (conflict.texture_labels == conflict.labels).any()
    by_texture = explained(hue_sectors(conflict.images, MIDDLE), conflict.texture_labels)
    by_shape = explained(hue_sectors(conflict.images, MIDDLE), conflict.labels)
    assert by_texture > by_shape + 0.15
    plain = piconet.load("test", length=800, classes=8)
    assert -1 in plain.texture_labels
    assert -1 in plain.background_labels


# --- bad input ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"split": "val"}, "unknown split of 'piconet' 'val'. Known: test, train, validation"),
        ({"dificulty": 1}, "unknown knob of 'piconet' 'dificulty'; did you mean 'difficulty'"),
        ({"difficulty": 1.5}, "difficulty=1.5 must be from 0 to 1"),
        ({"difficulty": float("nan")}, "difficulty=nan"),
        ({"label_noise": -0.1}, "label_noise=-0.1 must be from 0 to 1"),
        ({"long_tail": 0.5}, "long_tail=0.5 must be from 1"),
        ({"size": 4}, "size=4 must be from 8 to 1024"),
        ({"length": 0}, "length=0 must be from 1 to 100000000"),
        ({"length": 5, "per_class": 5}, "length and per_class were both given"),
        ({"seed": -1}, "seed=-1 must be from 0"),
        ({"classes": 0}, "classes=0 must be from 1 to 100"),
        ({"classes": "hamer"}, "unknown synset 'hamer'; did you mean 'hammer'"),
        ({"classes": []}, "classes names no synset"),
        ({"classes": "owl", "label_noise": 0.1}, "at least two classes"),
        ({"cue_conflict": True, "texture_correlation": 0.5}, "give one of them"),
    ],
)
def test_refused(knobs, message):
    with pytest.raises(ValueError, match=message):
        piconet.load(**knobs)


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"size": 32.5}, "size=32.5 must be a whole number"),
        ({"length": "many"}, "length='many' must be a whole number"),
        ({"difficulty": "hard"}, "difficulty='hard' must be a number"),
        ({"classes": 2.5}, "classes=2.5"),
    ],
)
def test_wrong_types(knobs, message):
    with pytest.raises(TypeError, match=message):
        piconet.load(**knobs)


def test_rendering_refuses_what_is_not_there(train):
    with pytest.raises(IndexError, match="images 0 to 400 of a set of 400"):
        train.render([0, 400])
    with pytest.raises(IndexError, match="-1"):
        train.render([-1])
    with pytest.raises(TypeError, match="whole numbers"):
        train.render([0.5])
    assert train.render([]).shape == (0, 32, 32, 3)


RECORDED_LEVELS = [  # mean gray level of the quarters of each image
    [88.6, 52.7, 73.5, 48.5],
    [106.4, 107.4, 112.9, 108.7],
    [130.7, 120.0, 123.6, 123.9],
    [57.9, 68.1, 59.5, 62.5],
    [133.8, 117.5, 141.7, 125.1],
    [115.0, 108.4, 105.7, 95.0],
    [60.7, 61.4, 56.5, 70.0],
    [154.8, 193.0, 185.5, 184.1],
    [121.5, 78.8, 90.5, 81.0],
    [157.3, 173.3, 174.8, 170.2],
    [93.7, 79.5, 88.2, 69.3],
    [64.3, 60.8, 70.0, 58.4],
]
RECORDED_DIGEST = "f3dc87a5ad629330"
