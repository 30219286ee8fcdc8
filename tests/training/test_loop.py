"""The loop does what its settings say, and what it leaves is what it tested."""

import itertools
import math
import shutil
import signal

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

from imagenet_course import models
from imagenet_course.data import load
from imagenet_course.training import loop, state_file
from imagenet_course.training.checkpoint import Checkpoints
from imagenet_course.training.config import Config
from imagenet_course.training.failures import Diverged, OutOfMemory, memory_explained
from imagenet_course.training.interrupt import Interrupted
from imagenet_course.training.log import read_log
from imagenet_course.training.loop import loss_and_hits, train
from imagenet_course.training.randomness import seed
from imagenet_course.training.recipes import RECIPES, recipe
from imagenet_course.training.sources import Source, open_source

PICONET = {"length": 128, "classes": 4, "size": 16}
TINY = Config(
    data="piconet",
    data_options=PICONET,
    model="resnet20",
    model_options={"width": 4},
    size=16,
    epochs=2,
    batch_size=32,
    lr=0.05,
    precision="float32",
)
LENET = Config(data_options=PICONET, data="piconet", epochs=1, lr=0.02, precision="float32")


def run(config, folder, **options):
    return train(config, folder, progress=False, **options)


def weights(result):
    return {k: v for k, v in result.network.state_dict().items() if v.is_floating_point()}


def accuracy_of(network, dataset):
    with torch.no_grad():
        hits = [
            network(network.preprocessing(image)[None]).argmax().item() == label
            for image, label in dataset
        ]
    return np.mean(hits)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Three classes of 12 images, of several sizes, each class of one color."""
    folder = tmp_path_factory.mktemp("photos 照片")
    rng = np.random.default_rng(0)
    for name, color in {"blue": 2, "green": 1, "red": 0}.items():
        (folder / name).mkdir()
        for i in range(12):
            pixels = rng.integers(0, 120, (*rng.integers(30, 60, 2), 3), np.uint8)
            pixels[..., color] += 120
            Image.fromarray(pixels).save(folder / name / f"{i}.png")
    return folder


def test_digits_are_learned_and_what_is_left_is_what_was_tested(tmp_path):
    config = recipe("small", epochs=8, ema=0.99, precision="float32")
    result = run(config, tmp_path / "run")
    assert result.accuracy > 0.93
    found = models.load(tmp_path / "run" / "model.safetensors")
    validation = load("digits", "validation")
    assert found.classes == validation.classes
    assert accuracy_of(found, validation) == pytest.approx(result.accuracy)


def test_an_image_folder_is_learned_and_what_is_left_is_what_was_tested(tmp_path, photos):
    config = TINY.changed(
        data=str(photos), data_options={}, size=24, epochs=4, batch_size=9, workers=1, lr=0.02
    )
    result = run(config, tmp_path / "run")
    source = open_source(config)
    assert (len(source.training), len(source.validation)) == (30, 6)
    assert not set(source.training.paths) & set(source.validation.paths)
    found = models.load(tmp_path / "run" / "model.safetensors")
    assert found.classes == ("blue", "green", "red")
    assert accuracy_of(found, source.validation) == pytest.approx(result.accuracy)
    assert result.accuracy > 0.5


def test_accumulated_batches_are_one_large_batch(tmp_path):
    large = run(LENET.changed(batch_size=64), tmp_path / "large")
    small = run(LENET.changed(batch_size=16, accumulate=4), tmp_path / "small")
    assert large.history[-1]["step"] == small.history[-1]["step"] == 2
    for key, value in weights(large).items():
        assert torch.allclose(value, weights(small)[key], atol=1e-6), key


def test_the_last_step_of_an_epoch_averages_the_batches_that_are_left(tmp_path):
    """Four batches in steps of three: the last one makes a step alone, at its full size."""
    plain = LENET.changed(momentum=0.0, nesterov=False, weight_decay=0.0, batch_size=32)
    result = run(plain.changed(accumulate=3), tmp_path / "run")
    assert result.history[-1]["step"] == 2


def test_gradients_are_clipped_to_the_norm(tmp_path):
    config = LENET.changed(
        batch_size=128, lr=1.0, momentum=0.0, nesterov=False, weight_decay=0.0, clip_norm=1e-4
    )
    seed(0)
    before = models.lenet5(num_classes=4, in_channels=3).state_dict()
    after = weights(run(config, tmp_path / "run"))
    moved = math.sqrt(sum((after[k] - before[k]).square().sum() for k in before))
    assert moved == pytest.approx(1e-4, rel=1e-2)


def test_patience_stops_and_keeps_the_best(tmp_path):
    result = run(LENET.changed(epochs=10, lr=1e-12, patience=2), tmp_path / "run")
    assert len(result.history) == 3  # the first is the best, two more do not beat it
    assert result.accuracy == result.history[0]["validation_accuracy"]


def test_a_network_of_ones_own_keeps_its_frozen_layers(tmp_path):
    network = models.freeze(models.resnet20(num_classes=4, width=4), "layer3")
    before = {k: v.clone() for k, v in network.state_dict().items()}
    run(TINY.changed(epochs=1, lr=1e-5), tmp_path / "run", network=network)
    for key, value in network.state_dict().items():
        assert torch.equal(value, before[key]) == (not key.startswith("fc")), key


def test_the_log_tells_the_run(tmp_path):
    run(LENET.changed(epochs=2, batch_size=4), tmp_path / "run")
    records = read_log(tmp_path / "run" / "log.jsonl")
    assert records[0]["event"] == "start"
    steps = [r["step"] for r in records]
    assert steps == sorted(steps)
    assert steps[-1] == 64
    seen = [r for r in records if r["event"] == "epoch"]
    assert [r["epoch"] for r in seen] == [1, 2]
    assert all(r["images_per_second"] > 0 for r in seen)


def spoil_step(monkeypatch, number, spoil):
    """Let ``spoil`` change the second tensor of weights in the step of that number, from 1."""
    step, calls = torch.optim.SGD.step, []

    @torch.no_grad()
    def spoiled(self, *args):
        step(self, *args)
        calls.append(1)
        if len(calls) == number:
            spoil(self.param_groups[0]["params"][-1])

    monkeypatch.setattr(torch.optim.SGD, "step", spoiled)


@pytest.mark.parametrize("seconds", [0, 1000])
def test_divergence_is_explained_and_goes_on_from_weights_that_were_good(
    tmp_path, monkeypatch, seconds
):
    config = TINY.changed(batch_size=4, checkpoint_seconds=seconds)
    spoil_step(monkeypatch, 10, lambda weight: weight.mul_(1e6))
    with pytest.raises(Diverged) as error:
        run(config, tmp_path / "run")
    assert "training diverged at step" in str(error.value)
    assert "--set lr=0.017" in str(error.value)
    assert "--set clip_norm=1" in str(error.value)
    assert ("--resume" in str(error.value)) == (seconds == 0)
    assert not (tmp_path / "run" / "model.safetensors").exists()
    state = Checkpoints(tmp_path / "run" / "checkpoints").load()
    if seconds == 0:  # the checkpoint of step 10 had finite weights, but is of no use
        assert state["position"]["step"] == 9
    else:
        assert state is None
    monkeypatch.undo()
    for _ in range(2 if state else 0):  # what a run was resumed from is kept, however often
        with pytest.raises(Diverged):
            run(config.changed(lr=1e30), tmp_path / "run", resume=True)
        state = Checkpoints(tmp_path / "run" / "checkpoints").load()
        assert state["position"]["step"] == 9
    mended = run(config.changed(lr=1e-3, clip_norm=1.0), tmp_path / "run", resume=True)
    assert mended.history[-1]["step"] == 64
    assert max(r["lr"] for r in read_log(tmp_path / "run" / "log.jsonl")[2:] if "lr" in r) < 1e-3


def test_nan_in_the_weights_is_named(tmp_path, monkeypatch):
    spoil_step(monkeypatch, 1, lambda weight: weight[0].fill_(math.nan))
    with pytest.raises(Diverged, match=r"1 tensors are not finite, first the weights fc3.weight"):
        run(LENET.changed(batch_size=128), tmp_path / "run")


@pytest.mark.parametrize(
    ("number", "kind"), [("SIGTERM", "memory"), ("SIGINT", "memory"), ("SIGINT", "files")]
)
def test_a_signal_saves_and_the_run_goes_on_as_if_it_had_not_come(
    tmp_path, monkeypatch, photos, number, kind
):
    config = TINY.changed(ema=0.9, mixup=0.2)
    if kind == "files":
        config = config.changed(data=str(photos), data_options={}, batch_size=5, workers=1)
    whole = run(config, tmp_path / "whole")
    handlers = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    factor = loop.lr_factor

    def interrupting(config, done, steps_per_epoch):
        if done == 5:
            signal.raise_signal(signal.Signals[number])
        return factor(config, done, steps_per_epoch)

    monkeypatch.setattr(loop, "lr_factor", interrupting)
    with pytest.raises(Interrupted, match=r"saved after step 6; go on with: .* --resume") as error:
        run(config, tmp_path / "cut")
    assert error.value.signal.name == number
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)] == handlers
    monkeypatch.undo()
    resumed = run(config, tmp_path / "cut", resume=True)
    for key, value in weights(whole).items():
        assert torch.equal(value, weights(resumed)[key]), key
    assert [r["validation_loss"] for r in whole.history] == [
        r["validation_loss"] for r in resumed.history
    ]


def test_the_speed_of_a_resumed_epoch_counts_its_own_images(tmp_path, monkeypatch):
    """On a clock that ticks once for every step, and once at the end of the epoch."""
    ticks = itertools.count()
    monkeypatch.setattr(loop, "perf_counter", lambda: float(next(ticks)))
    factor = loop.lr_factor

    def interrupting(config, done, steps_per_epoch):
        if done == 21:
            signal.raise_signal(signal.SIGTERM)
        return factor(config, done, steps_per_epoch)

    config = TINY.changed(batch_size=4, epochs=1)
    monkeypatch.setattr(loop, "lr_factor", interrupting)
    with pytest.raises(Interrupted):
        run(config, tmp_path / "cut")
    monkeypatch.setattr(loop, "lr_factor", factor)
    (epoch,) = run(config, tmp_path / "cut", resume=True).history
    steps = 32 - 22
    assert epoch["images_per_second"] == pytest.approx(4 * steps / (steps + 1))


def test_dropout_goes_on_with_the_numbers_it_would_have_drawn(tmp_path, monkeypatch):
    def network():
        seed(0)
        net = models.lenet5(num_classes=4, in_channels=3)
        net.flatten = nn.Sequential(nn.Flatten(), nn.Dropout(0.5))
        return net

    config = LENET.changed(batch_size=16, lr=0.1, schedule="constant")
    whole = run(config, tmp_path / "whole", network=network())
    monkeypatch.setattr(loop, "lr_factor", lambda *_: signal.raise_signal(signal.SIGTERM) or 1.0)
    with pytest.raises(Interrupted, match="saved after step 1"):
        run(config, tmp_path / "cut", network=network())
    monkeypatch.undo()
    resumed = run(config, tmp_path / "cut", resume=True, network=network())
    for key, value in weights(whole).items():
        assert torch.equal(value, weights(resumed)[key]), key


def test_a_full_disk_does_not_end_the_run(tmp_path, monkeypatch, caplog):
    write, calls = state_file.write, []

    def full(path, state):
        calls.append(path)
        if len(calls) in (2, 3):
            raise OSError("No space left on device")
        write(path, state)

    monkeypatch.setattr(state_file, "write", full)
    run(TINY.changed(checkpoint_seconds=0), tmp_path / "run")
    assert "the checkpoint of step 2 cannot be written (No space left on device)" in caplog.text
    assert "training goes on" in caplog.text
    assert Checkpoints(tmp_path / "run" / "checkpoints").load()["position"]["step"] == 8


def test_a_finished_run_can_be_resumed_and_stays_as_it_is(tmp_path):
    first = run(LENET, tmp_path / "run")
    again = run(LENET, tmp_path / "run", resume=True)
    assert again.accuracy == first.accuracy
    for key, value in weights(first).items():
        assert torch.equal(value, weights(again)[key])


def test_a_resume_without_checkpoints_says_that_it_begins_anew(tmp_path, caplog):
    run(LENET, tmp_path / "run")
    shutil.rmtree(tmp_path / "run" / "checkpoints")
    again = run(LENET, tmp_path / "run", resume=True)
    assert "holds no checkpoint, so the run begins anew" in caplog.text
    assert [r["event"] for r in read_log(again.folder)].count("start") == 1


def test_running_out_of_memory_says_which_knob_to_turn():
    with (
        pytest.raises(OutOfMemory, match=r"--set batch_size=32 --set accumulate=2, which takes"),
        memory_explained(Config(batch_size=64)),
    ):
        torch.empty(1 << 55)
    with pytest.raises(RuntimeError, match="size"), memory_explained(Config()):
        torch.zeros(2) + torch.zeros(3)


def test_the_loss_is_cross_entropy_with_smoothing_mixing_and_auxiliary_heads():
    torch.manual_seed(0)
    logits, aux = torch.randn(6, 4), torch.randn(6, 4)
    labels = torch.randint(0, 4, (6,))
    shares = F.one_hot(labels, 4) * 0.7 + 0.075
    loss, hits = loss_and_hits(logits, labels, 0.0)
    assert loss == pytest.approx(-logits.log_softmax(1)[range(6), labels].mean().item())
    assert hits == (logits.argmax(1) == labels).sum()
    assert loss_and_hits(logits, shares, 0.0)[0] == pytest.approx(
        loss_and_hits(logits, labels, 0.3)[0].item()
    )
    assert loss_and_hits(logits, shares, 0.0)[1] == hits
    both, _ = loss_and_hits((logits, aux), labels, 0.0)
    assert both == pytest.approx((loss + 0.3 * F.cross_entropy(aux, labels)).item())


def test_the_gradient_of_a_batch_is_that_of_the_loss_on_the_page(tmp_path):
    """One plain step of the loop, against one written out by hand."""
    config = LENET.changed(
        batch_size=128,
        lr=0.1,
        momentum=0.0,
        nesterov=False,
        weight_decay=0.01,
        decay_all=True,
        schedule="constant",
    )
    result = run(config, tmp_path / "run")
    seed(0)
    network = models.lenet5(num_classes=4, in_channels=3)
    images, labels = zip(*load("piconet", "train", **PICONET), strict=True)
    seen = torch.stack([result.network.preprocessing(image) for image in images])
    F.cross_entropy(network(seen), torch.tensor(labels)).backward()
    for key, weight in network.named_parameters():
        expected = weight - 0.1 * (weight.grad + 0.01 * weight)
        assert torch.allclose(weights(result)[key], expected, atol=1e-5), key


def test_labels_out_of_range_and_other_bad_data_are_refused(tmp_path, photos):
    good = load("digits", "validation")
    wrong = load("digits", "train")
    wrong.labels = wrong.labels.copy()
    wrong.labels[7] = 10
    with pytest.raises(ValueError, match="has the label 10, but labels of 10 classes are 0 to 9"):
        Source(wrong, good)
    with pytest.raises(ValueError, match="classes of training and validation differ"):
        Source(good, load("faces", "validation"))
    one = load("digits", "train")
    one.classes = ("0",)
    with pytest.raises(ValueError, match="at least two classes, but there is only '0'"):
        Source(one, good)
    with pytest.raises(ValueError, match="larger than the training set of 128"):
        run(TINY.changed(batch_size=129), tmp_path / "run")
    with pytest.raises(ValueError, match="resnet20 has 10 outputs, but the data has 4 classes"):
        run(TINY, tmp_path / "run", network=models.resnet20(width=4))
    with pytest.raises(ValueError, match="too small for lenet5"):
        run(LENET.changed(size=12), tmp_path / "run")
    unknown = TINY.changed(data=str(photos), data_options={}, photographs="moderm", batch_size=8)
    with pytest.raises(ValueError, match="unknown photographs 'moderm'; did you mean 'modern'"):
        run(unknown, tmp_path / "run")
    with pytest.raises(ValueError, match="these images are gray; in_memory=false is for photo"):
        run(Config(data="digits", in_memory=False), tmp_path / "run")
    frozen = models.lenet5(num_classes=4, in_channels=3).requires_grad_(False)
    with pytest.raises(ValueError, match="all weights are frozen"):
        run(LENET, tmp_path / "run", network=frozen)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("kind", ["files", "memory"])
def test_every_recipe_runs(tmp_path, photos, name, kind):
    options = {"data": str(photos)} if kind == "files" else {"data": "piconet"}
    config = recipe(
        name,
        **options,
        data_options={} if kind == "files" else PICONET,
        model="resnet20",
        model_options={"width": 4},
        epochs=1,
        batch_size=8,
        size=16,
        workers=0,
        lr=1e-4,
    )
    result = run(config, tmp_path / "run")
    assert result.history[-1]["step"] == (3 if kind == "files" else 16)
    assert math.isfinite(result.history[-1]["validation_loss"])
