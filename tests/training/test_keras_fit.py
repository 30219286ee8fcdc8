"""Keras takes the steps of the PyTorch loop: same weights, same batches, same losses."""

import numpy as np
import pytest
import torch

from imagenet_course import models
from imagenet_course.training import loop
from imagenet_course.training.config import Config
from imagenet_course.training.log import read_log
from imagenet_course.training.recipes import RECIPES, recipe
from imagenet_course.training.schedule import lr_factor

tf = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")

from imagenet_course.training.keras import callbacks, train  # noqa: E402
from imagenet_course.training.keras.optimizers import Schedule  # noqa: E402

PICONET = {"length": 128, "classes": 4, "size": 16}
LENET = Config(
    data="piconet", data_options=PICONET, epochs=2, batch_size=32, lr=0.02, precision="float32"
)
RESNET = LENET.changed(model="resnet20", model_options={"width": 4}, size=16, lr=0.05)


def records(folder, event):
    return [record for record in read_log(folder) if record["event"] == event]


@pytest.fixture
def every_step(monkeypatch):
    monkeypatch.setattr(loop, "WATCH", 1)
    monkeypatch.setattr(callbacks, "WATCH", 1)


SAME = {
    "nesterov": LENET.changed(epochs=5),
    "momentum in steps": LENET.changed(
        nesterov=False, schedule="step", milestones=(0.4, 0.8), decay_all=True, epochs=3
    ),
    "muon, clipped": LENET.changed(optimizer="muon", lr=3e-3, weight_decay=0.05, clip_norm=1.0),
    "muon, filters of one size": LENET.changed(optimizer="muon", lr=3e-3, filter_rms=0.1),
    "accumulated, averaged": LENET.changed(batch_size=16, accumulate=4, ema=0.9, epochs=4),
    "batch norm, augmented, mixed": RESNET.changed(
        mixup=0.2, cutmix=1.0, label_smoothing=0.1, flip="random", crop_padding=2, cutout=4
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_losses_are_those_of_the_pytorch_loop(tmp_path, every_step, name):
    config = SAME[name]
    theirs = loop.train(config, tmp_path / "pytorch", progress=False)
    ours = train(config, tmp_path / "keras", progress=False)
    for event, tolerances in {
        "step": {"loss": 1e-4, "accuracy": 1e-6, "lr": 0, "epoch": 0},
        "epoch": {"loss": 1e-4, "validation_loss": 1e-2 if "norm" in name else 1e-4},
    }.items():
        expected, found = records(theirs.folder, event), records(ours.folder, event)
        assert [r["step"] for r in found] == [r["step"] for r in expected]
        for key, tolerance in tolerances.items():
            np.testing.assert_allclose(
                [r[key] for r in found], [r[key] for r in expected], atol=tolerance, err_msg=key
            )
    if "norm" in name:  # running variances are estimated differently
        return
    for key, value in theirs.network.state_dict().items():
        saved = models.load(ours.folder / "model.safetensors").state_dict()[key]
        assert torch.allclose(saved, value, atol=1e-4), key


def test_adamw_differs_by_its_epsilon_only(tmp_path, every_step):
    """Keras adds ε before it corrects the bias of the squares, which shows where they are tiny."""
    config = LENET.changed(optimizer="adamw", lr=1e-3, weight_decay=0.05)
    theirs = loop.train(config, tmp_path / "pytorch", progress=False).folder
    ours = train(config, tmp_path / "keras", progress=False).folder
    expected, found = ([r["loss"] for r in records(f, "step")] for f in (theirs, ours))
    np.testing.assert_allclose(found, expected, atol=5e-3)
    assert found[0] == pytest.approx(expected[0], abs=1e-6)


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("accumulate", [1, 3])
def test_the_learning_rate_of_every_batch_is_that_of_the_schedule(name, accumulate):
    config = recipe(name, epochs=5, accumulate=accumulate)
    schedule = Schedule(config, 7)
    for batch in range(5 * 7 * accumulate):
        expected = config.lr * lr_factor(config, batch // accumulate, 7)
        assert float(schedule(tf.constant(batch))) == pytest.approx(expected, rel=1e-6, abs=1e-12)
