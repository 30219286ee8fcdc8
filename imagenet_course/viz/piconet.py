"""Pictures of PicoNet, each a new pyplot figure."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np

from imagenet_course.data import piconet
from imagenet_course.data.taxonomy import Taxonomy
from imagenet_course.viz.images import show_images
from imagenet_course.viz.radial import draw_taxonomy_radially
from imagenet_course.viz.taxonomy import draw_taxonomy


def specimens(taxonomy: Taxonomy, size: int = 64, **knobs: object) -> dict[str, np.ndarray]:
    """One image of each leaf of a part of PicoNet's tree, by wnid: uint8 (size, size, 3)."""
    wnids = [leaf.wnid for leaf in taxonomy.leaves]
    data = piconet.load("train", per_class=1, size=size, classes=wnids, **knobs)
    return {data.wnids[label]: image for image, label in zip(data.images, data.labels, strict=True)}


def gallery(
    classes: int | str | Sequence[str] | None = None,
    *,
    columns: int = 10,
    size: int = 96,
    titles: bool = True,
    inches: float = 1.15,
    **knobs: object,
) -> None:
    """One image of each class in a grid, in the order of the tree.

    ``size`` is in pixels, ``inches`` the width at which an image is shown, ``knobs`` are those of
    `imagenet_course.data.piconet.load`.
    """
    data = piconet.load("train", per_class=1, size=size, classes=classes, **knobs)
    order = np.argsort(data.true_labels)
    names = data.classes if titles else None
    show_images(data.render(order), names, columns=columns, size=inches, limits=(0, 255))


def knob_sweep(
    knob: str, values: Sequence[object], count: int = 8, size: int = 64, **knobs: object
) -> None:
    """The same ``count`` scenes, one row for each of the ``values`` of a knob."""
    rows = []
    for value in values:
        data = piconet.load("train", length=count, size=size, **{**knobs, knob: value})
        rows.extend(data.images)
    show_images(rows, [""] * len(rows), columns=count, size=0.95, limits=(0, 255))
    for row, value in enumerate(values):
        axes = plt.gcf().axes[row * count]
        axes.set_title(f"{knob} = {value}", loc="left", fontsize="small", fontweight="normal")


def tree_with_specimens(
    synset: str | None = None, *, radial: bool = False, size: int = 96, **knobs: object
) -> None:
    """PicoNet's tree, or the part below ``synset``, with an image of each leaf."""
    tree = piconet.TREE if synset is None else piconet.TREE.subtree(synset)
    draw = draw_taxonomy_radially if radial else draw_taxonomy
    draw(tree, pictures=specimens(tree, size, **{"difficulty": 0.15, **knobs}))
