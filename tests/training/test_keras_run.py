"""What a Keras run leaves behind, how it goes on, and what it says when it cannot."""

import gc
import json
import re
import shutil
import signal
import sys
import weakref

import numpy as np
import pytest
import torch

from imagenet_course import models
from imagenet_course.cli import main
from imagenet_course.data import load
from imagenet_course.data.resident import ResidentLoader
from imagenet_course.training import loop
from imagenet_course.training.config import Config
from imagenet_course.training.failures import Diverged
from imagenet_course.training.interrupt import Interrupted
from imagenet_course.training.log import read_log
from imagenet_course.training.recipes import recipe

tf = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")

import keras  # noqa: E402

from imagenet_course.training.keras import callbacks, choose, train  # noqa: E402
from imagenet_course.training.keras.backups import Backups  # noqa: E402

PICONET = {"length": 128, "classes": 4, "size": 16}
LENET = Config(
    data="piconet", data_options=PICONET, epochs=3, batch_size=32, lr=0.02, precision="float32"
)


def run(config, folder, **options):
    return train(config, folder, progress=False, **options)


def weights(folder):
    return models.load(folder / "model.safetensors").state_dict()


def test_digits_are_learned_and_what_is_left_is_what_was_tested(tmp_path):
    result = run(recipe("small", epochs=12, ema=0.99, precision="bfloat16"), tmp_path / "run")
    assert result.accuracy > 0.95
    found = models.load(tmp_path / "run" / "model.safetensors")
    validation = load("digits", "validation")
    assert found.classes == validation.classes
    seen = torch.stack([found.preprocessing(image) for image, _ in validation])
    with torch.no_grad():
        logits = found(seen).numpy()
    accuracy = (logits.argmax(1) == validation.labels).mean()
    assert accuracy == pytest.approx(result.accuracy, abs=0.01)  # it was tested in bfloat16
    keras_logits = result.model.predict(seen.permute(0, 2, 3, 1).numpy(), verbose=0)
    assert np.abs(keras_logits - logits).max() < 0.05 * np.abs(logits).max()
    about = json.loads((tmp_path / "run" / "run.json").read_text())
    assert about["settings"]["framework"] == "keras"
    assert about["versions"]["keras"] == keras.__version__
    start, *_, end = read_log(tmp_path / "run")
    assert "bfloat16, because it was asked for" in start["machine"]
    assert (end["event"], end["why"]) == ("end", "finished")


class Cut(keras.callbacks.Callback):
    """Sends a signal in the middle of the second epoch."""

    def on_train_batch_begin(self, batch, logs=None):
        if self.model.optimizer.iterations == 5:
            signal.raise_signal(signal.SIGTERM)


@pytest.mark.filterwarnings("error:Skipping variable loading")
def test_a_run_goes_on_from_its_last_whole_epoch(tmp_path, caplog):
    config = LENET.changed(optimizer="adamw", lr=1e-3, ema=0.9, mixup=0.2)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    first = run(config, whole)
    with pytest.raises(Interrupted, match=r"SIGTERM, saved after epoch 1; go on with: .* --resume"):
        run(config, cut, callbacks=[Cut()])
    assert not (cut / "model.safetensors").exists()
    # What a kill in the middle of writing leaves.
    (cut / "checkpoints" / "working.partial").mkdir()
    (cut / "checkpoints" / "working.partial" / "latest.weights.h5").write_bytes(b"half")
    resumed = run(config, cut, resume=True)
    for key, value in weights(whole).items():
        assert torch.allclose(weights(cut)[key], value, atol=1e-6), key
    told = [
        [(r["event"], r["step"]) for r in read_log(folder) if r["event"] in ("step", "epoch")]
        for folder in (whole, cut)
    ]
    assert told[0] == told[1]  # nothing is told twice, nothing is left out
    assert [r["epoch"] for r in resumed.history] == [1, 2, 3]

    newest = cut / "checkpoints" / "epoch-00003" / "latest.weights.h5"
    newest.write_bytes(newest.read_bytes()[:5000])
    again = run(config, cut, resume=True)
    assert "epoch-00003 is damaged" in caplog.text
    assert again.accuracy == first.accuracy
    for path in cut.glob("checkpoints/*/latest.weights.h5"):
        path.write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"all checkpoints in .* are damaged; delete the folder"):
        run(config, cut, resume=True)


def test_a_checkpoint_of_another_precision_is_not_called_damaged(tmp_path):
    """The optimizer of float16 scales the loss, and keeps the scale among its variables."""

    def built(optimizer):
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        model.compile(optimizer, "mse")
        optimizer.build(model.trainable_variables)
        return model

    backups = Backups(tmp_path)
    (tmp_path / "epoch-00001").mkdir()
    scaled = built(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD()))
    scaled.save_weights(tmp_path / "epoch-00001" / "latest.weights.h5")
    with pytest.raises(ValueError, match="epoch-00001 was written at a precision that kept other"):
        backups.prepare(built(keras.optimizers.SGD()))


def test_a_checkpoint_without_room_is_not_begun(tmp_path, monkeypatch):
    usage, room = shutil.disk_usage, iter([10**12, 1000])
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(path)._replace(free=next(room)))
    out = tmp_path / "run"
    with pytest.raises(OSError, match=r"free some space, then go on with --resume") as raised:
        run(LENET, out)
    needed = re.search(r"checkpoint of epoch 2 takes ([.\d]+) MB, .* room for 0.0 MB", str(raised))
    first = out / "checkpoints" / "epoch-00001"
    assert list(first.parent.iterdir()) == [first]
    size = sum(file.stat().st_size for file in first.iterdir())
    assert size < float(needed[1]) * 1e6 < 10 * size
    monkeypatch.undo()
    assert [r["epoch"] for r in run(LENET, out, resume=True).history] == [1, 2, 3]


def test_patience_stops_and_keeps_the_best(tmp_path):
    config = LENET.changed(epochs=10, lr=1e-12, patience=2)
    result = run(config, tmp_path / "run")
    assert len(result.history) == 3  # the first is the best, two more do not beat it
    assert result.accuracy == result.history[0]["validation_accuracy"]
    before = weights(tmp_path / "run")
    again = run(config, tmp_path / "run", resume=True)
    assert len(again.history) == 3
    for key, value in weights(tmp_path / "run").items():
        assert torch.equal(before[key], value)


def test_the_best_epoch_is_what_is_left(tmp_path):
    result = run(LENET.changed(epochs=6, patience=6, lr=0.05), tmp_path / "run")
    accuracies = [record["validation_accuracy"] for record in result.history]
    assert result.accuracy == max(accuracies)
    found = models.load(tmp_path / "run" / "model.safetensors")
    validation = load("piconet", "validation", **PICONET)
    with torch.no_grad():
        hits = [
            found(found.preprocessing(image)[None]).argmax().item() == label
            for image, label in validation
        ]
    assert np.mean(hits) == pytest.approx(result.accuracy)


def test_divergence_is_explained(tmp_path, monkeypatch):
    monkeypatch.setattr(callbacks, "WATCH", 1)
    config = LENET.changed(lr=1e5, nesterov=False, schedule="constant", weight_decay=0.0)
    with pytest.raises(Diverged, match=r"training diverged at step .* \(--set lr=1\)"):
        run(config, tmp_path / "run")
    assert not (tmp_path / "run" / "model.safetensors").exists()


def test_frozen_layers_stay_as_they_are(tmp_path):
    network = models.freeze(models.resnet20(num_classes=4, width=4), "layer3")
    before = {key: value.clone() for key, value in network.state_dict().items()}
    config = LENET.changed(model="resnet20", model_options={"width": 4}, size=16, epochs=1)
    run(config, tmp_path / "run", network=network)
    for key, value in weights(tmp_path / "run").items():
        assert torch.equal(value, before[key]) == (not key.startswith("fc")), key


def test_what_goes_wrong_while_images_are_read_is_said_as_in_pytorch(tmp_path):
    for name in ("a", "b"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for i in range(10):
            (tmp_path / "photos" / name / f"{i}.jpg").write_bytes(b"\xff\xd8 nothing more")
    config = LENET.changed(data=str(tmp_path / "photos"), data_options={}, batch_size=4, workers=0)
    with pytest.raises(OSError, match="cannot be read"):
        run(config, tmp_path / "run")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sync_batch_norm": True}, "use --set sync_batch_norm=false"),
        ({"validation_size": 64}, "validation_size is 64 and size is 32; use --set"),
        ({"accumulate": 5}, "an epoch has 4 batches, too few for a step of accumulate=5"),
        ({"batch_size": 200}, "larger than the training set of 128"),
        ({"size": 12}, "too small for lenet5"),
        ({"precision": "float16", "device": "cpu"}, "not in float16"),
        ({"data": "digitz"}, "did you mean 'digits'"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(tmp_path, changes, words):
    with pytest.raises((ValueError, OSError), match=words):
        run(LENET.changed(**changes), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_command_trains_with_keras_and_goes_on_with_it(tmp_path, monkeypatch, capsys):
    def command(*line):
        monkeypatch.setattr(sys, "argv", ["imagenet-course", "train", *map(str, line)])
        with pytest.raises(SystemExit) as exit_:
            main()
        printed = capsys.readouterr()
        return exit_.value.code or 0, printed.out, printed.err

    out = ["--out", tmp_path / "run"]
    sets = ["--set", "framework=keras", "--set", "device=cpu", "--set", "data.length=64"]
    line = ["--data", "piconet", "--model", "lenet5", "--epochs", 1, *sets, *out]
    code, printed, _ = command(*line)
    assert code == 0
    assert "machine cpu by TensorFlow, because it was asked for" in printed
    before = weights(tmp_path / "run")
    assert command("--resume", *out)[0] == 0
    for key, value in weights(tmp_path / "run").items():
        assert torch.equal(before[key], value)
    code, _, error = command("--resume", "--set", "framework=pytorch", *out)
    assert code == 2
    assert "holds a run with framework=keras, not pytorch" in error


def test_nothing_of_the_loaders_outlives_a_run(tmp_path, monkeypatch):
    closed = []
    monkeypatch.setattr(ResidentLoader, "close", lambda loader: closed.append(loader))
    run(LENET.changed(epochs=1), tmp_path / "run")
    assert [loader.order.train for loader in closed] == [False, True]
    references = [weakref.ref(loader) for loader in closed]
    closed.clear()
    gc.collect()
    assert [reference() for reference in references] == [None, None]


def test_several_processes_are_refused(tmp_path, monkeypatch):
    for name, value in {"WORLD_SIZE": "2", "RANK": "0", "LOCAL_RANK": "0"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match="Keras trains in one process here, without torchrun"):
        run(LENET, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_pytorch_loop_leaves_keras_to_keras(tmp_path):
    with pytest.raises(ValueError, match=r"framework=keras is for training\.keras\.train"):
        loop.train(LENET.changed(framework="keras"), tmp_path / "run")


def test_the_machine_gives_its_reasons(monkeypatch):
    if not tf.config.list_physical_devices("GPU"):
        with pytest.raises(ValueError, match="TensorFlow finds no cuda device here; use device="):
            choose("cuda")
        assert choose("cpu", "float32").reasons == (
            "cpu by TensorFlow, because it was asked for",
            "float32, because it was asked for",
        )
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["a GPU"])
    details = {"compute_capability": (9, 0)}
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: details)
    assert choose().policy == "mixed_bfloat16"
    details["compute_capability"] = (7, 5)
    assert choose().policy == "mixed_float16"
    details.clear()
    assert choose().policy == "float32"
    assert choose("cpu").device == "CPU:0"
