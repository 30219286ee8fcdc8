"""The image loader: the same batches for any number of workers, nothing lost, nothing doubled."""

import json
import logging
from contextlib import closing

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.transforms import v2

from imagenet_course.data import load
from imagenet_course.data.image_folder import ImageFiles
from imagenet_course.data.loader import ImageLoader
from imagenet_course.data.normalize import Normalize
from imagenet_course.data.order import Order
from imagenet_course.data.recipes import IMAGENET_MEAN, IMAGENET_STD, mixing, recipe

STANDARD = recipe("standard", train=True, size=32)
EVALUATION = recipe("standard", train=False, size=32)


def epoch_of(loader):
    return [(images.clone(), labels.clone()) for images, labels in loader]


def assert_same(ours, theirs):
    assert len(ours) == len(theirs)
    for (images, labels), (other_images, other_labels) in zip(ours, theirs, strict=True):
        assert torch.equal(labels, other_labels)
        assert torch.equal(images, other_images)


# --- order and sharding -------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(
    length=st.integers(1, 60),
    batch_size=st.integers(1, 9),
    world_size=st.integers(1, 5),
    epoch=st.integers(0, 3),
)
def test_evaluation_gives_every_image_to_one_rank_once(length, batch_size, world_size, epoch):
    orders = [
        Order(length, batch_size, train=False, rank=rank, world_size=world_size)
        for rank in range(world_size)
    ]
    batches = [order.batches(epoch) for order in orders]
    assert [len(b) for b in batches] == [len(order) for order in orders]
    assert max(map(len, batches)) - min(map(len, batches)) <= 1
    flat = [i for rank in batches for batch in rank for i in batch]
    assert sorted(flat) == list(range(length))
    assert all(0 < len(batch) <= batch_size for rank in batches for batch in rank)


@settings(max_examples=200, deadline=None)
@given(
    length=st.integers(1, 60),
    batch_size=st.integers(1, 9),
    world_size=st.integers(1, 5),
    epoch=st.integers(0, 3),
    drop_last=st.booleans(),
)
def test_training_keeps_the_ranks_in_step(length, batch_size, world_size, epoch, drop_last):
    whole = batch_size * world_size
    if length < (whole if drop_last else world_size):
        with pytest.raises(ValueError, match="give no batch"):
            Order(length, batch_size, True, world_size=world_size, drop_last=drop_last)
        return
    batches = []
    for rank in range(world_size):
        order = Order(length, batch_size, True, 7, rank, world_size, drop_last)
        batches.append(order.batches(epoch))
        assert len(order) == len(batches[0]) == len(batches[-1])
    for together in zip(*batches, strict=True):
        sizes = [len(batch) for batch in together]
        assert max(sizes) - min(sizes) <= 1
        assert min(sizes) > 0
    flat = [i for rank in batches for batch in rank for i in batch]
    assert len(set(flat)) == len(flat)
    left_out = length - len(flat)
    assert left_out == (length % whole if drop_last or length % whole < world_size else 0)


def test_epochs_differ_and_seeds_differ():
    order = Order(100, 10, train=True)
    first, second = (np.concatenate(order.batches(epoch)) for epoch in (0, 1))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, np.concatenate(Order(100, 10, True, seed=1).batches(0)))
    assert np.array_equal(first, np.concatenate(Order(100, 10, True).batches(0)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"batch_size": 101}, "100 images give no batch of 101"),
        ({"rank": 2, "world_size": 2}, "rank 2 of 2"),
        ({"seed": -1}, "seed must not be negative"),
        ({"train": False}, "leave images out of an evaluation"),
    ],
)
def test_impossible_orders_are_refused(change, message):
    given = {"length": 100, "batch_size": 10, "train": True, "drop_last": True}
    with pytest.raises(ValueError, match=message):
        Order(**(given | change))


# --- the loader ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["standard", "modern", "resnet-2015"])
def test_any_number_of_workers_gives_the_same_batches(photo_set, name):
    transform = recipe(name, train=True, size=32)
    alone = ImageLoader(photo_set, 4, transform, train=True, workers=0)
    many = ImageLoader(photo_set, 4, transform, train=True, workers=2)
    for _ in range(2):  # persistent workers see the second epoch too
        assert_same(epoch_of(alone), epoch_of(many))


def test_spawned_workers_give_the_same_batches(photo_set):
    """As on Windows and macOS."""
    alone = ImageLoader(photo_set, 8, STANDARD, train=True, workers=0)
    spawned = ImageLoader(photo_set, 8, STANDARD, train=True, workers=1, context="spawn")
    assert_same(epoch_of(alone), epoch_of(spawned))


def test_an_image_depends_on_seed_epoch_and_index_alone(photo_set):
    def by_label(batch_size, epoch=0, seed=0, **options):
        loader = ImageLoader(
            photo_set, batch_size, STANDARD, train=True, seed=seed, workers=0, drop_last=False,
            **options,
        )  # fmt: skip
        loader.set_epoch(epoch)
        return {int(y): x for images, labels in loader for x, y in zip(images, labels, strict=True)}

    usual = by_label(4)
    assert len(usual) == len(photo_set)
    for other in (by_label(7), by_label(4, rank=1, world_size=2)):
        assert all(torch.equal(image, usual[label]) for label, image in other.items())
    for other in (by_label(4, epoch=1), by_label(4, seed=1)):
        assert not any(torch.equal(image, usual[label]) for label, image in other.items())


def test_torchs_own_generator_is_left_alone(photo_set):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    transform = recipe("modern", train=True, size=32)
    epoch_of(ImageLoader(photo_set, 8, transform, train=True, workers=0, mix=mixing("modern", 23)))
    assert torch.equal(torch.get_rng_state(), before)


def test_evaluation_equals_the_pipeline_image_by_image(photo_set):
    loader = ImageLoader(photo_set, 5, EVALUATION, train=False, workers=0)
    images, labels = (torch.cat(parts) for parts in zip(*loader, strict=True))
    assert labels.tolist() == photo_set.labels.tolist()
    for image, (pixels, _) in zip(images, photo_set, strict=True):
        torch.testing.assert_close(image, EVALUATION(pixels))


def test_images_are_normalized_channels_last_and_of_the_dtype(photo_set):
    loader = ImageLoader(photo_set, 4, STANDARD, train=True, workers=0, dtype=torch.bfloat16)
    images, labels = next(iter(loader))
    assert images.shape == (4, 3, 32, 32)
    assert images.dtype == torch.bfloat16
    assert images.is_contiguous(memory_format=torch.channels_last)
    assert labels.dtype == torch.int64


def test_batches_stay_as_they_were_when_more_are_read(photo_set):
    """The workers' memory is used again; what was given must not change."""
    uint8 = v2.Compose([v2.RandomResizedCrop(32), v2.RandomHorizontalFlip()])
    loader = ImageLoader(photo_set, 2, uint8, train=True, workers=1)
    kept = list(loader)
    assert_same(kept, epoch_of(ImageLoader(photo_set, 2, uint8, train=True, workers=0)))
    assert kept[0][0].dtype == torch.uint8


def test_in_memory_sets_and_gray_images_are_served():
    digits = load("digits", "test")
    loader = ImageLoader(digits, 32, EVALUATION, train=False, workers=0)
    images, labels = next(iter(loader))
    assert images.shape == (32, 3, 32, 32)
    assert labels.tolist() == digits.labels[:32].tolist()


def test_transforms_that_are_not_recognized_still_work(photo_set):
    plain = v2.Compose([v2.Resize((20, 30)), v2.ToDtype(torch.float32, scale=True)])
    loader = ImageLoader(photo_set, 5, plain, train=False, workers=1)
    images = torch.cat([images for images, _ in loader])
    assert images.shape == (23, 3, 20, 30)
    expected = plain(torch.from_numpy(photo_set[0][0]).permute(2, 0, 1))
    torch.testing.assert_close(images[0], expected)
    ten = recipe("alexnet-2012", train=False, size=32, ten_crop=True)
    views, _ = next(iter(ImageLoader(photo_set, 3, ten, train=False, workers=0)))
    assert views.shape == (3, 10, 3, 32, 32)
    torch.testing.assert_close(views[2], ten(photo_set[2][0]))


def test_mixed_batches_are_the_same_again(photo_set):
    def batches(**options):
        return epoch_of(
            ImageLoader(photo_set, 6, STANDARD, train=True, mix=mixing("modern", 23), **options)
        )

    first = batches(workers=0)
    assert first[0][1].shape == (6, 23)
    assert_same(first, batches(workers=1))
    assert not torch.equal(first[0][1], batches(workers=0, seed=1)[0][1])


# --- stopping and going on ----------------------------------------------------------------------


@settings(max_examples=8, deadline=None)
@given(stop=st.integers(0, 5), workers=st.sampled_from([0, 1]), epoch=st.integers(0, 2))
def test_the_rest_of_an_epoch_is_the_same_to_the_bit(photo_set_, stop, workers, epoch):
    def build():
        loader = ImageLoader(photo_set_, 4, STANDARD, train=True, workers=workers)
        loader.set_epoch(epoch)
        return loader

    whole = epoch_of(build())
    loader = build()
    for number, _ in enumerate(loader, 1):
        if number >= stop:
            break
    state = json.loads(json.dumps(loader.state_dict()))
    resumed = build()
    resumed.set_epoch(9)
    resumed.load_state_dict(state)
    assert resumed.state_dict() == state
    assert_same(epoch_of(resumed), whole[max(stop, 1) :])
    assert resumed.epoch == epoch + 1
    following = epoch_of(resumed)
    continuing = build()
    continuing.set_epoch(epoch + 1)
    assert_same(following, epoch_of(continuing))


@pytest.fixture(scope="module")
def photo_set_(photo_folder):
    paths = sorted(map(str, photo_folder.iterdir()))
    info = load("photos", "all").info
    return ImageFiles(paths, np.arange(len(paths)), list(map(str, range(23))), info, "train")


def test_a_state_before_the_first_batch_and_after_the_last(photo_set):
    loader = ImageLoader(photo_set, 8, STANDARD, train=True, workers=0)
    assert loader.state_dict()["batch"] == 0
    states = [loader.state_dict() for _ in loader]
    assert [state["batch"] for state in states] == [1, 2]
    assert loader.state_dict()["epoch"] == 1
    loader.load_state_dict(states[-1])  # saved after the last batch, before the epoch was closed
    assert epoch_of(loader) == []
    assert loader.epoch == 1


def test_an_abandoned_epoch_starts_again(photo_set):
    loader = ImageLoader(photo_set, 4, STANDARD, train=True, workers=1)
    (first_images, _) = next(iter(loader))
    again, _ = next(iter(loader))
    assert torch.equal(first_images, again)
    assert len(epoch_of(loader)) == len(loader) == 5
    assert loader.epoch == 1


def test_a_state_of_another_order_is_refused(photo_set):
    state = ImageLoader(photo_set, 4, STANDARD, train=True, workers=0).state_dict()
    for change, words in (
        ({"seed": 1}, "cannot resume: seed was 0 and is 1"),
        ({"world_size": 2}, "cannot resume with 2 processes: start 1 by torchrun"),
    ):
        other = ImageLoader(photo_set, 4, STANDARD, train=True, workers=0, **change)
        with pytest.raises(ValueError, match=words):
            other.load_state_dict(state)
    other = ImageLoader(photo_set, 5, STANDARD, train=True, workers=0)
    with pytest.raises(ValueError, match="batch_size was 4 and is 5"):
        other.load_state_dict(state)


# --- broken images ------------------------------------------------------------------------------


def with_broken(photo_set, folder, which):
    paths = list(photo_set.paths)
    for i in which:
        bad = folder / f"broken {i}.jpg"
        with open(paths[i], "rb") as file:
            bad.write_bytes(file.read()[: 0 if i % 2 else 500])
        paths[i] = str(bad)
    return ImageFiles(paths, photo_set.labels, photo_set.classes, photo_set.info, "train")


@pytest.mark.parametrize("workers", [0, 2])
def test_training_replaces_broken_images_and_goes_on(photo_set, tmp_path, caplog, workers):
    broken = with_broken(photo_set, tmp_path, [6, 7, 22])
    loader = ImageLoader(broken, 23, STANDARD, train=True, workers=workers)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            ((images, labels),) = epoch_of(loader)
            assert len(images) == len(labels) == 23  # each broken one replaced by the next good one
            replaced = [8, 8, 0]
            assert sorted(labels.tolist()) == sorted([*(set(range(23)) - {6, 7, 22}), *replaced])
    assert set(loader.broken) == {broken.paths[i] for i in (6, 7, 22)}
    assert all(name in reason for name, reason in loader.broken.items())
    assert len(caplog.records) == 3  # once each


def test_evaluation_leaves_broken_images_out(photo_set, tmp_path):
    broken = with_broken(photo_set, tmp_path, [4, 5, 6, 7, 9])
    loader = ImageLoader(broken, 4, EVALUATION, train=False, workers=0)
    batches = epoch_of(loader)
    labels = [label for _, batch in batches for label in batch.tolist()]
    assert labels == [i for i in range(23) if i not in (4, 5, 6, 7, 9)]
    assert [len(batch) for _, batch in batches] == [4, 3, 4, 4, 3]  # the second had none left
    good = epoch_of(ImageLoader(photo_set, 4, EVALUATION, train=False, workers=0))
    assert torch.equal(batches[0][0], good[0][0])


def test_a_missing_disk_ends_the_epoch(photo_set):
    gone = [f"{path} gone" for path in photo_set.paths]
    lost = ImageFiles(gone, photo_set.labels, photo_set.classes, photo_set.info, "train")
    with pytest.raises(OSError, match=r"10 images in a row cannot be read: .*gone"):
        epoch_of(ImageLoader(lost, 4, STANDARD, train=True, workers=0))


@pytest.mark.parametrize(("processes", "workers"), [(None, 8), ("2", 5), ("12", 0)])
def test_the_processes_of_a_machine_share_its_cores(photo_set, monkeypatch, processes, workers):
    monkeypatch.setattr("joblib.cpu_count", lambda: 12)
    monkeypatch.delenv("LOCAL_WORLD_SIZE", raising=False)
    if processes:
        monkeypatch.setenv("LOCAL_WORLD_SIZE", processes)
    with closing(ImageLoader(photo_set, 8, EVALUATION, train=False)) as loader:
        assert loader._loader.num_workers == workers


def test_bad_numbers_of_workers(photo_set):
    with pytest.raises(ValueError, match="workers must not be negative, got -1"):
        ImageLoader(photo_set, 4, STANDARD, train=True, workers=-1)


# --- normalization ------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 5),
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([torch.float32, torch.bfloat16, torch.float16]),
)
def test_normalization_is_torchvisions(count, height, width, dtype):
    images = torch.randint(0, 256, (count, 3, height, width), dtype=torch.uint8)
    ours = Normalize(IMAGENET_MEAN, IMAGENET_STD, dtype)(images)
    finish = [v2.ToDtype(torch.float32, scale=True), v2.Normalize(IMAGENET_MEAN, IMAGENET_STD)]
    theirs = v2.Compose(finish)(images).to(dtype)
    assert ours.shape == images.shape
    tolerance = {torch.float32: 2e-6, torch.bfloat16: 2e-2, torch.float16: 3e-3}[dtype]
    torch.testing.assert_close(ours, theirs, atol=tolerance, rtol=tolerance)


def test_normalization_wants_a_mean_per_channel():
    with pytest.raises(ValueError, match="images have 3 channels, mean and std 1"):
        Normalize([0.5], [0.5])(torch.zeros(1, 3, 2, 2, dtype=torch.uint8))
    with pytest.raises(ValueError, match="std positive"):
        Normalize([0.5], [0.0])
