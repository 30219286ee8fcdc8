"""``imagenet-course evaluate``: the run's own images, other images, views, figures."""

import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from imagenet_course import data, models
from imagenet_course.cli.images_to_judge import labels_of
from imagenet_course.data.loader import ImageLoader
from imagenet_course.data.recipes import recipe
from imagenet_course.evaluation import flip_views, predict, topk_accuracy


def logged(run):
    records = map(json.loads, (run / "log.jsonl").read_text().splitlines())
    return [record for record in records if record["event"] == "epoch"]


def test_a_run_is_judged_by_the_images_it_was_validated_on(command, digits_run):
    done = command("evaluate --json", digits_run)
    assert (done.code, done.error) == (0, "")
    found = json.loads(done.out)
    last = logged(digits_run)[-1]
    assert found["images"] == 179
    assert found["top1"]["estimate"] == pytest.approx(last["validation_accuracy"], abs=1e-9)
    assert found["loss"] == pytest.approx(last["validation_loss"], rel=1e-5)
    assert found["top1"]["low"] < found["top1"]["estimate"] < found["top1"]["high"]
    assert found["top5"]["estimate"] >= found["top1"]["estimate"]
    assert sum(row["support"] for row in found["classes"]) == 179
    wrong = round((1 - found["top1"]["estimate"]) * 179)
    assert sum(pair["count"] for pair in found["confused"]) == wrong


def test_a_changed_option_of_the_data_leaves_the_others(command, tmp_path):
    line = "train --data piconet --model lenet5 --epochs 1 --set data.length=96 --out"
    assert command(line, tmp_path / "run").code == 0
    for options in ("", "--set data.classes=10"):
        found = json.loads(command(f"evaluate --json {options}", tmp_path / "run").out)
        assert found["images"] == 96


def test_what_is_printed_is_what_json_says(command, digits_run):
    found = json.loads(command("evaluate --json", digits_run).out)
    done = command("evaluate", digits_run)
    assert f"network   lenet5, {digits_run}" in done.out
    assert "digits: 179 images, validated on its validation split" in done.out
    top1 = found["top1"]
    interval = f"{top1['low']:.1%} to {top1['high']:.1%}"
    assert f"top-1     {top1['estimate']:.1%}, 95 % interval {interval}" in done.out
    scaled = f"{found['ece_with_temperature']:.1%} at temperature {found['temperature']:.2f}"
    assert f"ECE       {found['ece']:.1%}, {scaled}" in done.out
    pair = found["confused"][0]
    assert f"{pair['count']:6} × {pair['true']} taken for {pair['predicted']}" in done.out


def test_a_run_that_stopped_early_is_not_judged_by_the_test_split(
    command, photographs, photographs_run
):
    done = command("evaluate --json", photographs_run)
    found = json.loads(done.out)
    assert found["images"] == 12  # a fifth of the 60 in train
    assert "chose the epoch" in found["note"]
    best = max(epoch["validation_accuracy"] for epoch in logged(photographs_run))
    assert found["top1"]["estimate"] == pytest.approx(best, abs=1e-9)
    tested = json.loads(command("evaluate --split test --json", photographs_run).out)
    assert (tested["images"], tested["split"]) == (16, "test")
    assert json.loads(
        command(f"evaluate --json --data {photographs}", photographs_run).out
    ) == tested | {"data": str(photographs)}


def test_a_run_that_held_files_in_memory_is_judged_by_the_same_pixels(
    command, photographs, tmp_path
):
    line = f"train --data {photographs} --model resnet20 --recipe resnet-cifar-2015 --epochs 1"
    for setting in ("model.width=4", "size=16", "batch_size=20", "precision=float32"):
        line += f" --set {setting}"
    assert command(f"{line} --out", tmp_path / "run").code == 0
    found = json.loads(command("evaluate --json", tmp_path / "run").out)
    assert found["loss"] == pytest.approx(logged(tmp_path / "run")[-1]["validation_loss"], rel=1e-6)


def test_views_are_averaged(command, digits_run, photographs, photographs_run, tmp_path):
    network = models.load(photographs_run / "model.safetensors")
    tests = data.load("folder", "test", path=str(photographs))
    plain = recipe("standard", train=False, size=32)
    ten = recipe("standard", train=False, size=32, ten_crop=True)
    expected = {}
    for views, transform, added in (("flip", plain, flip_views), ("ten-crop", ten, None)):
        batches = ImageLoader(tests, 8, transform, train=False, workers=0)
        logits, labels = predict(network, batches, views=added)
        expected[views] = (
            topk_accuracy(logits, labels),
            float(-torch.from_numpy(logits).log_softmax(1)[range(16), labels].mean()),
        )
    for views, (accuracy, loss) in expected.items():
        line = f"evaluate --json --split test --tta {views}"
        found = json.loads(command(line, photographs_run).out)
        assert found["views"] == views
        assert found["top1"]["estimate"] == pytest.approx(accuracy)
        assert found["loss"] == pytest.approx(loss, rel=1e-5)
    assert expected["flip"][1] != pytest.approx(expected["ten-crop"][1], rel=1e-4)
    done = command(f"evaluate --tta ten-crop --out {tmp_path / 'unused'}", digits_run)
    assert (done.code, "use --tta flip" in done.error) == (2, True)
    assert not (tmp_path / "unused").exists()


def test_figures_and_numbers_are_saved_and_never_overwritten(command, digits_run, tmp_path):
    out = tmp_path / "figures"
    done = command(f"evaluate --json --out {out}", digits_run)
    assert done.code == 0
    assert json.loads((out / "evaluation.json").read_text()) == json.loads(done.out)
    pictures = ["confusion", "mistakes", "reliability"]
    assert sorted(path.name for path in out.iterdir()) == sorted(
        [*(f"{name}.png" for name in pictures), "evaluation.json"]
    )
    for name in pictures:
        pixels = np.asarray(Image.open(out / f"{name}.png").convert("L"))
        assert pixels.std() > 10
    before = (out / "evaluation.json").stat().st_mtime_ns
    done = command(f"evaluate --out {out}", digits_run)
    assert (done.code, done.error) == (2, f"error: {out} is not empty; choose another --out\n")
    assert (out / "evaluation.json").stat().st_mtime_ns == before


def test_images_that_cannot_be_read_are_left_out_and_named(
    command, photographs, photographs_run, tmp_path
):
    shutil.copytree(photographs / "test", tmp_path / "set")
    broken = tmp_path / "set" / "blue sky" / "3.png"
    broken.write_bytes(b"no picture")
    out = tmp_path / "figures"
    line = f"evaluate --json --data {tmp_path / 'set'} --out {out}"
    done = command(line, photographs_run)
    assert done.code == 0
    found = json.loads(done.out)
    assert (found["images"], list(found["unreadable"])) == (15, [str(broken)])
    assert [row["support"] for row in found["classes"]] == [7, 8]
    assert (
        "15 images" in command(line.replace("--json ", "").split(" --out")[0], photographs_run).out
    )


def test_weights_without_a_run_need_data_and_find_their_classes_by_name(
    command, digits_run, tmp_path
):
    weights = digits_run / "model.safetensors"
    done = command("evaluate", weights)
    assert (done.code, "--data is missing" in done.error) == (2, True)
    found = json.loads(command("evaluate --data digits --json", weights).out)
    assert found["images"] == 179
    network = models.load(weights)
    order = torch.randperm(10, generator=torch.Generator().manual_seed(0)).tolist()
    with torch.no_grad():  # the same network, its outputs in another order
        network.fc3.weight.copy_(network.fc3.weight[order])
        network.fc3.bias.copy_(network.fc3.bias[order])
    network.classes = tuple(network.classes[k] for k in order)
    models.save(network, tmp_path / "other.safetensors")
    again = json.loads(command("evaluate --data digits --json", tmp_path / "other.safetensors").out)
    assert again["top1"] == found["top1"]


def test_a_network_of_many_classes_is_judged_on_images_of_few():
    digits = data.load("digits", "test")
    network = models.lenet5(num_classes=12, in_channels=1)
    network.classes = ("ten", *map(str, range(9, -1, -1)), "eleven")
    assert (labels_of(network, digits, "it") == 10 - digits.labels).all()
    network.classes = ("a", "b", "c", "0", "1", *"defghij")
    with pytest.raises(ValueError, match=r"it does not know the class '2' and 7 others .* a, b, c"):
        labels_of(network, digits, "it")
    network.classes = None
    with pytest.raises(ValueError, match="it has 12 outputs, but the data has 10 classes"):
        labels_of(network, digits, "it")
