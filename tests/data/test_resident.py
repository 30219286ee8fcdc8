"""The resident loader: batched augmentation equals augmenting one image at a time."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from imagenet_course.data import load
from imagenet_course.data.normalize import Normalize
from imagenet_course.data.resident import ResidentLoader

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, size=(50, 12, 10, 3), dtype=np.uint8)
LABELS = np.arange(50)
MEAN, STD = (0.4, 0.5, 0.6), (0.2, 0.25, 0.3)


def loader(batch_size=8, **options):
    given = {"train": True, "mean": MEAN, "std": STD}
    return ResidentLoader((IMAGES, LABELS), batch_size, **(given | options))


def pixels(images):
    """The uint8 pixels that were normalized, (n, H, W, C)."""
    raw = (images * torch.tensor(STD).view(3, 1, 1) + torch.tensor(MEAN).view(3, 1, 1)) * 255
    return raw.round().permute(0, 2, 3, 1).numpy().astype(np.uint8)


def test_evaluation_gives_the_images_as_they_are():
    images, labels = (torch.cat(parts) for parts in zip(*loader(train=False), strict=True))
    assert labels.tolist() == LABELS.tolist()
    assert np.array_equal(pixels(images), IMAGES)
    assert images.is_contiguous(memory_format=torch.channels_last)


@settings(max_examples=25, deadline=None)
@given(
    padding=st.integers(0, 9),
    flip=st.sampled_from([None, "random", "alternate"]),
    epoch=st.integers(0, 3),
    seed=st.integers(0, 100),
)
def test_every_image_is_a_window_of_its_reflection(padding, flip, epoch, seed):
    ours = loader(crop_padding=padding, flip=flip, seed=seed)
    ours.set_epoch(epoch)
    p = padding
    padded = np.pad(IMAGES, ((0, 0), (p, p), (p, p), (0, 0)), mode="reflect")
    for images, labels in ours:
        for window, label in zip(pixels(images), labels.tolist(), strict=True):
            candidates = [
                padded[label, top : top + 12, left : left + 10][:, ::side]
                for top in range(2 * p + 1)
                for left in range(2 * p + 1)
                for side in ((1, -1) if flip else (1,))
            ]
            assert any(np.array_equal(window, candidate) for candidate in candidates)


def mirrored_in(ours):
    """label → whether its image was mirrored, in one epoch without crops."""
    found = {}
    for images, labels in ours:
        for image, label in zip(pixels(images), labels.tolist(), strict=True):
            straight = np.array_equal(image, IMAGES[label])
            assert straight or np.array_equal(image, IMAGES[label][:, ::-1])
            found[label] = not straight
    return found


def test_two_epochs_of_alternating_flips_show_both_sides():
    ours = loader(batch_size=10, flip="alternate")
    first, second, third = (mirrored_in(ours) for _ in range(3))
    assert len(first) == 50
    assert all(first[label] != second[label] == (not third[label]) for label in first)
    assert 10 < sum(first.values()) < 40


def test_random_flips_are_drawn_anew():
    ours = loader(batch_size=10, flip="random")
    first, second = mirrored_in(ours), mirrored_in(ours)
    assert 10 < sum(first.values()) < 40
    assert 10 < sum(first[label] == second[label] for label in first) < 40


def test_crops_reach_every_offset_equally_often():
    ramp = np.arange(16, dtype=np.uint8) * 16
    images = np.broadcast_to(ramp[:, None, None], (2000, 16, 16, 1)).copy()
    ours = ResidentLoader((images, np.zeros(2000)), 500, train=True, crop_padding=2)
    tops = [round(float(v)) for batch, _ in ours for v in (batch[:, 0, 8, 8] * 0.226 + 0.449) * 255]
    values, counts = np.unique(tops, return_counts=True)
    assert values.tolist() == [16 * k for k in (6, 7, 8, 9, 10)]
    assert min(counts) > 300


def test_cutout_sets_a_square_to_the_mean():
    whole = {int(y): x for images, labels in loader() for x, y in zip(images, labels, strict=True)}
    sizes = []
    for images, labels in loader(cutout=4):
        for image, label in zip(images, labels.tolist(), strict=True):
            changed = (image != whole[label]).any(0)
            assert (image[:, changed] == 0).all()
            rows, columns = changed.any(1).sum(), changed.any(0).sum()
            assert changed.sum() == rows * columns  # a rectangle
            sizes.append((int(rows), int(columns)))
    assert max(sizes) == (4, 4)
    assert all(2 <= rows <= 4 and 2 <= columns <= 4 for rows, columns in sizes)


def test_what_happens_to_an_image_does_not_depend_on_batches_or_ranks():
    options = {"crop_padding": 3, "flip": "random", "cutout": 3, "drop_last": False}

    def by_label(**more):
        batches = loader(**(options | more))
        return {int(y): x for images, ys in batches for x, y in zip(images, ys, strict=True)}

    usual = by_label()
    shares = [by_label(batch_size=4, rank=rank, world_size=2) for rank in range(2)]
    assert sorted(label for share in shares for label in share) == LABELS.tolist()
    for share in shares:
        assert all(torch.equal(image, usual[label]) for label, image in share.items())


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 6), st.integers(0, 2))
def test_the_rest_of_an_epoch_is_the_same_to_the_bit(stop, epoch):
    options = {"crop_padding": 2, "flip": "random", "cutout": 3}
    whole = loader(**options)
    whole.set_epoch(epoch)
    expected = [(x.clone(), y) for x, y in whole][stop:]
    stopped = loader(**options)
    stopped.set_epoch(epoch)
    for number, _ in enumerate(stopped, 1):
        if number == stop:
            break
    resumed = loader(**options)
    resumed.load_state_dict(json.loads(json.dumps(stopped.state_dict())))
    rest = list(resumed)
    assert len(rest) == len(expected)
    for (images, labels), (other, others) in zip(rest, expected, strict=True):
        assert torch.equal(images, other)
        assert torch.equal(labels, others)


def test_gray_sets_are_normalized_with_one_channel():
    digits = load("digits", "test")
    images, labels = next(iter(ResidentLoader(digits, 20, train=False, dtype=torch.bfloat16)))
    assert images.shape == (20, 1, 8, 8)
    assert images.dtype == torch.bfloat16
    expected = Normalize([0.449], [0.226])(torch.from_numpy(digits.images[:20]).permute(0, 3, 1, 2))
    torch.testing.assert_close(images.float(), expected, atol=0.03, rtol=0.01)
    assert labels.tolist() == digits.labels[:20].tolist()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"crop_padding": 10}, "crop_padding must be from 0 to 9, got 10"),
        ({"cutout": 11}, "cutout must be from 0 to 10 pixels, got 11"),
        ({"flip": "both"}, "flip must be"),
        ({"batch_size": 51}, "50 images give no batch of 51"),
        ({"mean": (0.5,), "std": (0.5,)}, "images have 3 channels"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        next(iter(loader(**options)))


def test_bad_images():
    with pytest.raises(ValueError, match="use ImageLoader for images of several sizes"):
        ResidentLoader(load("photos", "all"), 4, train=False)
    with pytest.raises(ValueError, match="uint8"):
        ResidentLoader((IMAGES / 255, LABELS), 4, train=False)
    with pytest.raises(ValueError, match="50 images have 3 labels"):
        ResidentLoader((IMAGES, LABELS[:3]), 4, train=False)
