"""``imagenet-course predict``: names, probabilities, a picture; and files that are no images."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from imagenet_course import data, models
from imagenet_course.models import pretrained, weights


@pytest.fixture
def scans(tmp_path):
    digits = data.load("digits", "test")
    paths = [tmp_path / f"scan {k}.png" for k in range(3)]
    for k, path in enumerate(paths):
        Image.fromarray(digits.image(k)[..., 0]).save(path)
    return paths


def test_the_network_is_asked_and_the_likeliest_come_first(command, digits_run, scans):
    network = models.load(digits_run / "model.safetensors")
    digits = data.load("digits", "test")
    done = command("predict --json --top 4", digits_run, *scans)
    assert (done.code, done.error) == (0, "")
    rows = json.loads(done.out)["images"]
    assert [row["file"] for row in rows] == list(map(str, scans))
    for k, row in enumerate(rows):
        with torch.no_grad():
            expected = network(network.preprocessing(digits.image(k))[None]).softmax(1)[0]
        named = {guess["class"]: guess["probability"] for guess in row["predictions"]}
        assert len(named) == 4
        for name, probability in named.items():
            assert probability == pytest.approx(float(expected[int(name)]), abs=1e-5)
        assert next(iter(named)) == str(int(expected.argmax()))
        assert sorted(named.values(), reverse=True) == list(named.values())
    printed = command("predict --top 4", digits_run, *scans).out.splitlines()
    assert printed[0] == str(scans[0])
    first = rows[0]["predictions"][0]
    assert printed[1].startswith(f"  {first['probability']:6.1%}  █")
    assert printed[1].endswith(f"  {first['class']}")
    assert len(printed) == 3 * 5


def test_more_classes_than_there_are_is_all(command, digits_run, scans):
    done = command("predict --json --top 99", digits_run, scans[0])
    guesses = json.loads(done.out)["images"][0]["predictions"]
    assert len(guesses) == 10
    assert sum(guess["probability"] for guess in guesses) == pytest.approx(1, abs=1e-5)


def test_an_image_of_one_pixel_is_drawn(command, digits_run, tmp_path):
    Image.new("L", (1, 1)).save(tmp_path / "pixel.png")
    done = command("predict", digits_run, tmp_path / "pixel.png", "--out", tmp_path / "drawn.png")
    assert (done.code, done.error) == (0, "")
    assert (tmp_path / "drawn.png").is_file()


def test_files_that_are_no_images_do_not_keep_the_others_waiting(
    command, digits_run, scans, tmp_path
):
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("a thousand words")
    bad = [tmp_path / "missing.jpg", tmp_path / "empty.jpg", tmp_path / "text.jpg", tmp_path]
    order = [bad[0], scans[0], bad[1], bad[2], scans[1], bad[3]]
    done = command("predict --json", digits_run, *order)
    assert done.code == 2
    rows = json.loads(done.out)
    assert [row["file"] for row in rows["images"]] == [str(scans[0]), str(scans[1])]
    assert list(rows["errors"]) == list(map(str, bad))
    lines = done.error.splitlines()
    assert [line.split(": ")[1] for line in lines] == list(map(str, bad))
    for line, words in zip(
        lines, ("No such file", "empty (0 bytes)", "not an image", "opened"), strict=True
    ):
        assert line.startswith("error: ")
        assert words in line
    done = command("predict", digits_run, bad[1])
    assert (done.code, done.out) == (2, "")


def test_a_picture_is_drawn_where_asked_and_never_over_another(
    command, digits_run, scans, tmp_path
):
    out = tmp_path / "seen.png"
    done = command(f"predict --out {out}", digits_run, *scans)
    assert done.code == 0
    assert done.out.endswith(f"drawn in {out}\n")
    pixels = np.asarray(Image.open(out).convert("RGB")).astype(int)
    assert (np.ptp(pixels, axis=2) > 80).any()  # the blue bars
    before = out.read_bytes()
    done = command(f"predict --out {out}", digits_run, *scans)
    assert (done.code, "is there already; choose another --out" in done.error) == (2, True)
    assert out.read_bytes() == before
    refusals = {"seen.bmp": ".png or .svg or .pdf", "nowhere/seen.png": "there is no folder"}
    for name, words in refusals.items():
        done = command(f"predict --out {tmp_path / name}", digits_run, *scans)
        assert (done.code, words in done.error, done.out) == (2, True, "")


def test_networks_go_by_folder_file_or_name(command, digits_run, scans, tmp_path, monkeypatch):
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    network = models.load(digits_run / "model.safetensors")
    models.save(network, shipped / "small-digits.safetensors")
    monkeypatch.setattr(weights, "SHIPPED", shipped)
    answers = {
        str(network): json.loads(command("predict --json", network, scans[0]).out)["images"]
        for network in (digits_run, digits_run / "model.safetensors", "small-digits")
    }
    assert len({json.dumps(answer) for answer in answers.values()}) == 1


def test_published_weights_go_by_the_networks_name(command, scans, monkeypatch):
    asked = []

    def fetched(model, version):
        asked.append((model.name, version))
        model.preprocessing = pretrained.preprocessing(model.name, version)
        model.classes = tuple(f"class {k}" for k in range(1000))
        return model

    monkeypatch.setattr(pretrained, "load_published", fetched)
    for network in ("resnet18", "resnet50:imagenet-v2"):
        assert command("predict --json", network, scans[0]).code == 0
    assert asked == [("resnet18", "imagenet"), ("resnet50", "imagenet-v2")]
    done = command("predict resnet20", scans[0])
    assert (done.code, "torchvision publishes no weights" in done.error) == (2, True)


def test_weights_that_do_not_say_how_images_are_prepared_are_refused(command, scans, tmp_path):
    models.save(models.lenet5(), tmp_path / "bare.safetensors")
    done = command("predict", tmp_path / "bare.safetensors", scans[0])
    assert (done.code, "does not say how its images are prepared" in done.error) == (2, True)
