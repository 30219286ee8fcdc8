"""``imagenet-course data shard``: what it writes, says, and refuses."""

import sys

import numpy as np
import pytest
from PIL import Image

from imagenet_course.cli import main
from imagenet_course.data.shards import read_index


@pytest.fixture
def run(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["imagenet-course", "data", "shard", *arguments])
        with pytest.raises(SystemExit) as done:
            main()
        return done.value.code, *capsys.readouterr()

    return run


def test_a_named_set_is_sharded(run, tmp_path):
    out = tmp_path / "shards"
    code, stdout, _ = run(
        "digits", "--split", "test", "--out", str(out), "--images-per-shard", "100"
    )
    assert code == 0
    index = read_index(out)
    assert index.images == sum(index.shards.values()) > 300
    assert f"{index.images} images of 10 classes in {len(index.shards)} shards" in stdout


def test_a_folder_is_sharded_and_broken_files_are_named(run, tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / "set" / name).mkdir(parents=True)
        for i in range(3):
            pixels = np.full((9, 9, 3), 40 * i, np.uint8)
            Image.fromarray(pixels).save(tmp_path / "set" / name / f"{i}.jpg")
    (tmp_path / "set" / "dog" / "1.jpg").write_bytes(b"")
    code, stdout, _ = run(str(tmp_path / "set"), "--out", str(tmp_path / "out"))
    assert code == 1
    assert read_index(tmp_path / "out").images == 5
    assert "left out" in stdout
    assert "is empty (0 bytes)" in stdout


def test_an_existing_folder_is_not_touched(run, tmp_path):
    (tmp_path / "kept").write_text("mine")
    code, _, stderr = run("digits", "--out", str(tmp_path))
    assert code == 2
    assert "choose another folder" in stderr
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_missing_library_is_a_sentence(run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "webdataset", None)
    code, _, stderr = run("digits", "--out", str(tmp_path / "out"))
    assert code == 2
    assert 'pip install "imagenet-course[shards]"' in stderr
    assert not (tmp_path / "out").exists()
