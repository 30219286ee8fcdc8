"""What each layer of a network does to an image, and what it costs."""

import operator
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from imagenet_course.layers.checks import check_integer
from imagenet_course.layers.geometry import (
    ReceptiveField,
    Window,
    conv_macs,
    linear_macs,
    receptive_field,
)
from imagenet_course.models.network import Network, find_layer, meta_twin, misfit_size

# Operations between layers that make new maps, and so belong in the table.
OPERATIONS = {operator.add: "Add", torch.cat: "Concatenate", F.pad: "Pad"}


@dataclass(frozen=True)
class Row:
    """One layer for one image.

    ``output_shape`` is (C, H, W) or (features,). ``macs`` are multiply-adds of convolutions and
    linear layers. ``memory`` is what the output takes, in bytes; a layer that works in place
    takes none. ``receptive_field`` is the side in pixels of what an output unit could see,
    padding included.
    """

    name: str
    layer: str
    output_shape: tuple[int, ...]
    parameters: int
    macs: int
    memory: int
    receptive_field: int


@dataclass(frozen=True)
class Summary:
    """The rows of a network, in the order in which they run; ``print`` it for a table."""

    name: str
    input_shape: tuple[int, int, int]
    rows: tuple[Row, ...]

    @property
    def parameters(self) -> int:
        return sum(row.parameters for row in self.rows)

    @property
    def macs(self) -> int:
        return sum(row.macs for row in self.rows)

    @property
    def memory(self) -> int:
        return sum(row.memory for row in self.rows)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self) | {
            "parameters": self.parameters,
            "macs": self.macs,
            "memory": self.memory,
        }

    def __str__(self) -> str:
        header = ("name", "layer", "output", "parameters", "multiply-adds", "memory", "field")
        body = [
            (
                row.name,
                row.layer,
                "×".join(map(str, row.output_shape)),
                f"{row.parameters:,}",
                f"{row.macs:,}",
                f"{row.memory / 1024:,.1f} KiB",
                str(row.receptive_field),
            )
            for row in self.rows
        ]
        shape = "×".join(map(str, self.input_shape))
        total = (
            "total",
            "",
            "",
            f"{self.parameters:,}",
            f"{self.macs:,}",
            f"{self.memory / 1024:,.1f} KiB",
            "",
        )
        widths = [max(map(len, column)) for column in zip(header, *body, total, strict=True)]

        def line(cells: tuple[str, ...]) -> str:
            texts = (
                cell.ljust(width) if i < 3 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
            )
            return "  ".join(texts).rstrip()

        rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
        table = [line(header), rule, *map(line, body), rule, line(total)]
        return "\n".join([f"{self.name} for one image of {shape}", *table])


def summary(
    model: nn.Module, input_size: int | None = None, *, depth: int | None = None
) -> Summary:
    """Layers, output shapes, parameters, multiply-adds, activation memory, receptive field.

    Nothing is computed: the network runs on shapes only. ``input_size`` is the side in pixels of
    a square image, by default the one the network was designed for. ``depth`` joins the layers
    below that many levels, so that 1 gives one row for each group. Auxiliary heads, which do not
    run in evaluation, are left out. Any module whose layers are modules will do, if it is told
    ``input_size``. Raises ValueError where the image is too small.
    """
    if input_size is None:
        input_size = getattr(model, "input_size", None)
    size = check_integer("input_size", input_size, 1)
    twin = meta_twin(model).eval()
    if isinstance(model, Network) and (reason := misfit_size(model, size, size)):
        raise ValueError(reason)
    first = next(twin.parameters())
    channels = first.shape[1]
    meter = _Meter(torch.fx.symbolic_trace(twin))
    with torch.no_grad():
        meter.run(torch.empty(1, channels, size, size, device="meta", dtype=first.dtype))
    rows = meter.rows if depth is None else _join(model, meter.rows, depth)
    name = getattr(model, "name", "") or type(model).__name__
    return Summary(name, (channels, size, size), tuple(rows))


class _Meter(torch.fx.Interpreter):
    """Runs the traced network node by node and keeps the figures of each."""

    def __init__(self, traced: torch.fx.GraphModule) -> None:
        super().__init__(traced)
        self.rows: list[Row] = []
        self.fields: dict[torch.fx.Node, ReceptiveField] = {}

    def run_node(self, node: torch.fx.Node) -> Any:
        output = super().run_node(node)
        # Of several ways from the image to this node, the one that sees farthest counts.
        fields = [self.fields[source] for source in node.all_input_nodes]
        field = max(fields, key=lambda f: f.size, default=receptive_field([]))
        module = self.module.get_submodule(node.target) if node.op == "call_module" else None
        if isinstance(output, Tensor) and node.all_input_nodes:
            source = self.env.get(node.all_input_nodes[0])
            if isinstance(source, Tensor):
                field = _widen(field, _window(module, source, output))
        self.fields[node] = field
        if module is not None or node.target in OPERATIONS:
            self.rows.append(_row(node, module, output, field.size))
        return output


def _window(module: nn.Module | None, source: Tensor, output: Tensor) -> Window:
    """How a layer looks at its input along the vertical axis; one pixel where it looks straight."""
    if isinstance(module, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
        dilation = getattr(module, "dilation", 1)
        figures = (module.kernel_size, module.stride, module.padding, dilation)
        return Window(*(f if isinstance(f, int) else f[0] for f in figures))
    if source.ndim == 4 and output.ndim == 2:  # flattened: the next layer sees all of it
        return Window(source.shape[2])
    if isinstance(module, nn.AdaptiveAvgPool2d) and source.shape != output.shape:
        before, after = source.shape[2], output.shape[2]
        return Window(-(-before // after), max(1, before // after))
    return Window(1)


def _widen(field: ReceptiveField, window: Window) -> ReceptiveField:
    """What a unit sees through ``window`` when each unit before it sees ``field``."""
    layer = receptive_field([window])
    return ReceptiveField(
        field.size + (layer.size - 1) * field.jump,
        field.jump * layer.jump,
        field.start + layer.start * field.jump,
    )


def _row(node: torch.fx.Node, module: nn.Module | None, output: Tensor, field: int) -> Row:
    shape = tuple(output.shape[1:])
    memory = output.numel() * output.element_size()
    if module is None:
        parents = list(node.meta.get("nn_module_stack", {}).values())
        parent = f"{parents[-1][0]}." if parents else ""
        layer = OPERATIONS[node.target]
        return Row(f"{parent}{node.target.__name__}", layer, shape, 0, 0, memory, field)
    if getattr(module, "inplace", False) or isinstance(module, nn.Identity | nn.Flatten):
        memory = 0
    parameters = sum(p.numel() for p in module.parameters())
    return Row(
        node.target, type(module).__name__, shape, parameters, _macs(module, shape), memory, field
    )


def _macs(module: nn.Module, shape: tuple[int, ...]) -> int:
    if isinstance(module, nn.Conv2d):
        return conv_macs(
            module.in_channels, module.out_channels, module.kernel_size, shape[1:], module.groups
        )
    if isinstance(module, nn.Linear):
        return linear_macs(module.in_features, module.out_features)
    return 0


def _join(model: nn.Module, rows: list[Row], depth: int) -> list[Row]:
    """One row for all neighbors that share the first ``depth`` parts of their names."""
    depth = check_integer("depth", depth, 1)
    joined: list[Row] = []
    for name, group in groupby(rows, key=lambda row: ".".join(row.name.split(".")[:depth])):
        inside = list(group)
        alone = len(inside) == 1 and inside[0].name == name
        joined.append(
            Row(
                name,
                inside[0].layer if alone else type(find_layer(model, name)).__name__,
                inside[-1].output_shape,
                sum(row.parameters for row in inside),
                sum(row.macs for row in inside),
                sum(row.memory for row in inside),
                max(row.receptive_field for row in inside),
            )
        )
    return joined
