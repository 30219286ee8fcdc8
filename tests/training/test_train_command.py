"""``imagenet-course train`` and ``doctor`` as typed: results, refusals, signals, two processes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from imagenet_course import models
from imagenet_course.cli import main
from imagenet_course.data import load
from imagenet_course.training.distributed import Ranks, join
from imagenet_course.training.interrupt import Interrupted
from imagenet_course.training.log import read_log
from imagenet_course.training.randomness import seed
from imagenet_course.training.run_folder import RunFolder

SCRIPT = Path(sys.executable).with_name("imagenet-course")
SMALL = "--set batch_size=32 --set data.length=96 --set data.classes=3 --set precision=float32"


@pytest.fixture
def command(monkeypatch, capsys):
    """Run a command line in this process → (exit code, stdout, stderr)."""

    def run(line, *more):
        monkeypatch.setattr(sys, "argv", ["imagenet-course", *line.split(), *map(str, more)])
        with pytest.raises(SystemExit) as exit_:
            main()
        printed = capsys.readouterr()
        return exit_.value.code or 0, printed.out, printed.err

    return run


def make_photos(folder, classes=("a", "b"), each=10):
    rng = np.random.default_rng(0)
    for name in classes:
        (folder / name).mkdir(parents=True)
        for i in range(each):
            pixels = rng.integers(0, 255, (40, 40, 3), np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i}.jpg")
    return folder


def test_train_names_what_it_chose_and_resumes_what_it_finished(command, tmp_path):
    out = tmp_path / "run"
    code, printed, _ = command(f"train --data piconet --model lenet5 --epochs 2 {SMALL} --out", out)
    assert code == 0
    assert "recipe  small, which suits small images in memory: " in printed
    assert "piconet: 96 images of 3 classes, validated on its validation split" in printed
    assert "validation accuracy" in printed
    weights = load_file(out / "model.safetensors")
    code, printed, _ = command("train --resume --set lr=9 --out", out)
    assert (code, "finished before, nothing more is trained" in printed) == (0, True)
    for key, value in load_file(out / "model.safetensors").items():
        assert torch.equal(value, weights[key])
    settings = json.loads((out / "run.json").read_text())["settings"]
    assert (settings["epochs"], settings["optimizer"], settings["lr"]) == (2, "adamw", 3e-3)


def test_a_run_begins_with_the_weights_of_another(command, tmp_path, monkeypatch):
    """Its body, under a new head and by the recipe for fine-tuning; resumed from elsewhere, too."""
    monkeypatch.chdir(tmp_path)
    line = f"train --data piconet --model lenet5 --epochs 1 {SMALL}"
    assert command(f"{line} --set model.activation=relu --out before")[0] == 0
    line = line.replace("classes=3", "classes=2") + " --set lr=1e-9 --out after"
    code, printed, _ = command(f"{line} --weights before/model.safetensors")
    assert (code, "recipe  fine-tune, which suits a network that" in printed) == (0, True)
    assert "with epochs=1 and batch_size=32, because the images are few: " in printed
    before, after = models.load("before/model.safetensors"), models.load("after/model.safetensors")
    assert after.options == before.options | {"num_classes": 2}
    for key, value in before.state_dict().items():
        if key != "fc3.weight" and key != "fc3.bias":
            torch.testing.assert_close(after.state_dict()[key], value, rtol=0, atol=1e-6)
    monkeypatch.chdir("after")
    assert command("train --resume --out .")[0] == 0


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--data digits --model lenet5 --set batch_size=0", "batch_size must be at least 1, got 0"),
        ("--data digits --model lenet5 --set batch_size=5000", "larger than the training set of"),
        ("--data digits --model lenet5 --epochs 0", "epochs must be at least 1, got 0"),
        ("--data digits --model lenet5 --recipe smal", "unknown recipe 'smal'; did you mean 'smal"),
        ("--data digits --model lenet6", "unknown model 'lenet6'; did you mean 'lenet5'"),
        ("--data digits --model lenet5 --set model.witdh=3", "'witdh'; it takes num_classes, in"),
        ("--data digits --model lenet5 --set data.size=3", "takes no option 'size'"),
        ("--data digits --model lenet5 --set lr", "written key=value, got 'lr'"),
        ("--data digits --model lenet5 --set learning_rate=1", "unknown setting 'learning_rate'"),
        ("--data digits", "--model is missing"),
        ("--model lenet5", "--data is missing"),
        ("--data digitz --model lenet5", "did you mean 'digits'"),
        ("--data EMPTY --model lenet5", "holds no class folders"),
        ("--data ONE --model lenet5", "at least two classes, but there is only 'a'"),
        ("--data FEW --model lenet5", "too few to validate"),
        ("--data digits --model lenet5 --set in_memory=false", "these images are gray"),
        ("--data= --model lenet5", "--data is empty"),
        ("--data digits --model lenet5 --set photographs=modern", "is for images in files"),
        ("--data PAIR --model resnet18 --set flip=null", "flip is for images in memory"),
        ("--data digits --model lenet5 --weights imagnet", "weights 'imagnet'; did you mean 'im"),
        ("--data digits --model lenet5 --weights a.pt", "may be a pickle"),
        ("--data digits --model lenet5 --weights a.safetensors", "there is no file /"),
        ("--data digits --model lenet5 --weights pocket_resnet_imagenette", "do not fit lenet5"),
        ("--data digits --model lenet5 --resume", "holds no run to resume"),
        ("--data digits --model lenet5 --set device=cuda", "no cuda device"),
        ("--data digits --model lenet5 --set precision=float16", "not in float16"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(command, tmp_path, line, words):
    if "cuda" in line and torch.cuda.is_available():
        pytest.skip("this machine has what the sentence says it lacks")
    (tmp_path / "empty").mkdir()
    make_photos(tmp_path / "one", ["a"])
    make_photos(tmp_path / "few", each=2)
    make_photos(tmp_path / "pair")
    for name in ("EMPTY", "ONE", "FEW", "PAIR"):
        line = line.replace(name, str(tmp_path / name.lower()))
    code, _, error = command(f"train {line} --out", tmp_path / "run")
    assert code == 2
    assert words in error
    assert error.count("\n") == 1
    assert "Traceback" not in error
    assert not (tmp_path / "run").exists()


def test_nothing_is_overwritten(command, tmp_path):
    train = f"train --data piconet --model lenet5 --epochs 1 {SMALL} --out"
    out = tmp_path / "run"
    out.mkdir()
    (out / "thesis.txt").write_text("precious")
    code, _, error = command(train, out)
    assert (code, "is not empty; choose another --out" in error) == (2, True)
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]
    (out / "thesis.txt").unlink()
    assert command(train, out)[0] == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    refusals = {
        train: "already holds a run; go on with it by --resume",
        train.replace("lenet5", "resnet20 --resume"): "holds a run with model=lenet5, not resnet20",
        train.replace(
            "--epochs", "--resume --epochs 3 --set seed=4 --epochs"
        ): "with seed=0, not 4",
        "train --resume --recipe modern --out": "leave --recipe out",
        "train --resume --set device=mps --set lr=7 --out": "mps device",
    }
    for line, words in refusals.items():
        code, _, error = command(line, out)
        assert code == 2
        assert words in error
    (out / "run.json").write_text("{")
    code, _, error = command("train --resume --out", out)
    assert (code, "run.json is damaged" in error) == (2, True)
    (out / "run.json").write_bytes(before[out / "run.json"])
    assert before == {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_settings_need_to_make_sense_only_with_the_recipe(command, tmp_path):
    """``small`` is of AdamW, which needs no momentum; the default of `Config` is of Nesterov."""
    line = f"train --data piconet --model lenet5 --epochs 1 {SMALL} --set momentum=0 --out"
    code, _, error = command(line, tmp_path / "run")
    assert code == 0, error


def test_a_folder_with_the_name_of_a_data_set_is_not_taken_silently(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_photos(tmp_path / "digits")
    line = "train --model lenet5 --epochs 1 --set precision=float32 --set batch_size=512"
    code, printed, error = command(f"{line} --data digits --out", tmp_path / "run")
    assert (code, "images of 10 classes" in printed) == (0, True)
    assert "digits is the set of that name; for the folder, write ./digits" in error
    line = "train --model resnet20 --epochs 1 --set size=32 --set batch_size=4"
    code, printed, error = command(f"{line} --data ./digits --out", tmp_path / "other")
    assert (code, "16 images of 2 classes" in printed, "that name" in error) == (0, True, False)


def test_a_resume_on_other_data_is_one_sentence(command, tmp_path):
    photos, out = make_photos(tmp_path / "photos"), tmp_path / "run"
    line = (
        f"train --data {photos} --model lenet5 --recipe small --epochs 1 --set batch_size=8 --out"
    )
    assert command(line, out)[0] == 0
    make_photos(photos, ["c"])
    code, _, error = command("train --resume --out", out)
    assert code == 2
    assert "cannot resume: length was 16 and is 24; bring data and settings back" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("framework", ["pytorch", "keras"])
def test_a_run_that_is_still_going_on_is_left_alone(command, tmp_path, framework):
    out = tmp_path / "run"
    line = f"train --data piconet --model lenet5 --epochs 1 {SMALL} --set framework={framework}"
    assert command(line + " --out", out)[0] == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with RunFolder(out).held():
        code, _, error = command("train --resume --out", out)
    assert code == 2
    assert f"another process is training in {out}; wait until it has ended" in error
    assert before == {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert command("train --resume --out", out)[0] == 0


def test_damaged_checkpoints_are_one_sentence(command, tmp_path):
    out = tmp_path / "run"
    train = f"train --data piconet --model lenet5 --epochs 1 {SMALL} --out"
    assert command(train, out)[0] == 0
    for path in (out / "checkpoints").glob("*.safetensors"):
        path.write_bytes(path.read_bytes()[:100])
    code, _, error = command("train --resume --out", out)
    assert code == 2
    assert "are damaged" in error.splitlines()[-1]


def test_a_folder_that_cannot_be_written_to_is_named(command, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    train = f"train --data piconet --model lenet5 {SMALL} --out"
    code, _, error = command(train, tmp_path / "file" / "run")
    assert code == 2
    assert "cannot be written to (Not a directory); choose another --out" in error
    if os.name == "posix" and os.geteuid() != 0:  # root may write anywhere
        (tmp_path / "closed").mkdir(mode=0o500)
        code, _, error = command(train, tmp_path / "closed" / "run")
        assert (code, "cannot be written to" in error) == (2, True)


def test_doctor_says_what_will_be_used_and_why(command):
    code, printed, _ = command("doctor")
    assert code == 0
    report = json.loads(command("doctor --json")[1])
    assert report["device"] in ("cpu", "cuda", "mps")
    assert f"training   {report['device']}, {report['precision']}" in printed
    assert len(report["reasons"]) == 3
    assert all(reason in printed for reason in report["reasons"])


@pytest.mark.skipif(os.name != "posix", reason="this system has no process groups")
def test_ctrl_c_reaches_all_processes_and_loses_nothing(tmp_path):
    """A terminal sends SIGINT to the loader's workers, too."""
    photos, out = make_photos(tmp_path / "photos", each=20), tmp_path / "run"
    line = f"train --data {photos} --model resnet20 --set model.width=4 --set size=32 --epochs 500"
    line += " --set batch_size=4 --set workers=1"
    process = subprocess.Popen(
        [SCRIPT, *line.split(), "--out", out],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    while process.poll() is None and not (
        (out / "log.jsonl").exists() and read_log(out / "log.jsonl")[-1].get("epoch", 0) >= 2
    ):
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    error = process.communicate(timeout=60)[1]
    assert process.returncode == 130, error
    assert f"go on with: imagenet-course train --out {out} --resume" in error
    assert "Traceback" not in error
    assert len(list((out / "checkpoints").glob("*.json"))) == 1


def test_gradients_of_two_processes_are_those_of_one(tmp_path):
    """One plain step each: the weights have moved by the gradient."""
    settings = {
        "data.length": 96,
        "data.classes": 3,
        "optimizer": "sgd",
        "schedule": "constant",
        "warmup": 0,
        "lr": 1,
        "momentum": 0,
        "nesterov": "false",
        "weight_decay": 0,
        "precision": "float32",
    }
    line = "train --data piconet --model lenet5 --recipe small --epochs 1"
    for key, value in settings.items():
        line += f" --set {key}={value}"
    torchrun = ["torch.distributed.run", "--standalone", "--nproc-per-node=2", "--no-python"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    one = [SCRIPT, *line.split(), "--set", "batch_size=96", "--out", tmp_path / "one"]
    two = [SCRIPT, *line.split(), "--set", "batch_size=48", "--out", tmp_path / "two"]
    runs = [
        subprocess.run(call, env=environment, capture_output=True, text=True, timeout=120)
        for call in (one, [sys.executable, "-m", *torchrun, *two])
    ]
    for run in runs:
        assert run.returncode == 0, run.stderr
        assert run.stdout.count("validation accuracy") == 1  # the first process speaks for all
    weights = [load_file(tmp_path / n / "model.safetensors") for n in ("one", "two")]
    seed(0)
    for key, start in models.lenet5(num_classes=3, in_channels=3).state_dict().items():
        moved = [w[key] - start for w in weights]
        assert moved[0].abs().max() > 0
        difference = (moved[1] - moved[0]).abs().max()
        assert difference < 1e-3 * moved[0].abs().max() + 1e-8, key  # of float32, 1e-8 is one digit
    epochs = [read_log(tmp_path / n / "log.jsonl")[-2] for n in ("one", "two")]
    for key in ("loss", "accuracy", "validation_loss", "validation_accuracy"):
        assert epochs[1][key] == pytest.approx(epochs[0][key], abs=1e-5), key


def test_what_two_processes_validate_is_what_they_save(tmp_path):
    """The running statistics of batch normalization, too, which every process has its own of."""
    line = "train --data piconet --model resnet20 --recipe small --epochs 1 --set batch_size=16"
    for setting in (
        "data.length=64",
        "data.classes=3",
        "model.width=4",
        "ema=0.5",
        "precision=float32",
    ):
        line += f" --set {setting}"
    torchrun = ["torch.distributed.run", "--standalone", "--nproc-per-node=2", "--no-python"]
    call = [sys.executable, "-m", *torchrun, SCRIPT, *line.split(), "--out", tmp_path / "run"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(call, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    told = read_log(tmp_path / "run" / "log.jsonl")[-2]
    saved = models.load(tmp_path / "run" / "model.safetensors")
    images, labels = zip(*load("piconet", "validation", length=64, classes=3), strict=True)
    with torch.no_grad():
        logits = saved(torch.stack([saved.preprocessing(image) for image in images]))
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(labels)).item()
    assert told["validation_loss"] == pytest.approx(loss, abs=1e-5)


@pytest.mark.parametrize("variables", [{"RANK": "0"}, {"RANK": "1", "LOCAL_RANK": "1"}])
def test_a_rank_alone_is_not_torchrun(monkeypatch, variables):
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert join() == Ranks()


@pytest.mark.parametrize(
    ("cuda", "device", "backend"),
    [(True, "auto", "nccl"), (True, "cpu", "gloo"), (False, "auto", "gloo")],
)
def test_processes_speak_by_nccl_where_they_train_on_gpus(monkeypatch, cuda, device, backend):
    for name, value in {"RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1"}.items():
        monkeypatch.setenv(name, value)
    chosen = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    monkeypatch.setattr("torch.distributed.init_process_group", chosen.append)
    monkeypatch.setattr("atexit.register", lambda function: None)
    assert join(device) == Ranks(1, 2, 1)
    assert chosen == ([1, "nccl"] if backend == "nccl" else ["gloo"])


def test_a_stopped_run_says_how_to_start_all_its_processes_again(monkeypatch, tmp_path):
    alone = str(Interrupted(signal.SIGINT, "saved after step 3", tmp_path))
    assert f"go on with: imagenet-course train --out {tmp_path} --resume" in alone
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    together = str(Interrupted(signal.SIGINT, "saved after step 3", tmp_path))
    assert "go on with: torchrun --nproc-per-node 2 --no-python imagenet-course train" in together


def test_synchronized_batch_normalization_does_not_thaw_what_is_frozen():
    network = models.freeze(models.resnet20(width=4))
    with pytest.raises(ValueError, match="would thaw frozen batch normalization"):
        Ranks(0, 2).wrap(network, torch.device("cpu"), sync_batch_norm=True)
