"""How `pytest --nbval chapters/` treats the notebooks.

Text is compared by nbval itself, strictly, after the sanitizers of
`tests/nbval.cfg`. Two things are added here: a notebook, or a cell, that
declares a data set it needs is skipped, with the reason, where that data set
is absent; and figures, which nbval leaves out, are compared too.
"""

import base64
import io

import numpy as np
import pytest
from nbval.plugin import IPyNbCell
from PIL import Image

from imagenet_course import data

# Rasterizers round differently from one machine to another, but the average
# color of a block of 32×32 pixels hardly moves; a bar, a curve or a label that
# changed moves it by much more.
BLOCK = 32
FIGURE_TOLERANCE = 0.08  # of full scale, for the block that differs most


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not isinstance(item, IPyNbCell):
            continue
        notebook = item.parent.nb.metadata.get("imagenet_course", {})
        cell = item.cell.metadata.get("imagenet_course", {})
        for name in [*notebook.get("requires", []), *cell.get("requires", [])]:
            if data.find(name) is None:
                remedy = f"imagenet-course data get {name}"
                reason = f"needs the data set {name}: {remedy}"
                item.add_marker(pytest.mark.skip(reason=reason))


def figures(outputs: list) -> list[np.ndarray]:
    """The PNG images among a cell's outputs, (H, W, 3) in [0, 1] each."""
    pngs = [
        output["data"]["image/png"]
        for output in outputs
        if "image/png" in output.get("data", {})
    ]
    images = [Image.open(io.BytesIO(base64.b64decode(png))) for png in pngs]
    return [np.asarray(image.convert("RGB")) / 255 for image in images]


def difference(first: np.ndarray, second: np.ndarray) -> float:
    """Largest absolute difference of two figures, averaged over blocks."""
    if first.shape != second.shape:
        return 1.0
    height, width = first.shape[:2]
    rows, columns = -(-height // BLOCK), -(-width // BLOCK)
    margin = [(0, rows * BLOCK - height), (0, columns * BLOCK - width), (0, 0)]
    padded = np.pad(first - second, margin)
    blocks = padded.reshape(rows, BLOCK, columns, BLOCK, 3)
    return float(np.abs(blocks.mean(axis=(1, 3))).max())


compare_text = IPyNbCell.compare_outputs


def compare_outputs(self, test, ref, skip_compare=None) -> bool:
    """nbval's comparison, and that of the figures, which it leaves out."""
    if not compare_text(self, test, ref, skip_compare):
        return False
    computed, stored = figures(test), figures(ref)
    if len(computed) != len(stored):
        complaint = f"{len(stored)} figures stored, {len(computed)} computed"
        self.comparison_traceback.append(complaint)
        return False
    for index, (new, old) in enumerate(zip(computed, stored, strict=True)):
        if (amount := difference(new, old)) > FIGURE_TOLERANCE:
            self.comparison_traceback.append(
                f"figure {index} {new.shape} differs from the stored one "
                f"{old.shape} by {amount:.2f} of full scale in one block; "
                f"{FIGURE_TOLERANCE} is allowed"
            )
            return False
    return True


IPyNbCell.compare_outputs = compare_outputs
