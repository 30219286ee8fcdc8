"""Wrong input to evaluate, predict and train: one sentence, exit code 2, nothing overwritten."""

import errno
import os
import shutil

import numpy as np
import pytest

from imagenet_course import cli
from imagenet_course.data import InMemory, catalog, load


@pytest.fixture
def run(digits_run, tmp_path):
    """A copy of a run, to be spoiled."""
    return shutil.copytree(digits_run, tmp_path / "run")


def refused(done, words):
    assert done.code == 2
    assert done.error.startswith("error: ")
    assert words in done.error
    assert done.error.count("\n") == 1
    return True


def without_json(run):
    (run / "run.json").unlink()


def without_network(run):
    (run / "model.safetensors").unlink()


def with_half_a_json(run):
    (run / "run.json").write_text((run / "run.json").read_text()[:200])


def with_unknown_settings(run):
    text = (run / "run.json").read_text()
    (run / "run.json").write_text(text.replace('"lr"', '"learning_rate"'))


def with_half_a_network(run):
    whole = (run / "model.safetensors").read_bytes()
    (run / "model.safetensors").write_bytes(whole[: len(whole) // 2])


def with_another_format(run):
    (run / "model.safetensors").write_bytes(b"\x80\x04 a pickle")


def with_data_that_moved(run):
    text = (run / "run.json").read_text()
    (run / "run.json").write_text(text.replace('"data": "digits"', '"data": "/gone/photos"'))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (without_json, "holds no run, for there is no run.json"),
        (without_network, "is not finished, so it has no network yet; go on with:"),
        (with_half_a_json, "run.json is damaged"),
        (with_unknown_settings, "run.json is damaged"),
        (with_half_a_network, "is no whole safetensors file of this course"),
        (with_another_format, "is no whole safetensors file of this course"),
        (with_data_that_moved, "there is no folder /gone/photos"),
    ],
)
def test_spoiled_runs(command, run, spoil, words):
    spoil(run)
    assert refused(command("evaluate", run), words)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--data nowhere", "there is no folder"),
        ("--data digitz", "did you mean 'digits'"),
        ("--data EMPTY", "holds no class folders"),
        ("--data faces", "does not know the class 'face' and 1 others of these images"),
        ("--split tset", "unknown split of 'digits' 'tset'; did you mean 'test'"),
        ("--tta mirror", "unknown --tta 'mirror'"),
        ("--set lr=3", "unknown setting of evaluate 'lr'"),
        ("--set batch_size=0", "batch_size must be at least 1, got 0"),
        ("--set data.size=9", "takes no option 'size'"),
        ("--set precision=float8", "unknown precision 'float8'"),
        ("--out FILE", "cannot be written to"),
        ("--out FILE/below", "cannot be written to"),
    ],
)
def test_wrong_options_of_evaluate(command, digits_run, tmp_path, line, words):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("precious")
    for name in ("EMPTY", "FILE"):
        line = line.replace(name, str(tmp_path / name.lower()))
    assert refused(command(f"evaluate {line}", digits_run), words)
    assert (tmp_path / "file").read_text() == "precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "file"]


@pytest.mark.skipif(os.name != "posix", reason="this system has no such permissions")
def test_folders_that_are_read_only(command, digits_run, tmp_path, monkeypatch):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    if os.geteuid() == 0:  # root may write anywhere, so let the system refuse by hand
        touch = type(closed).touch

        def refuse(path, *arguments, **options):
            if path.parent == closed:
                raise PermissionError(13, "Permission denied")
            return touch(path, *arguments, **options)

        monkeypatch.setattr(type(closed), "touch", refuse)
    words = f"{closed} cannot be written to (Permission denied); choose another --out"
    assert refused(command(f"evaluate --out {closed}", digits_run), words)
    assert refused(command(f"export --out {closed / 'model.onnx'}", digits_run), words)
    predict = command(f"predict --out {closed / 'seen.png'}", digits_run, tmp_path / "x.png")
    assert refused(predict, words)
    assert not list(closed.iterdir())


def test_labels_out_of_range(command, digits_run, tmp_path, monkeypatch):
    def load_with_one_wrong_label(name, split=None, **options):
        whole = load("digits", split)
        labels = whole.labels.copy()
        labels[3] = 10
        return InMemory(np.asarray(whole.images), labels, whole.classes, whole.info, split)

    for module in ("imagenet_course.training.sources", "imagenet_course.data"):
        monkeypatch.setattr(f"{module}.load", load_with_one_wrong_label)
    words = "has the label 10, but labels of 10 classes are 0 to 9"
    assert refused(command("evaluate", digits_run), words)
    assert refused(command("evaluate --split test", digits_run), words)
    train = f"train --data digits --model lenet5 --out {tmp_path / 'run'}"
    assert refused(command(train), words)
    assert not (tmp_path / "run").exists()
    assert catalog.load is load


@pytest.mark.parametrize(
    ("network", "words"),
    [
        ("resnet5o", "it is an unknown network 'resnet5o'; did you mean"),
        ("runs/none", "there is no file or folder runs/none"),
        ("none.safetensors", "there is no file none.safetensors"),
        ("resnet18:v9", "unknown set of weights 'v9'"),
        ("resnet20", "torchvision publishes no weights for resnet20"),
    ],
)
def test_networks_that_are_not_there(command, network, words):
    assert refused(command("predict", network, "cat.jpg"), words)


def test_pickles_are_not_opened(command, tmp_path):
    (tmp_path / "model.pt").write_bytes(b"cos\nsystem\n(S'echo'\ntR.")
    assert refused(command("predict", tmp_path / "model.pt", "cat.jpg"), "may be a pickle")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device; free some"),
        (MemoryError("3 GiB"), "this takes more memory than there is (3 GiB)"),
    ],
)
def test_a_machine_that_is_full_is_one_sentence(command, monkeypatch, error, words):
    def fail():
        raise error

    monkeypatch.setattr(cli, "app", fail)
    assert refused(command("doctor"), words)
