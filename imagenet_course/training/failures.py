"""Why a run failed, in one sentence that says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn

from imagenet_course.training.config import Config

# The right class has a probability of e⁻¹⁰⁰⁰, on average. Runs have come back from 30.
LOST = 1000.0


class Diverged(ValueError):
    """The loss or the weights left the numbers from which a run comes back."""


class OutOfMemory(OSError):
    """A step needs more memory than there is."""


def lost(loss: float) -> bool:
    """Whether a mean ``loss`` is NaN, infinite, or far worse than guessing."""
    return not loss < LOST  # NaN is not less either


def diverged(network: nn.Module, config: Config, step: int, loss: float, folder: Path) -> Diverged:
    """The error that says where the numbers went wrong, and which knobs turn them right."""
    names = list(not_finite(network))
    where = f"; {len(names)} tensors are not finite, first {names[0]}" if names else ""
    advice = []
    if config.pixels == "centered":  # up to ±128, which is for weights that begin that much smaller
        advice.append("pixels of unit variance (--set pixels=standardized)")
    advice.append(f"a lower learning rate (--set lr={min(config.lr / 3, 1):.2g})")
    if config.clip_norm is None:
        advice.append("clipped gradients (--set clip_norm=1)")
    if config.precision != "float32":
        advice.append("full precision (--set precision=float32)")
    advice = f"try {' or '.join(advice)}"
    if any(folder.glob("checkpoints/step-*.json")) or any(folder.glob("checkpoints/epoch-*")):
        advice += f", with --out {folder} --resume to go on from the last good checkpoint"
    return Diverged(
        f"training diverged at step {step}: the loss is {loss:.3g} with lr={config.lr:g}{where};"
        f" {advice}"
    )


def finite(network: nn.Module) -> bool:
    """Whether no weight or statistic is NaN or infinite; one bit comes back from the device."""
    tensors = [t.detach() for t in (*network.parameters(), *network.buffers())]
    sums = [t.sum(dtype=torch.float32) for t in tensors if t.is_floating_point()]
    return bool(torch.stack(sums).isfinite().all())


def not_finite(network: nn.Module) -> Iterator[str]:
    """The names of the weights, and of the gradients, that hold NaN or infinity."""
    for name, parameter in network.named_parameters():
        if not parameter.isfinite().all():
            yield f"the weights {name}"
        elif parameter.grad is not None and not parameter.grad.isfinite().all():
            yield f"the gradient of {name}"


@contextmanager
def memory_explained(config: Config) -> Iterator[None]:
    """Within the ``with``, running out of memory says which knob to turn."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        words = str(error).lower()
        if not isinstance(error, torch.OutOfMemoryError | MemoryError) and not any(
            phrase in words for phrase in ("out of memory", "can't allocate", "not enough memory")
        ):
            raise
        if config.batch_size == 1:
            knobs = "use a smaller --set size or a smaller --model"
        else:
            knobs = (
                f"use, in another --out, --set batch_size={config.batch_size // 2}"
                f" --set accumulate={2 * config.accumulate}, which takes half the memory for the"
                " same steps"
            )
        raise OutOfMemory(f"out of memory at batch_size={config.batch_size}; {knobs}") from error
