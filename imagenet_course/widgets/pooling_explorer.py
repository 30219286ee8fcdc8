"""The pooling explorer: an image, its maxima or averages, and the gradient's way back."""

from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np
import traitlets

from imagenet_course.errors import unknown_name
from imagenet_course.layers import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward
from imagenet_course.layers.checks import check_integer, check_pair
from imagenet_course.widgets.base import CourseWidget, within_limits
from imagenet_course.widgets.pictures import example_images, figure_cell, picture, size_text

OPERATIONS = {
    "max": (max_pool2d, max_pool2d_backward),
    "average": (avg_pool2d, avg_pool2d_backward),
}
# The same limits as those of the controls in static/pooling_explorer.js.
LIMITS = {"kernel": (1, 8), "stride": (1, 8), "padding": (0, 4), "shift": (0, 8)}
DEFAULTS = {"kernel": 2, "stride": 2, "padding": 0, "shift": 0}


class PoolingExplorer(CourseWidget):
    """Pools a small gray image, and shows which pixels each output's gradient reaches.

    ``images`` maps names to arrays (H, W) of numbers, at most 64×64; without them: the matrix
    1 … 16, a scanned digit and crops of photographs. ``operation`` is ``"max"`` or ``"average"``;
    padding never wins a maximum and counts as zeros in an average, as in `layers`. ``shift`` moves
    the image to the right first, around the border; ``position`` is the selected output pixel.

    In a running notebook every setting can be read and set; `output` and `gradient` are what the
    page shows. Raises ``ValueError`` or ``TypeError`` in one sentence for what it cannot show.
    """

    module = "pooling_explorer"

    images = traitlets.List(traitlets.Dict()).tag(sync=True)
    # Any, because the validators below explain better than typed traits.
    image = traitlets.Any().tag(sync=True)
    operation = traitlets.Any("max").tag(sync=True)
    kernel = traitlets.Any(2).tag(sync=True)
    stride = traitlets.Any(2).tag(sync=True)
    padding = traitlets.Any(0).tag(sync=True)
    shift = traitlets.Any(0).tag(sync=True)
    position = traitlets.Any().tag(sync=True)

    def __init__(
        self,
        images: Mapping[str, np.ndarray] | None = None,
        *,
        image: str | None = None,
        operation: str = "max",
        kernel: int = 2,
        stride: int | None = None,
        padding: int = 0,
        shift: int = 0,
        position: tuple[int, int] = (0, 0),
    ) -> None:
        if images is None:
            images = {"1 … 16": np.arange(1, 17).reshape(4, 4), **example_images()}
        elif not isinstance(images, Mapping) or not images:
            raise TypeError(f"images must be a dict of names to arrays, got {images!r}.")
        kernel = check_integer("kernel", kernel, LIMITS["kernel"][0])  # before stride follows it
        super().__init__(
            images=[picture(name, pixels) for name, pixels in images.items()],
            image=next(iter(images)) if image is None else image,
            operation=operation,
            kernel=kernel,
            stride=kernel if stride is None else stride,
            padding=padding,
            shift=shift,
            position=position,
        )

    def pixels(self) -> np.ndarray:
        """The image that is shown, shifted, float64 (H, W)."""
        chosen = next(entry for entry in self.images if entry["name"] == self.image)
        return np.roll(np.array(chosen["pixels"], dtype=np.float64), self.shift, axis=1)

    def output(self) -> np.ndarray:
        """The output that the page shows, by `layers`, float64 (H_out, W_out).

        Raises ``ValueError`` where the windows do not fit the padded image.
        """
        forward, _ = OPERATIONS[self.operation]
        return forward(self.pixels()[None, None], **self._window())[0, 0]

    def gradient(self) -> np.ndarray:
        """∂L/∂X for L = ΣY, by `layers`, float64 (H, W); raises as `output` does."""
        _, backward = OPERATIONS[self.operation]
        ones = np.ones_like(self.output())[None, None]
        return backward(ones, self.pixels()[None, None], **self._window())[0, 0]

    def _window(self) -> dict[str, int]:
        return {"kernel": self.kernel, "stride": self.stride, "padding": self.padding}

    @traitlets.validate("image")
    def _known_image(self, proposal: Any) -> str:
        names = [entry["name"] for entry in self.images]
        if proposal["value"] not in names:
            raise unknown_name("image", proposal["value"], names)
        return proposal["value"]

    @traitlets.validate("operation")
    def _known_operation(self, proposal: Any) -> str:
        if proposal["value"] not in OPERATIONS:
            raise unknown_name("operation", proposal["value"], OPERATIONS)
        return proposal["value"]

    @traitlets.validate("kernel", "stride", "padding", "shift")
    def _within_limits(self, proposal: Any) -> int:
        return within_limits(proposal, LIMITS)

    @traitlets.validate("position")
    def _row_and_column(self, proposal: Any) -> list[int]:
        return list(check_pair("position", proposal["value"], 0))

    def __repr__(self) -> str:
        shown = {"image": self.image, "operation": self.operation}
        changed = {
            key: getattr(self, key) for key in DEFAULTS if getattr(self, key) != DEFAULTS[key]
        }
        settings = ", ".join(f"{key}={value!r}" for key, value in {**shown, **changed}.items())
        return f"PoolingExplorer({settings})"

    def fallback_html(self) -> str:
        pixels = self.pixels()
        white = next(entry["white"] for entry in self.images if entry["name"] == self.image)
        parts = [figure_cell(f"{self.image}, {size_text(pixels)}", pixels / white)]
        try:
            output, gradient = self.output(), self.gradient()
        except ValueError as impossible:
            parts.append(f"<td>{escape(str(impossible))}</td>")
        else:
            parts.append(figure_cell(f"{self.operation}, {size_text(output)}", output / white))
            parts.append(figure_cell("gradient of the output's sum", gradient / gradient.max()))
        return (
            f"<table><tr>{'<td>→</td>'.join(parts)}</tr></table>"
            "<p>This is the pooling explorer. It comes to life in the online book, and here "
            "when the notebook is run.</p>"
        )
