"""Curves show what the logs hold."""

import json

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_hex

mpl.use("agg")

import matplotlib.pyplot as plt

from imagenet_course.viz import training_curves, use_style
from imagenet_course.viz.training import smoothed


@pytest.fixture(autouse=True)
def _books_style():
    with mpl.rc_context():
        use_style()
        yield
    plt.close("all")


def write_run(folder, epochs=3, end=True, seed=0):
    """A run of ten records an epoch; returns its losses, and its validation accuracies."""
    rng = np.random.default_rng(seed)
    records = [{"event": "start", "step": 0, "epoch": 0.0, "epochs": epochs, "machine": []}]
    for i in range(1, 10 * epochs + 1):
        base = {"step": 20 * i, "epoch": i / 10, "lr": 0.1 / i, "time": 1000.0 + i}
        base |= {"loss": 2 / i + rng.random() / 5, "accuracy": 1 - 0.8 / i}
        records.append({"event": "step", **base})
        if i % 10 == 0:
            tested = {"validation_loss": base["loss"] + 0.1, "validation_accuracy": 0.9 - 1 / i}
            records.append({"event": "epoch", **base, **tested, "epoch": i // 10})
    records += [{"event": "end", "step": 0, "why": "finished"}] * end
    folder.mkdir(parents=True)
    (folder / "log.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))
    return [r["loss"] for r in records if r["event"] == "step"]


def lines(axes):
    return [line for line in axes.lines if len(line.get_xdata())]


def test_one_run_shows_what_was_logged_smoothed_and_validated(tmp_path):
    losses = write_run(tmp_path / "digits")
    figure = training_curves(tmp_path / "digits", smoothing=0.5)
    loss, accuracy, lr = figure.axes
    logged, smooth, validated = lines(loss)
    assert logged.get_ydata() == pytest.approx(losses)
    assert smooth.get_ydata() == pytest.approx(smoothed(losses, 0.5))
    assert list(validated.get_xdata()) == [1, 2, 3]
    assert logged.get_xdata() == pytest.approx(np.arange(1, 31) / 10)
    assert [text.get_text() for text in loss.get_legend().get_texts()] == ["training", "validation"]
    assert lines(accuracy)[2].get_ydata() == pytest.approx([0.8, 0.85, 0.9 - 1 / 30])
    assert lines(lr)[0].get_ydata() == pytest.approx([0.1 / i for i in range(1, 31)])
    assert lr.get_legend() is None


def test_runs_are_compared_by_color_and_the_shortest_names_that_tell_them_apart(tmp_path):
    for number, name in enumerate(["a/small", "b/small", "b/large"]):
        write_run(tmp_path / name, epochs=number + 1, end=number != 2, seed=number)
    runs = [tmp_path / "a" / "small", tmp_path / "b" / "small" / "log.jsonl", tmp_path / "b/large"]
    loss, _, lr = training_curves(*runs).axes
    assert [t.get_text() for t in lr.get_legend().get_texts()] == ["a/small", "b/small", "b/large"]
    groups = [lines(loss)[3 * i : 3 * i + 3] for i in range(3)]
    colors = [{to_hex(line.get_color()) for line in group} for group in groups]
    assert [len(c) for c in colors] == [1, 1, 1]
    assert len(set.union(*colors)) == 3
    names = ["one", "two", "three"]
    _, _, lr = training_curves(*runs, names=names).axes
    assert [text.get_text() for text in lr.get_legend().get_texts()] == names


@pytest.mark.parametrize("kept", [0, 1, 2, 5, 14])
def test_unfinished_runs_are_drawn(tmp_path, kept):
    write_run(tmp_path / "run")
    path = tmp_path / "run" / "log.jsonl"
    records = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(records[:kept]) + records[kept][:10])
    figure = training_curves(path)
    figure.canvas.draw()
    assert len(lines(figure.axes[2])) == (1 if kept > 1 else 0)


@pytest.mark.parametrize(("epochs", "weight"), [(3, 0.0), (10, 0.5), (100, 0.95)])
def test_by_default_a_fiftieth_of_the_run_is_averaged(tmp_path, epochs, weight):
    losses = write_run(tmp_path / "run", epochs)
    _, smooth, _ = lines(training_curves(tmp_path / "run").axes[0])
    assert smooth.get_ydata() == pytest.approx(smoothed(losses, weight))


@pytest.mark.parametrize("weight", [0.0, 0.6, 0.99])
def test_smoothing_is_the_weighted_mean_it_says(weight):
    values = np.random.default_rng(0).normal(size=50)
    expected = [
        np.average(values[: i + 1], weights=weight ** np.arange(i, -1, -1)) for i in range(50)
    ]
    assert smoothed(values, weight) == pytest.approx(expected)


def test_bad_input_is_one_sentence(tmp_path):
    write_run(tmp_path / "run")
    run = tmp_path / "run"
    with pytest.raises(ValueError, match="nothing to draw; give the folder"):
        training_curves()
    with pytest.raises(FileNotFoundError, match="does not exist"):
        training_curves(run, tmp_path / "other")
    with pytest.raises(ValueError, match="2 runs need as many names, got 1"):
        training_curves(run, run, names=["one"])
    with pytest.raises(ValueError, match="run is given twice; a run is drawn once"):
        training_curves(run, run / "log.jsonl")
    with pytest.raises(ValueError, match="names must differ, got one, one"):
        training_curves(run, run, names=["one", "one"])
    with pytest.raises(ValueError, match=r"smoothing must be in \[0, 1\), got 1"):
        training_curves(run, smoothing=1)
    assert plt.get_fignums() == []


def test_a_loss_that_is_no_number_leaves_the_others_in_view(tmp_path):
    write_run(tmp_path / "run")
    log = tmp_path / "run" / "log.jsonl"
    records = [json.loads(line) for line in log.read_text().splitlines()]
    [r for r in records if r["event"] == "epoch"][1]["validation_loss"] = float("inf")
    log.write_text("".join(json.dumps(r) + "\n" for r in records))
    bottom, top = training_curves(tmp_path / "run").axes[0].get_ylim()
    assert bottom == 0
    assert 1 < top < 3
