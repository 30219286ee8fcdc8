"""Large trees of synsets, drawn around a circle."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from imagenet_course.data.taxonomy import Taxonomy
from imagenet_course.viz.taxonomy import (
    branch_colors,
    empty_figure,
    leaf_rows,
    show_picture,
)

EXTENT = 1.5  # of the picture from its middle; leaves are 1 from it


def draw_taxonomy_radially(
    taxonomy: Taxonomy, *, pictures: Mapping[str, np.ndarray] | None = None, inches: float = 11.0
) -> None:
    """Draw a tree with its root in the middle and its leaves around it, a new pyplot figure.

    Colors and ``pictures`` are as in `imagenet_course.viz.taxonomy.draw_taxonomy`; the figure is
    square, ``inches`` wide. Raises ValueError for a taxonomy that is not a tree.
    """
    rows, colors = leaf_rows(taxonomy), branch_colors(taxonomy)
    pictures = pictures or {}
    branches = taxonomy.children(taxonomy.root.wnid)
    places = len(taxonomy.leaves) + len(branches)  # one is left empty after each branch
    turns = {taxonomy.root.wnid: 0.0}
    for k, branch in enumerate(branches):
        for _, synset in taxonomy.walk(branch.wnid):
            turns[synset.wnid] = 0.25 - (rows[synset.wnid] + k + 1) / places
    tallest = max(taxonomy.height(taxonomy.root.wnid), 1)
    radii = {synset.wnid: 1 - taxonomy.height(synset.wnid) / tallest for synset in taxonomy}
    side = min(0.15, 2 * np.pi / places)

    axes = empty_figure(inches, inches)
    axes.set(xlim=(-EXTENT, EXTENT), ylim=(-EXTENT, EXTENT), autoscale_on=False)
    small = inches * 0.75
    for _, synset in taxonomy.walk():
        radius, turn = radii[synset.wnid], turns[synset.wnid]
        for child in taxonomy.children(synset.wnid):
            start = turns[child.wnid] if synset == taxonomy.root else turn
            _branch(
                axes, (radius, radii[child.wnid]), (start, turns[child.wnid]), colors[child.wnid]
            )
        toward = np.array([np.cos(2 * np.pi * turn), np.sin(2 * np.pi * turn)])
        if taxonomy.children(synset.wnid):
            color = colors[synset.wnid]
            frame = {"facecolor": "white", "edgecolor": color, "boxstyle": "round,pad=0.25"}
            style = {"ha": "center", "va": "center", "fontweight": "bold", "bbox": frame}
            axes.text(*(radius * toward), synset.name, fontsize=small, **style)
            continue
        end = 1.02
        if synset.wnid in pictures:
            x, y = (end + side / 2) * toward - side / 2
            show_picture(axes, pictures[synset.wnid], (x, x + side, y, y + side))
            end += 1.4 * side
        left = toward[0] < -1e-9  # where names would stand on their heads
        axes.text(
            *(end * toward),
            synset.name,
            fontsize=small,
            rotation=360 * turn + 180 * left,
            rotation_mode="anchor",
            ha="right" if left else "left",
            va="center",
        )


def _branch(axes: Axes, radii: tuple[float, float], turns: tuple[float, float], color: str) -> None:
    """An S-shaped line outwards, from one direction to the other."""
    t = np.linspace(0, 1, 60)
    radius = radii[0] + (radii[1] - radii[0]) * t
    angle = 2 * np.pi * (turns[0] + (turns[1] - turns[0]) * t * t * (3 - 2 * t))
    axes.plot(radius * np.cos(angle), radius * np.sin(angle), color=color, lw=1.3, zorder=1)
