"""Rows and grids of images."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np


def displayable(image: np.ndarray) -> np.ndarray:
    """An image (H, W), (H, W, 1) or (H, W, C) as matplotlib takes it: a gray one without its C."""
    return image[:, :, 0] if np.ndim(image) == 3 and np.shape(image)[2] == 1 else image


def show_images(
    images: Sequence[np.ndarray],
    titles: Sequence[str] | None = None,
    *,
    columns: int | None = None,
    size: float = 1.4,
    cmap: str = "gray",
    limits: tuple[float, float] | str | None = None,
) -> None:
    """Draw ``images`` in a grid, a new pyplot figure; each is (H, W), (H, W, 1) or (H, W, 3).

    ``size`` is the width of one image in inches. ``limits`` are the values drawn as the two ends
    of ``cmap``: a pair, None for each image's own range, or ``"symmetric"`` for ±max|value|, which
    puts zero in the middle of a diverging map.
    """
    images = [displayable(image) for image in images]
    columns = columns or len(images)
    rows = -(-len(images) // columns)
    aspect = max(np.shape(image)[0] / np.shape(image)[1] for image in images)
    height = size * aspect + (0.28 if titles else 0.05)
    _, axes = plt.subplots(rows, columns, figsize=(columns * size, rows * height), squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    for index, image in enumerate(images):
        axis = axes.flat[index]
        if isinstance(limits, str):
            low, high = -np.abs(image).max(), np.abs(image).max()
        else:
            low, high = limits or (None, None)
        axis.imshow(image, cmap=cmap, vmin=low, vmax=high)
        if titles:
            axis.set_title(titles[index], loc="center", fontsize="small", fontweight="normal")
