"""Trees of synsets."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from imagenet_course.data.taxonomy import Taxonomy
from imagenet_course.viz.images import displayable
from imagenet_course.viz.style import COLORS

BRANCHES = tuple(COLORS[name] for name in ("blue", "vermilion", "green", "purple", "orange", "sky"))
ROW, PICTURE, STEP = 0.27, 0.36, 1.6  # inches: a row, a row with a picture, a level
FORK = 0.7  # of a level: where the branches part


def draw_taxonomy(
    taxonomy: Taxonomy,
    *,
    pictures: Mapping[str, np.ndarray] | None = None,
    width: float | None = None,
) -> None:
    """Draw a tree from its root at the left to its leaves at the right, a new pyplot figure.

    Each leaf has a row, each branch below the root a color of its own. ``pictures`` maps wnids of
    leaves to images (H, W, C), which are shown beside the names. ``width`` is in inches. To draw a
    part, pass ``taxonomy.subtree(...)``; large trees look better around a circle (`viz.radial`).
    Raises ValueError for a taxonomy that is not a tree.
    """
    pictures = pictures or {}
    rows, colors = leaf_rows(taxonomy), branch_colors(taxonomy)
    levels = max(level for level, _ in taxonomy.walk()) + 1.4  # the last for the names of leaves
    height = PICTURE if pictures else ROW
    width = width or STEP * levels
    side = 0.92 * height * levels / width  # of a picture, in levels
    axes = empty_figure(width, height * (len(taxonomy.leaves) + 0.5))
    axes.set(xlim=(-0.1, levels - 0.1), ylim=(len(taxonomy.leaves) - 0.25, -0.75))

    for level, synset in taxonomy.walk():
        row = rows[synset.wnid]
        children = taxonomy.children(synset.wnid)
        color = colors[synset.wnid]
        if children:
            axes.plot([level, level + FORK], [row, row], color=color, lw=1.3, zorder=1)
            frame = {"facecolor": "white", "edgecolor": color, "boxstyle": "round,pad=0.3"}
            axes.text(level, row, synset.name, fontweight="bold", va="center", bbox=frame)
        elif synset.wnid in pictures:
            place = (level, level + side, row + 0.46, row - 0.46)
            show_picture(axes, pictures[synset.wnid], place)
            axes.text(level + side + 0.05, row, synset.name, va="center")
        else:
            axes.text(level, row, synset.name, va="center")
        for child in children:
            _branch(axes, level, row, rows[child.wnid], colors[child.wnid])


def empty_figure(width: float, height: float) -> Axes:
    """Axes that fill a new pyplot figure of so many inches to its edges and show no frame."""
    figure, axes = plt.subplots(figsize=(width, height), layout="constrained")
    figure.get_layout_engine().set(w_pad=0, h_pad=0)
    axes.set_axis_off()
    return axes


def leaf_rows(taxonomy: Taxonomy) -> dict[str, float]:
    """The row of each synset: leaves one below the other from 0, others amid their children.

    Raises ValueError for a taxonomy that is not a tree, which rows cannot show.
    """
    if not taxonomy.is_tree:
        twice = next(synset for synset in taxonomy if len(synset.parents) > 1)
        raise ValueError(
            f"only trees can be drawn; {twice.wnid!r} has {len(twice.parents)} parents here."
        )
    leaves = taxonomy.leaves_under(taxonomy.root.wnid)
    rows = {leaf.wnid: float(row) for row, leaf in enumerate(leaves)}
    for _, synset in reversed(list(taxonomy.walk())):
        children = taxonomy.children(synset.wnid)
        if children:
            rows[synset.wnid] = (rows[children[0].wnid] + rows[children[-1].wnid]) / 2
    return rows


def branch_colors(taxonomy: Taxonomy) -> dict[str, str]:
    """The color of each synset: that of the branch below the root to which it belongs."""
    colors = {taxonomy.root.wnid: COLORS["black"]}
    for k, branch in enumerate(taxonomy.children(taxonomy.root.wnid)):
        for _, synset in taxonomy.walk(branch.wnid):
            colors[synset.wnid] = BRANCHES[k % len(BRANCHES)]
    return colors


def _branch(axes: Axes, level: int, start: float, end: float, color: str) -> None:
    """An S-shaped line from the fork behind a synset to the column of its children."""
    t = np.linspace(0, 1, 40)
    x, y = level + FORK + (0.97 - FORK) * t, start + (end - start) * t * t * (3 - 2 * t)
    axes.plot(x, y, color=color, lw=1.3, zorder=1)


def show_picture(axes: Axes, image: np.ndarray, extent: tuple[float, float, float, float]) -> None:
    """Show an image (H, W, C) between (left, right, bottom, top), in data coordinates."""
    axes.imshow(
        displayable(image),
        extent=extent,
        aspect="auto",
        interpolation="antialiased",
        cmap="gray",
        vmin=0,
        vmax=255,
        zorder=2,
    )
