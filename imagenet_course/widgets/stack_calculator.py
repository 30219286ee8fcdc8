"""The stack calculator: layers one on the other, and what each of them costs and sees."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import traitlets

from imagenet_course.errors import unknown_name
from imagenet_course.layers.checks import check_integer
from imagenet_course.widgets.base import CourseWidget
from imagenet_course.widgets.stacks import LARGEST_STACK, NETWORKS, Row, check_layer, stack_rows

LIMITS = {"size": (1, 512), "channels": (1, 512), "selected": (0, LARGEST_STACK)}


class StackCalculator(CourseWidget):
    """Sizes, parameters, multiply-adds and receptive fields of a stack, edited layer by layer.

    Starts from one of `NETWORKS`, or from ``layers`` as `stacks` describes them. ``size`` is the
    side of the square input in pixels, ``channels`` its number of channels.

    In a running notebook the stack can be read and set: ``calculator.layers`` is what the reader
    has built, `rows` what the page shows. Raises ``ValueError`` or ``TypeError`` in one sentence.
    """

    module = "stack_calculator"

    networks = traitlets.List(traitlets.Dict()).tag(sync=True)
    # Any, because the validators below explain better than typed traits.
    size = traitlets.Any(224).tag(sync=True)
    channels = traitlets.Any(3).tag(sync=True)
    layers = traitlets.Any().tag(sync=True)
    selected = traitlets.Any(0).tag(sync=True)

    def __init__(
        self,
        network: str = "LeNet-5",
        *,
        layers: Sequence[Mapping[str, Any]] | None = None,
        size: int | None = None,
        channels: int | None = None,
        selected: int = 0,
    ) -> None:
        if network not in NETWORKS:
            raise unknown_name("network", network, NETWORKS)
        its_size, its_channels, its_layers = NETWORKS[network]
        super().__init__(
            networks=[
                {"name": name, "size": s, "channels": c, "layers": stack}
                for name, (s, c, stack) in NETWORKS.items()
            ],
            size=its_size if size is None else size,
            channels=its_channels if channels is None else channels,
            layers=its_layers if layers is None else layers,
            selected=selected,
        )

    def rows(self) -> list[Row]:
        """What the page shows, one row for each layer; ``ValueError`` where one does not fit."""
        return stack_rows(self.size, self.channels, self.layers)

    @traitlets.validate("layers")
    def _known_layers(self, proposal: Any) -> list[dict[str, Any]]:
        layers = proposal["value"]
        if not isinstance(layers, Sequence) or isinstance(layers, str):
            raise TypeError(f"layers must be a list of dicts, got {layers!r}.")
        if not 1 <= len(layers) <= LARGEST_STACK:
            raise ValueError(f"a stack has 1 to {LARGEST_STACK} layers, got {len(layers)}.")
        return [check_layer(layer) for layer in layers]

    @traitlets.validate("size", "channels", "selected")
    def _within_limits(self, proposal: Any) -> int:
        name, value = proposal["trait"].name, proposal["value"]
        low, high = LIMITS[name]
        value = check_integer(name, value, low)
        if value > high:
            raise ValueError(f"{name} must be at most {high} in the calculator, got {value}.")
        return value

    def _name(self) -> str:
        known = (name for name, (_, _, stack) in NETWORKS.items() if stack == self.layers)
        return next(known, f"{len(self.layers)} layers")

    def __repr__(self) -> str:
        return f"StackCalculator({self._name()!r}, size={self.size}, channels={self.channels})"

    def fallback_html(self) -> str:
        try:
            rows = self.rows()
        except ValueError as impossible:
            return f"<p>{escape(str(impossible))}</p>"
        header = "<tr><th>layer</th><th>output</th><th>parameters</th><th>multiply-adds</th>"
        body = "".join(
            f"<tr><td>{layer['kind']}</td><td>{'×'.join(map(str, row.shape))}</td>"
            f"<td>{row.parameters:,}</td><td>{row.macs:,}</td><td>{row.field}</td></tr>"
            for layer, row in zip(self.layers, rows, strict=True)
        )
        return (
            f"<table>{header}<th>field</th></tr>{body}</table>"
            f"<p>{escape(self._name())}: {sum(row.parameters for row in rows):,} parameters, "
            f"{sum(row.macs for row in rows):,} multiply-adds. This is the stack calculator. It "
            "comes to life in the online book, and here when the notebook is run.</p>"
        )
