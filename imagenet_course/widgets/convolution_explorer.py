"""The convolution explorer: an image, a kernel, and how each output pixel comes about."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import traitlets

from imagenet_course.errors import unknown_name
from imagenet_course.layers import conv2d, flip_kernel
from imagenet_course.layers.checks import check_pair
from imagenet_course.widgets.base import CourseWidget, within_limits
from imagenet_course.widgets.kernels import NAMED_KERNELS
from imagenet_course.widgets.pictures import (
    example_images,
    figure_cell,
    matrix_rows,
    picture,
    size_text,
)

LARGEST_KERNEL = 5
# The same limits as those of the controls in static/convolution_explorer.js.
LIMITS = {"stride": (1, 8), "padding": (0, 8), "dilation": (1, 8)}


class ConvolutionExplorer(CourseWidget):
    """Slides a kernel over a small gray image and shows the products behind each output pixel.

    ``images`` maps names to arrays (H, W) of numbers, 0 shown black, at most 64×64; ``kernels``
    maps names to arrays (kH, kW), at most 5×5. Without them: a scanned digit and crops of
    photographs from `imagenet_course.data`, and `NAMED_KERNELS`. ``image`` names the first image
    shown; ``kernel`` is a name or an array. ``flip`` turns the kernel by 180° first, which is
    convolution in the mathematical sense; ``position`` is the selected output pixel.

    In a running notebook every setting can be read and set: ``explorer.kernel``, a list of rows,
    is what the reader has typed, and ``explorer.output()`` the output that the page shows.
    Raises ``ValueError`` or ``TypeError`` in one sentence for what it cannot show.
    """

    module = "convolution_explorer"

    images = traitlets.List(traitlets.Dict()).tag(sync=True)
    kernels = traitlets.List(traitlets.Dict()).tag(sync=True)
    # Any, because the validators below accept more (arrays) and explain better than typed traits.
    image = traitlets.Any().tag(sync=True)
    kernel = traitlets.Any().tag(sync=True)
    stride = traitlets.Any(1).tag(sync=True)
    padding = traitlets.Any(0).tag(sync=True)
    dilation = traitlets.Any(1).tag(sync=True)
    flip = traitlets.Bool(False).tag(sync=True)
    position = traitlets.Any().tag(sync=True)

    def __init__(
        self,
        images: Mapping[str, np.ndarray] | None = None,
        kernels: Mapping[str, np.ndarray] | None = None,
        *,
        image: str | None = None,
        kernel: str | np.ndarray | Sequence[Sequence[float]] | None = None,
        stride: int = 1,
        padding: int = 0,
        dilation: int = 1,
        flip: bool = False,
        position: tuple[int, int] = (2, 3),
    ) -> None:
        images = example_images() if images is None else images
        kernels = NAMED_KERNELS if kernels is None else kernels
        for kind, given in [("images", images), ("kernels", kernels)]:
            if not isinstance(given, Mapping) or not given:
                raise TypeError(f"{kind} must be a dict of names to arrays, got {given!r}.")
        kernel = next(iter(kernels)) if kernel is None else kernel
        if isinstance(kernel, str):
            if kernel not in kernels:
                raise unknown_name("kernel", kernel, kernels)
            kernel = kernels[kernel]
        super().__init__(
            images=[picture(name, pixels) for name, pixels in images.items()],
            kernels=[
                {
                    "name": str(name),
                    "weights": matrix_rows(f"kernel {name!r}", weights, LARGEST_KERNEL),
                }
                for name, weights in kernels.items()
            ],
            image=next(iter(images)) if image is None else image,
            kernel=kernel,
            stride=stride,
            padding=padding,
            dilation=dilation,
            flip=flip,
            position=position,
        )

    def pixels(self) -> np.ndarray:
        """The image that is shown, float64 (H, W)."""
        chosen = next(entry for entry in self.images if entry["name"] == self.image)
        return np.array(chosen["pixels"], dtype=np.float64)

    def output(self) -> np.ndarray:
        """The output that the page shows, by `layers.conv2d`, float64 (H_out, W_out).

        Raises ``ValueError`` where the kernel does not fit the padded image.
        """
        weight = np.array(self.kernel, dtype=np.float64)[None, None]
        return conv2d(
            self.pixels()[None, None],
            flip_kernel(weight) if self.flip else weight,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
        )[0, 0]

    @traitlets.validate("image")
    def _known_image(self, proposal: Any) -> str:
        names = [entry["name"] for entry in self.images]
        if proposal["value"] not in names:
            raise unknown_name("image", proposal["value"], names)
        return proposal["value"]

    @traitlets.validate("kernel")
    def _small_kernel(self, proposal: Any) -> list[list[float]]:
        return matrix_rows("kernel", proposal["value"], LARGEST_KERNEL)

    @traitlets.validate("stride", "padding", "dilation")
    def _within_limits(self, proposal: Any) -> int:
        return within_limits(proposal, LIMITS)

    @traitlets.validate("position")
    def _row_and_column(self, proposal: Any) -> list[int]:
        return list(check_pair("position", proposal["value"], 0))

    def _kernel_name(self) -> str | None:
        names = (entry["name"] for entry in self.kernels if entry["weights"] == self.kernel)
        return next(names, None)

    def __repr__(self) -> str:
        shown = {"image": self.image, "kernel": self._kernel_name() or self.kernel}
        defaults = {"stride": 1, "padding": 0, "dilation": 1, "flip": False}
        changed = {
            key: getattr(self, key) for key in defaults if getattr(self, key) != defaults[key]
        }
        settings = ", ".join(f"{key}={value!r}" for key, value in {**shown, **changed}.items())
        return f"ConvolutionExplorer({settings})"

    def fallback_html(self) -> str:
        pixels = self.pixels()
        white = next(entry["white"] for entry in self.images if entry["name"] == self.image)
        kernel_name = self._kernel_name() or "a kernel of its own"
        parts = [figure_cell(f"{self.image}, {size_text(pixels)}", pixels / white)]
        rows = "".join(
            f"<tr>{''.join(f'<td>{weight:.4g}</td>' for weight in row)}</tr>" for row in self.kernel
        )
        parts.append(f"<td><table>{rows}</table>{escape(kernel_name)}</td>")
        try:
            output = self.output()
        except ValueError as impossible:
            parts.append(f"<td>{escape(str(impossible))}</td>")
        else:
            # Smallest black, largest white: here the colors of the page would need its legend.
            spread = float(np.ptp(output)) or 1.0
            parts.append(
                figure_cell(f"output, {size_text(output)}", (output - output.min()) / spread)
            )
        return (
            f"<table><tr>{'<td>→</td>'.join(parts)}</tr></table>"
            "<p>This is the convolution explorer. It comes to life in the online book, and here "
            "when the notebook is run.</p>"
        )
