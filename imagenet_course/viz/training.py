"""How runs went: the curves of one or several logs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from imagenet_course.training.log import read_log
from imagenet_course.viz.style import COLORS

Records = Sequence[Mapping[str, Any]]

AVERAGES = 50  # along a curve, unless told otherwise


def training_curves(
    *runs: str | Path,
    names: Sequence[str] | None = None,
    smoothing: float | None = None,
    size: float = 9.0,
) -> Figure:
    """Draw loss, accuracy and learning rate of runs against the epoch, a new pyplot figure.

    ``runs`` are folders of runs, or their logs, also of runs that are not finished; ``names``
    stand for them, by default as short as tells them apart. The training curves are `smoothed`
    with the weight ``smoothing``, by default over about a fiftieth of the run; what was logged is
    in the background. ``size`` is the width in inches. Raises FileNotFoundError or ValueError, in
    one sentence, for what is no log.
    """
    if not runs:
        raise ValueError("there is nothing to draw; give the folder or the log.jsonl of a run")
    smoothed((), smoothing or 0)  # refuses a wrong weight before a figure is there
    names = _short_names(runs) if names is None else list(names)
    if len(names) != len(runs):
        raise ValueError(f"{len(runs)} runs need as many names, got {len(names)}")
    if len(set(names)) != len(names):
        raise ValueError(f"names must differ, got {', '.join(names)}")
    logs = {name: read_log(run) for name, run in zip(names, runs, strict=True)}
    figure = plt.figure(figsize=(size, 0.32 * size))
    draw_curves(figure, logs, smoothing)
    return figure


def draw_curves(
    figure: Figure, logs: Mapping[str, Records], smoothing: float | None = None
) -> None:
    """Draw the records of runs, by their names, onto an empty ``figure``."""
    axes = dict(zip(("loss", "accuracy", "lr"), figure.subplots(1, 3), strict=True))
    colors = list(COLORS.values())
    for number, (name, records) in enumerate(logs.items()):
        # One run has a color for each set of images, several have one for each run.
        color = colors[number % len(colors)]
        other = COLORS["vermilion"] if len(logs) == 1 else color
        steps = [r for r in records if r["event"] == "step"]
        tests = [r for r in records if r["event"] == "epoch"]
        epochs = [r["epoch"] for r in steps]
        weight = smoothing
        if weight is None:  # an average lags behind; with few records that would mislead
            weight = max(0.0, 1 - AVERAGES / max(len(steps), 1))
        for key in ("loss", "accuracy"):
            logged = [r[key] for r in steps]
            axes[key].plot(epochs, logged, color=color, alpha=0.25, lw=1)
            axes[key].plot(epochs, smoothed(logged, weight), color=color, lw=1.6)
            axes[key].plot(
                [r["epoch"] for r in tests],
                [r[f"validation_{key}"] for r in tests],
                color=other,
                lw=1,
                ls=(0, (4, 2)),
                marker="o",
                ms=3.5,
            )
        label = name if len(logs) > 1 else None
        axes["lr"].plot(epochs, [r["lr"] for r in steps], color=color, lw=1.6, label=label)
    ink = COLORS["black"] if len(logs) > 1 else None
    axes["loss"].plot([], [], color=ink or COLORS["blue"], lw=1.6, label="training")
    dots = {"color": ink or COLORS["vermilion"], "lw": 1, "ls": (0, (4, 2)), "marker": "o"}
    axes["loss"].plot([], [], ms=3.5, label="validation", **dots)
    axes["loss"].legend(fontsize="small", loc="upper right", frameon=False)
    if len(logs) > 1:
        axes["lr"].legend(fontsize="small", loc="best", frameon=False)
    titles = {"loss": "Cross-entropy", "accuracy": "Accuracy", "lr": "Learning rate"}
    for key, axis in axes.items():
        axis.set_title(titles[key], loc="left", fontsize="medium", fontweight="bold")
        axis.set_xlabel("epoch")
        axis.grid(color="#DDDDDD", lw=0.6)
        axis.spines[["top", "right"]].set_visible(False)
        if not any(len(line.get_xdata()) for line in axis.lines):
            axis.set(xlim=(0, 1), ylim=(0, 1))
        axis.set_xlim(left=0)
    axes["accuracy"].yaxis.set_major_formatter("{x:.0%}")
    axes["accuracy"].set_ylim(top=1)
    for key in ("loss", "lr"):  # from zero, with some room above however flat the curve is
        drawn = np.concatenate([np.asarray(line.get_ydata(), float) for line in axes[key].lines])
        axes[key].set_ylim(0, 1.05 * max(drawn[np.isfinite(drawn)], default=0) or 1)


def smoothed(values: ArrayLike, weight: float) -> np.ndarray:
    """The running mean in which each value counts ``weight`` times as much as the next, (n,).

    As TensorBoard smooths: an exponential moving average, corrected for its start (Kingma and Ba,
    2015, section 3). ``weight`` is in [0, 1); 0 smooths nothing.
    """
    if not 0 <= weight < 1:
        raise ValueError(f"smoothing must be in [0, 1), got {weight}")
    result, mean = np.empty(len(values)), 0.0
    for i, value in enumerate(values):
        mean = weight * mean + (1 - weight) * value
        result[i] = mean / (1 - weight ** (i + 1))
    return result


def _short_names(runs: Sequence[str | Path]) -> list[str]:
    """The last parts of the folders' paths, as many as tell them apart."""
    paths = [Path(run).expanduser().resolve() for run in runs]
    folders = [path.parent if path.name == "log.jsonl" else path for path in paths]
    for folder in folders:
        if folders.count(folder) > 1:
            raise ValueError(f"{folder} is given twice; a run is drawn once")
    for count in range(1, max(len(folder.parts) for folder in folders) + 1):
        names = ["/".join(folder.parts[-count:]) for folder in folders]
        if len(set(names)) == len(names):
            break
    return names
