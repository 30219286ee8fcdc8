"""Shards: written whole, read by any WebDataset reader, each image given to one process once."""

import io
import json
import shutil
import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.multiprocessing as mp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from imagenet_course.data import load
from imagenet_course.data.image_folder import ImageFiles
from imagenet_course.data.recipes import recipe
from imagenet_course.data.shard_loader import ShardLoader, ShardOrder
from imagenet_course.data.shards import read_index, write_shards

TRAIN = recipe("standard", train=True, size=32)
EVALUATION = recipe("standard", train=False, size=32)


@pytest.fixture(scope="module")
def shards(tmp_path_factory, photo_folder):
    """The 23 photographs in six shards, the label of each its number."""
    folder = tmp_path_factory.mktemp("shards") / "with spaces"
    index, broken = write_shards(photographs(photo_folder), folder, images_per_shard=4)
    assert not broken
    assert index.images == 23
    return folder


def photographs(folder):
    paths = sorted(map(str, folder.iterdir()))
    info = load("photos", "all").info
    return ImageFiles(paths, np.arange(23), [f"class {i}" for i in range(23)], info, "train")


def bytes_of(path):
    return Path(path).read_bytes()


def epoch_of(loader):
    return [(images.clone(), labels.tolist()) for images, labels in loader]


def labels_of(batches):
    return [label for _, labels in batches for label in labels]


def test_shards_hold_the_files_byte_for_byte_in_a_random_order(shards, photo_folder):
    originals = dict(enumerate(map(bytes_of, photographs(photo_folder).paths)))
    order = []
    for path in sorted(shards.glob("*.tar")):
        with tarfile.open(path) as tar:
            files = {member.name: tar.extractfile(member).read() for member in tar}
        for name, data in files.items():
            key, extension = name.split(".")
            if extension == "cls":
                order.append(int(data))
                assert int(key) == int(data)
            else:
                assert data == originals[int(key)]
                assert extension == ("png" if int(key) == 3 else "jpg")
    assert sorted(order) == list(range(23))
    assert order != sorted(order)


def test_the_index_says_what_is_there(shards):
    index = read_index(shards)
    assert list(index.shards.values()) == [4, 4, 4, 4, 4, 3]
    assert index.classes[22] == "class 22"
    assert json.loads((shards / "index.json").read_text())["shards"] == index.shards


def test_the_same_seed_writes_the_same_bytes(shards, photo_folder, tmp_path):
    write_shards(photographs(photo_folder), tmp_path / "again", images_per_shard=4)
    for path in shards.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_in_memory_sets_are_stored_as_png(tmp_path):
    digits = load("digits", "test")
    index, _ = write_shards(digits, tmp_path / "digits", images_per_shard=100)
    assert index.images == len(digits)
    with tarfile.open(tmp_path / "digits" / "000000.tar") as tar:
        name = next(n for n in tar.getnames() if n.endswith(".png"))
        pixels = np.asarray(Image.open(io.BytesIO(tar.extractfile(name).read())))
    assert np.array_equal(pixels, digits.image(int(name[:-4])).squeeze())


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_evaluation_gives_every_image_once(shards, workers, photo_folder):
    loader = ShardLoader(shards, 5, EVALUATION, train=False, workers=workers)
    batches = epoch_of(loader)
    assert len(batches) == len(loader)
    assert sorted(labels_of(batches)) == list(range(23))
    dataset = photographs(photo_folder)
    for images, labels in batches:
        for image, label in zip(images, labels, strict=True):
            torch.testing.assert_close(image, EVALUATION(dataset[label][0]))


@pytest.mark.parametrize("workers", [0, 2])
def test_training_shuffles_and_repeats_itself(shards, workers):
    def build():
        return ShardLoader(shards, 4, TRAIN, train=True, workers=workers)

    first, again = build(), build()
    one, two = epoch_of(first), epoch_of(first)
    assert len(one) == len(two) == len(first)
    assert len(set(labels_of(one))) == len(labels_of(one))
    assert labels_of(one) != labels_of(two)
    for (images, labels), (others, same) in zip(one, epoch_of(again), strict=True):
        assert labels == same
        assert torch.equal(images, others)


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("stop", [1, 2, 3])
def test_the_rest_of_an_epoch_is_the_same_to_the_bit(shards, workers, stop):
    def build():
        return ShardLoader(shards, 4, TRAIN, train=True, workers=workers)

    whole = epoch_of(build())
    stopped = build()
    for number, _ in enumerate(stopped, 1):
        if number == stop:
            break
    resumed = build()
    resumed.load_state_dict(json.loads(json.dumps(stopped.state_dict())))
    rest = epoch_of(resumed)
    assert len(rest) == len(whole) - stop
    for (images, labels), (others, same) in zip(rest, whole[stop:], strict=True):
        assert labels == same
        assert torch.equal(images, others)


def _rank(rank, folder, out):
    """What each of two processes does, in a process group as `torchrun` sets it up."""
    import torch.distributed as dist

    torch.set_num_threads(1)  # a forked process must not use the threads of its parent
    dist.init_process_group("gloo", init_method=f"file://{out}/store", rank=rank, world_size=2)
    seen = {}
    for train in (False, True):
        transform = TRAIN if train else EVALUATION
        loader = ShardLoader(folder, 3, transform, train=train, rank=rank, world_size=2)
        epochs = [labels_of(epoch_of(loader)) for _ in range(2)]
        steps = torch.tensor([len(loader)])
        if train:  # a step that needs the other rank, as averaging gradients does
            for _ in range(len(loader)):
                dist.all_reduce(steps.clone())
        seen[str(train)] = {"epochs": epochs, "steps": len(loader)}
    dist.destroy_process_group()
    with open(f"{out}/{rank}.json", "w") as file:
        json.dump(seen, file)


def test_two_processes_share_the_images(shards, tmp_path):
    mp.start_processes(_rank, (str(shards), str(tmp_path)), nprocs=2, start_method="fork")
    seen = [json.loads((tmp_path / f"{rank}.json").read_text()) for rank in (0, 1)]
    for epoch in (0, 1):
        evaluated = [label for rank in seen for label in rank["False"]["epochs"][epoch]]
        assert sorted(evaluated) == list(range(23))
        trained = [rank["True"]["epochs"][epoch] for rank in seen]
        assert len(trained[0]) == len(trained[1]) == 9
        assert not set(trained[0]) & set(trained[1])
    assert seen[0]["True"]["steps"] == seen[1]["True"]["steps"] == 3


@settings(max_examples=150, deadline=None)
@given(
    full=st.integers(2, 9),
    count=st.integers(1, 14),
    short=st.integers(1, 9),
    batch_size=st.integers(1, 12),
    world_size=st.integers(1, 3),
    workers=st.integers(1, 3),
    epoch=st.integers(0, 5),
)
def test_ranks_stay_in_step_for_any_shards(
    full, count, short, batch_size, world_size, workers, epoch
):
    shards = {f"{i:06d}.tar": full for i in range(count)}
    shards[f"{count - 1:06d}.tar"] = min(short, full)
    evaluated = []
    for rank in range(world_size):
        options = {"rank": rank, "world_size": world_size, "workers": workers}
        try:
            train = ShardOrder(shards, batch_size, True, 0, **options)
            order = ShardOrder(shards, batch_size, False, 0, **options)
        except ValueError:
            return
        assert len(train.batches(epoch)) == len(train)
        for worker in range(workers):
            images = sum(shards[name] for name in train.stream(epoch, rank, worker))
            given = sum(w == worker for _, w in train.batches(epoch))
            assert given * batch_size <= images
            evaluated += order.stream(epoch, rank, worker)
        assert len(order.batches(epoch)) == len(order)
    assert sorted(evaluated) == sorted(shards)


def test_broken_images_are_replaced_noted_or_left_out(shards, tmp_path, photo_folder):
    folder = tmp_path / "damaged"
    folder.mkdir()
    for path in shards.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    victim = sorted(folder.glob("*.tar"))[1]
    with tarfile.open(victim) as tar:
        files = [(member, tar.extractfile(member).read()) for member in tar]
    with tarfile.open(victim, "w") as tar:
        for k, (member, data) in enumerate(files):
            data = data[: len(data) // 2] if k == 1 else data
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    key, extension = files[1][0].name.split(".")
    assert extension == "jpg"
    lost = int(key)
    evaluation = ShardLoader(folder, 5, EVALUATION, train=False)
    assert sorted(labels_of(epoch_of(evaluation))) == sorted(set(range(23)) - {lost})
    ((name, reason),) = evaluation.broken.items()
    assert f"{lost:08d}" in name
    assert "cannot be decoded" in reason
    training = ShardLoader(folder, 4, TRAIN, train=True)
    assert all(len(labels) == 4 for _, labels in epoch_of(training))


def test_a_shard_that_lost_images_is_reported(shards, tmp_path):
    for path in shards.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for path in tmp_path.glob("*.tar"):
        with tarfile.open(path, "w"):
            pass
    for train, transform in ((True, TRAIN), (False, EVALUATION)):
        with pytest.raises(OSError, match="fewer images than their index says"):
            epoch_of(ShardLoader(tmp_path, 4, transform, train=train))


@pytest.mark.skipif(shutil.which("curl") is None, reason="webdataset reads the web through curl")
def test_shards_are_streamed_from_a_web_server(shards):
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=shards))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/"
        streamed = epoch_of(ShardLoader(address, 5, EVALUATION, train=False))
    finally:
        server.shutdown()
        server.server_close()
    local = epoch_of(ShardLoader(shards, 5, EVALUATION, train=False))
    assert labels_of(streamed) == labels_of(local)
    assert torch.equal(streamed[0][0], local[0][0])


def test_nothing_half_written(tmp_path, photo_folder):
    dataset = photographs(photo_folder)

    def interrupted(indices):
        for k, i in enumerate(indices):
            if k == 9:
                raise KeyboardInterrupt
            yield i

    with pytest.raises(KeyboardInterrupt):
        write_shards(dataset, tmp_path / "new", images_per_shard=4, progress=interrupted)
    assert list(tmp_path.iterdir()) == []


def test_broken_files_are_not_stored(tmp_path, photo_folder):
    dataset = photographs(photo_folder)
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"")
    dataset.paths[5] = str(bad)
    index, broken = write_shards(dataset, tmp_path / "out", images_per_shard=4)
    assert index.images == 22
    assert list(broken) == [str(bad)]


def test_bad_input(tmp_path, shards, photo_folder):
    dataset = photographs(photo_folder)
    with pytest.raises(FileExistsError, match="exists; choose another folder"):
        write_shards(dataset, shards)
    with pytest.raises(ValueError, match="at least 1, got 0"):
        write_shards(dataset, tmp_path / "x", images_per_shard=0)
    with pytest.raises(FileNotFoundError, match=r"holds no index\.json"):
        ShardLoader(tmp_path, 4, TRAIN, train=True)
    with pytest.raises(ValueError, match="6 shards cannot feed 4 worker"):
        ShardLoader(shards, 4, TRAIN, train=True, workers=4, world_size=2)
    with pytest.raises(ValueError, match="fewer images than a batch of 13"):
        ShardLoader(shards, 13, TRAIN, train=True, workers=2)
    (tmp_path / "index.json").write_text('{"shards": 3}')
    with pytest.raises(ValueError, match="is not an index of shards"):
        read_index(tmp_path)
