"""How fast the reference convolutions are: loops, im2col, FFT, and PyTorch, on one thread.

    python benchmarks/convolution.py        # about three minutes, half of it in the loops

The calls take turns, so that a disturbance meets all of them, and the medians are compared.
Backward means all three gradients; ours unrolls the image anew, PyTorch's starts from its forward.
"""

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from record import record
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from imagenet_course.layers import FLOPS_PER_MAC, conv2d, conv2d_backward, conv_macs

NAIVE_MACS = 50_000_000  # the loops manage a few million multiply-adds a second


class Case(NamedTuple):
    """A layer and the batch that it meets."""

    name: str
    x: tuple[int, int, int, int]
    weight: tuple[int, int, int, int]
    stride: int = 1
    padding: int = 0
    groups: int = 1

    @property
    def options(self) -> dict[str, int]:
        return {"stride": self.stride, "padding": self.padding, "groups": self.groups}


CASES = [
    Case("reference", (8, 16, 32, 32), (32, 16, 3, 3), padding=1),
    Case("LeNet, first layer", (32, 1, 28, 28), (6, 1, 5, 5)),
    Case("ResNet, first layer", (4, 3, 224, 224), (64, 3, 7, 7), stride=2, padding=3),
    Case("ResNet, 56×56", (8, 64, 56, 56), (64, 64, 3, 3), padding=1),
    Case("ResNet, 14×14", (8, 256, 14, 14), (256, 256, 3, 3), padding=1),
    Case("depthwise", (8, 64, 56, 56), (64, 1, 3, 3), padding=1, groups=64),
    Case("large kernel", (4, 3, 128, 128), (8, 3, 31, 31), padding=15),
]


def main() -> None:
    torch.set_num_threads(1)
    console = Console(width=160)
    table = Table(title="Convolution on one thread: median milliseconds")
    for column in ("layer", "batch", "filters", "dtype"):
        table.add_column(column, no_wrap=True)
    for column in (
        *("naive", "im2col", "fft", "torch", "naive/im2col", "im2col/torch"),
        *("backward", "torch", "ratio"),
    ):
        table.add_column(column, justify="right", no_wrap=True)
    rows = []
    with threadpool_limits(1):
        for case in CASES:
            for dtype in ("float32", "float64"):
                rows.append(measure(case, dtype))
                table.add_row(*cells(rows[-1]))
    console.print(table)
    reference = rows[0]
    console.print(
        f"{reference['x']} with {reference['weight'][0]} filters of 3×3 in float32: im2col is "
        f"{reference['naive_over_im2col']:,.0f} times faster than the loops (goal: 100) "
        f"and takes {reference['im2col_over_torch']:.2f} times as long as torch (goal: 5 at most)."
    )
    record("convolution", {"threads": 1, "unit": "milliseconds, median", "layers": rows})


def measure(case: Case, dtype: str) -> dict[str, object]:
    """Medians in milliseconds of every method on one layer, after checking that they agree."""
    random = np.random.default_rng(0)
    x, weight = (random.normal(size=size).astype(dtype) for size in (case.x, case.weight))
    tensors = [torch.tensor(array, requires_grad=True) for array in (x, weight)]
    tensors.append(torch.zeros(len(weight), dtype=tensors[0].dtype, requires_grad=True))
    y = F.conv2d(*tensors, **case.options)
    grad_y = torch.ones_like(y)
    bias, grad_output = np.zeros(len(weight), dtype), grad_y.numpy()

    @torch.no_grad()
    def torch_forward() -> torch.Tensor:
        return F.conv2d(*tensors, **case.options)

    def forward(method: str) -> Callable[[], np.ndarray]:
        return lambda: conv2d(x, weight, bias, method=method, **case.options)

    calls = {
        "im2col": forward("im2col"),
        "fft": forward("fft"),
        "torch": torch_forward,
        "backward": lambda: conv2d_backward(grad_output, x, weight, **case.options),
        "torch_backward": lambda: torch.autograd.grad(y, tensors, grad_y, retain_graph=True),
    }
    for name in ("im2col", "fft"):
        check_equal(calls[name](), y.detach().numpy())
    for ours, theirs in zip(calls["backward"](), calls["torch_backward"](), strict=True):
        check_equal(ours, theirs.numpy())
    times = medians(calls)

    channels, output = (case.x[1], case.weight[0]), tuple(y.shape[2:])
    macs = case.x[0] * conv_macs(*channels, case.weight[2:], output, case.groups)
    if macs <= NAIVE_MACS and dtype == "float32":
        times |= medians({"naive": forward("naive")}, seconds=0)
    ratios = {
        "im2col_over_torch": times["im2col"] / times["torch"],
        "fft_over_torch": times["fft"] / times["torch"],
        "backward_over_torch": times["backward"] / times["torch_backward"],
        "im2col_gflops": FLOPS_PER_MAC * macs / times["im2col"] / 1e6,
    }
    if "naive" in times:
        ratios["naive_over_im2col"] = times["naive"] / times["im2col"]
    figures = {name: round(value, 3) for name, value in (times | ratios).items()}
    return {**case._asdict(), "dtype": dtype, "macs": macs, **figures}


def check_equal(actual: np.ndarray, expected: np.ndarray) -> None:
    """Raise unless the arrays agree to the digits that their dtype can hold after a long sum."""
    tolerance = {"float32": 1e-4, "float64": 1e-12}[str(expected.dtype)] * abs(expected).max()
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance)


def medians(calls: dict[str, Callable], seconds: float = 5.0) -> dict[str, float]:
    """Median milliseconds of each call; they take turns, three rounds at least, after a warm-up."""
    times = {name: [] for name in calls}
    for call in calls.values():
        call()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times[next(iter(calls))]) < 3:
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            times[name].append(1e3 * (time.perf_counter() - start))
    return {name: statistics.median(values) for name, values in times.items()}


def cells(row: dict[str, object]) -> list[str]:
    """A table row; a dash where the loops would take too long."""

    def number(name: str, digits: int = 2) -> str:
        return f"{row[name]:,.{digits}f}" if name in row else "–"

    return [
        str(row["name"]),
        "×".join(map(str, row["x"])),
        "×".join(map(str, row["weight"])),
        str(row["dtype"]),
        *(number(name) for name in ("naive", "im2col", "fft", "torch")),
        number("naive_over_im2col", 0),
        number("im2col_over_torch"),
        *(number(name) for name in ("backward", "torch_backward", "backward_over_torch")),
    ]


if __name__ == "__main__":
    main()
