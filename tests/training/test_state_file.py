"""Checkpoints: what is read is what was written, and damage is found, never loaded."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from imagenet_course.training import state_file
from imagenet_course.training.checkpoint import Checkpoints
from imagenet_course.training.randomness import random_state, set_random_state


def a_state(step=0):
    filters = torch.randn(4, 3, 3, 3).contiguous(memory_format=torch.channels_last)
    return {
        "network": {
            "conv.weight": filters,
            "count": torch.tensor(step),
            "half": torch.ones(2).half(),
        },
        "optimizer": {
            "state": {0: {"momentum": torch.randn(2, 2)}},
            "groups": [{"betas": (0.9, 0.99)}],
        },
        "nothing": None,
        "position": {"step": step, "lr": 0.1 + 0.2, "tiny": 5e-324, "name": "照片"},
        "array": np.arange(5, dtype=np.uint32),
        "empty": [],
    }


def equal(a, b):
    if isinstance(a, torch.Tensor):
        return a.dtype == b.dtype and a.stride() == b.stride() and torch.equal(a, b)
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b)
    if isinstance(a, dict):
        return list(a) == list(b) and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(equal, a, b))
    return type(a) is type(b) and a == b


def test_what_is_read_is_what_was_written(tmp_path):
    state = a_state()
    state_file.write(tmp_path / "a", state)
    assert equal(state_file.read(tmp_path / "a"), state)


def test_what_json_and_tensors_cannot_hold_is_refused(tmp_path):
    with pytest.raises(TypeError, match=r"/model is a Linear, which a checkpoint cannot hold"):
        state_file.write(tmp_path / "a", {"model": torch.nn.Linear(1, 1)})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".json", ".safetensors"])
@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "missing"])
def test_damage_is_found(tmp_path, suffix, damage):
    state_file.write(tmp_path / "a", a_state())
    path = tmp_path / f"a{suffix}"
    data = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    else:
        if damage == "flipped":
            data[-40] ^= 1
        path.write_bytes({"cut": data[:-9], "flipped": data, "empty": b""}[damage])
    with pytest.raises(ValueError, match=r"a is damaged \("):
        state_file.read(tmp_path / "a")


def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path, caplog):
    checkpoints = Checkpoints(tmp_path / "checkpoints")
    assert checkpoints.load() is None
    for step in (1, 2, 3):
        checkpoints.save(step, a_state(step))
    kept = sorted(path.name for path in checkpoints.folder.iterdir())
    assert kept == [f"step-00000000{i}.{end}" for i in (2, 3) for end in ("json", "safetensors")]
    assert checkpoints.load()["position"]["step"] == 3
    newest = checkpoints.folder / "step-000000003.safetensors"
    newest.write_bytes(newest.read_bytes()[:-1])
    assert checkpoints.load()["position"]["step"] == 2
    assert "step-000000003 is damaged" in caplog.text
    assert "resuming from step-000000002" in caplog.text
    (checkpoints.folder / "step-000000002.json").write_text("{}")
    with pytest.raises(ValueError, match=r"all checkpoints .* are damaged"):
        checkpoints.load()


def test_a_disk_that_is_full_loses_no_earlier_checkpoint(tmp_path):
    """The limit on file sizes fails in the midst of writing, as a full disk does."""
    resource = pytest.importorskip("resource", reason="this system cannot limit file sizes")
    checkpoints = Checkpoints(tmp_path / "checkpoints")
    first = a_state(1)
    checkpoints.save(1, first)
    large = a_state(2) | {"large": torch.zeros(10**6)}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10**6, limits[1]))
    try:
        with pytest.raises(OSError, match=r"checkpoint of step 2 cannot be written .* untouched"):
            checkpoints.save(2, large)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert equal(checkpoints.load(), first)
    checkpoints.save(2, large)  # and later there is room again
    assert checkpoints.load()["position"]["step"] == 2
    assert not list(Path(checkpoints.folder).glob(".*"))


def test_random_states_go_on(tmp_path):
    def draw():
        return (
            random.random(),
            np.random.rand(),  # noqa: NPY002
            torch.rand(3).tolist(),
            random.gauss(),
            torch.randn(3).tolist(),
        )

    draw()
    state_file.write(tmp_path / "random", random_state())
    expected = draw()
    draw()
    set_random_state(state_file.read(tmp_path / "random"))
    assert draw() == expected
