"""What a network gets wrong, and how sure it is: drawings of `imagenet_course.evaluation`."""

from collections.abc import Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from imagenet_course.data.dataset import ImageDataset
from imagenet_course.evaluation.calibration import Reliability
from imagenet_course.evaluation.checks import check_classes
from imagenet_course.evaluation.confusion import check_matrix
from imagenet_course.evaluation.worst import Example
from imagenet_course.viz.style import COLORS, DIVERGING

MOST_NAMED, MOST_COUNTED = 50, 25  # classes: beyond, names and counts would be too small to read


def draw_confusion_matrix(
    matrix: ArrayLike, classes: Sequence[str] | None = None, *, size: float | None = None
) -> Figure:
    """Draw a `confusion_matrix`: right predictions in blue, mistakes in vermilion.

    The color is the share of the row, that is of the images of the true class, by its square root,
    so that rare mistakes are seen; the numbers are counts. Matrices of many classes are drawn
    without numbers, then without names. ``size`` is the width in inches.
    """
    matrix = check_matrix(matrix)
    names = check_classes(classes, len(matrix))
    count = len(matrix)
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    right = np.eye(count, dtype=bool)
    size = size or np.clip(2.2 + 0.42 * count, 3.6, 11)
    figure, axes = plt.subplots(figsize=(size, 0.84 * size))
    depth = np.sqrt(share)
    image = axes.imshow(np.where(right, -depth, depth), cmap=DIVERGING, vmin=-1, vmax=1)
    if count <= MOST_COUNTED:
        for (t, p), number in np.ndenumerate(matrix):
            if number:
                color = "white" if share[t, p] > 0.4 else COLORS["black"]
                axes.text(p, t, number, ha="center", va="center", color=color, fontsize="small")
    if count <= MOST_NAMED:
        upright = max(map(len, names)) <= 2
        axes.set_yticks(range(count), names)
        axes.set_xticks(
            range(count),
            names,
            rotation=0 if upright else 45,
            ha="center" if upright else "right",
            rotation_mode="anchor",
        )
        axes.tick_params(length=0)
    axes.spines[:].set_visible(True)
    axes.set(xlabel="predicted class", ylabel="true class")
    bar = figure.colorbar(image, ax=axes, shrink=0.6 if count > 6 else 0.8, aspect=25, pad=0.06)
    bar.set_label("share of the class", fontsize="small")
    bar.ax.set_title("right", fontsize="small", fontweight="normal", loc="center")
    bar.ax.set_xlabel("wrong", fontsize="small")
    bar.ax.invert_yaxis()  # right predictions, which are drawn as negative, on top
    shares = np.array([-1, -0.5, -0.1, 0, 0.1, 0.5, 1])
    places = np.sign(shares) * np.sqrt(np.abs(shares))
    bar.set_ticks(places, labels=[f"{abs(100 * s):.0f} %" for s in shares], fontsize="small")
    bar.outline.set_visible(False)
    return figure


def draw_reliability(reliability: Reliability, *, title: str = "", size: float = 3.8) -> Figure:
    """Draw a reliability diagram: accuracy against confidence, and where the images are.

    Bars below the diagonal are overconfident, above it underconfident; the gaps, whose average over
    the images is the expected calibration error, are hatched. ``size`` is the width in inches.
    """
    r = reliability
    figure, (top, bottom) = plt.subplots(
        2, 1, figsize=(size, 1.25 * size), sharex=True, height_ratios=[4, 1]
    )
    full = r.count > 0
    left, width = r.edges[:-1][full], np.diff(r.edges)[full]
    accuracy, confidence = r.accuracy[full], r.confidence[full]
    bar = {"width": width, "align": "edge", "edgecolor": "white", "linewidth": 0.8}
    top.bar(left, accuracy, color=COLORS["blue"], label="accuracy", **bar)
    top.bar(
        left,
        confidence - accuracy,
        bottom=accuracy,
        width=width,
        align="edge",
        color=mpl.colors.to_rgba(COLORS["vermilion"], 0.18),
        edgecolor=COLORS["vermilion"],
        hatch="////",
        linewidth=0.8,
        label="gap to confidence",
    )
    top.plot([0, 1], [0, 1], color=COLORS["black"], lw=1, ls="--", label="perfect calibration")
    top.set(ylabel="accuracy", xlim=(0, 1), ylim=(0, 1.02), title=title)
    top.legend(loc="upper left", fontsize="small")
    note = f"ECE {100 * r.ece:.1f} %"
    top.text(0.97, 0.04, note, ha="right", va="bottom", transform=top.transAxes, bbox=_NOTE)
    bottom.bar(left, r.count[full] / r.count.sum(), color="#888888", **bar)
    bottom.yaxis.set_major_formatter(mpl.ticker.PercentFormatter(1, decimals=0))
    bottom.set(xlabel="confidence", ylabel="images")
    return figure


def draw_examples(
    dataset: ImageDataset | Sequence[np.ndarray],
    examples: Sequence[Example],
    classes: Sequence[str] | None = None,
    *,
    columns: int = 6,
    size: float = 1.5,
) -> Figure:
    """Draw the `worst_examples` of a data set, the true class above what it was taken for.

    ``dataset`` is a data set of the catalog, whose class names are used, or a sequence of images,
    uint8 (H, W, C) or (H, W), with ``classes`` or class numbers as names. ``size`` is the width of
    one image in inches.
    """
    if not examples:
        raise ValueError("there are no examples to draw; the network may have made no mistake.")
    if isinstance(dataset, ImageDataset):
        classes = classes or dataset.classes
        images = [dataset.image(example.index) for example in examples]
    else:
        images = [dataset[example.index] for example in examples]

    def name(label: int) -> str:
        return str(label) if classes is None else _shortened(classes[label], 10.0 * size)

    columns = min(columns, len(examples))
    rows = -(-len(examples) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(columns * size, rows * (size + 0.4)), squeeze=False
    )
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, image, example in zip(axes.flat, images, examples, strict=False):
        axis.imshow(image, cmap="gray", vmin=0, vmax=255)
        height, width = np.shape(image)[:2]
        side = max(height, width)  # a square around the whole image keeps the titles in rows
        axis.set_xlim((width - side) / 2 - 0.5, (width + side) / 2 - 0.5)
        axis.set_ylim((height + side) / 2 - 0.5, (height - side) / 2 - 0.5)
        color = COLORS["blue" if example.true == example.predicted else "vermilion"]
        guess = f"{name(example.predicted)} ({100 * example.confidence:.0f} %)"
        title = f"{name(example.true)}\n→ {guess}"
        axis.set_title(title, loc="center", fontsize="small", fontweight="normal", color=color)
    return figure


_NOTE = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "boxstyle": "round,pad=0.25"}


def _shortened(name: str, characters: float) -> str:
    return name if len(name) <= characters else name[: int(characters) - 1].rstrip() + "…"
