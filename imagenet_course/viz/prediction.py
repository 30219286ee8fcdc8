"""Images beside what a network takes them for."""

from collections.abc import Sequence
from textwrap import shorten

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from imagenet_course.viz.images import displayable
from imagenet_course.viz.style import COLORS

Guesses = Sequence[tuple[str, float]]  # names and probabilities, the likeliest first


def draw_predictions(
    images: Sequence[np.ndarray], guesses: Sequence[Guesses], titles: Sequence[str] | None = None
) -> Figure:
    """Draw each image, uint8 (H, W, C) or (H, W), with a bar for each of its guesses.

    ``titles``, such as file names, stand above the images. Raises ValueError where there is nothing
    to draw, or not one list of guesses for each image.
    """
    if not len(images) or len(images) != len(guesses):
        raise ValueError(
            f"draw_predictions needs a list of guesses for each image, got {len(guesses)} for"
            f" {len(images)} images"
        )
    columns = 1 if len(images) < 4 else 2
    rows = -(-len(images) // columns)
    bars = max(map(len, guesses))
    figure, axes = plt.subplots(
        rows,
        2 * columns,
        figsize=(5.2 * columns, rows * max(1.5, 0.28 * bars + 0.5)),
        width_ratios=[1, 1.6] * columns,
        squeeze=False,
    )
    pairs = axes.reshape(rows * columns, 2)
    for picture, chart in pairs[len(images) :]:
        picture.set_axis_off()
        chart.set_axis_off()
    for k, (picture, chart) in enumerate(pairs[: len(images)]):
        picture.imshow(displayable(images[k]), cmap="gray", vmin=0, vmax=255)
        picture.set_axis_off()
        if titles:
            picture.set_title(
                shorten(titles[k], 28, placeholder="…") or titles[k][:27] + "…",
                loc="center",
                fontsize="small",
                fontweight="normal",
            )
        _draw_bars(chart, guesses[k])
    return figure


def _draw_bars(chart: plt.Axes, guesses: Guesses) -> None:
    probabilities = [probability for _, probability in guesses]
    places = range(len(guesses))
    colors = [COLORS["blue"], *[COLORS["sky"]] * (len(guesses) - 1)]
    chart.barh(places, probabilities, color=colors, height=0.5)
    for place, (name, probability) in zip(places, guesses, strict=True):
        chart.text(0.012, place - 0.3, name, va="bottom", fontsize="small", clip_on=False)
        chart.text(
            min(probability + 0.015, 1.0),
            place,
            f"{probability:.1%}",
            va="center",
            fontsize="small",
        )
    chart.set(xlim=(0, 1.15), ylim=(len(guesses) - 0.5, -0.9), xticks=[], yticks=[])
    chart.spines[["bottom", "top", "right"]].set_visible(False)
