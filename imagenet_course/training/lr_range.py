"""The learning-rate range test: which rates teach, and which are too much (Smith, WACV 2017)."""

import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

import numpy as np

from imagenet_course.data.loader import Batch, Loader
from imagenet_course.models import Network
from imagenet_course.training import device, failures, optim
from imagenet_course.training.config import Config
from imagenet_course.training.distributed import Ranks
from imagenet_course.training.loop import loss_and_hits
from imagenet_course.training.randomness import seed
from imagenet_course.training.sources import Source, loaders, network_for, open_source

SMOOTHING = 0.9  # of the loss; single batches scatter too much to be read
HOPELESS = 4  # times the least loss: there is no more to learn from greater rates


@dataclass(frozen=True)
class LrRange:
    """Rates tried, ascending, and the smoothed loss at each; ``steepest`` teaches fastest."""

    lrs: np.ndarray
    losses: np.ndarray

    @property
    def steepest(self) -> float:
        """The rate at which the loss falls fastest per decade of the rate."""
        return float(self.lrs[np.gradient(self.losses, np.log(self.lrs)).argmin()])


def lr_range(
    config: Config,
    *,
    low: float = 1e-5,
    high: float = 10.0,
    steps: int = 100,
    network: Network | None = None,
    source: Source | None = None,
) -> LrRange:
    """Train for some steps while the rate grows from ``low`` to ``high``; nothing is saved.

    A ``network`` that is given has its weights again afterwards.

    Raises:
        ValueError: for rates or steps out of range, and whatever `train` refuses; also where the
            loss is no number from the start.
    """
    if not 0 < low < high or steps < 10:
        raise ValueError(
            f"the test takes 10 steps or more from a lower to a higher rate; got {steps} steps from"
            f" {low} to {high}"
        )
    machine = device.choose(config.device, config.precision)
    seed(config.seed)
    source = source or open_source(config)
    network = network_for(source, config) if network is None else network
    training, *_ = loaders(source, config, network, machine, Ranks())
    machine.place(network)
    start = {key: value.clone() for key, value in network.state_dict().items()}
    optimizer = optim.build(network, config, machine.dtype)
    scaler = machine.grad_scaler()

    lrs, losses, mean = [], [], 0.0
    network.train()
    explained = failures.memory_explained(config)
    with explained, closing(training), optim.swapped(network, start):
        batches = _endless(training)
        for step in range(steps):
            lr = low * (high / low) ** (step / (steps - 1))
            optim.set_lr(optimizer, lr / config.lr)
            loss = 0.0
            for images, labels in islice(batches, config.accumulate):
                with machine.autocast():
                    outputs = network(images)
                part, _ = loss_and_hits(outputs, labels, config.label_smoothing)
                scaler.scale(part / config.accumulate).backward()
                loss += part.item() / config.accumulate
            mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
            smoothed = mean / (1 - SMOOTHING ** (step + 1))
            if not math.isfinite(smoothed) or (losses and smoothed > HOPELESS * min(losses)):
                break
            lrs.append(lr)
            losses.append(smoothed)
            optim.take_step(optimizer, scaler, network, config.clip_norm)
    if len(lrs) < 2:
        raise ValueError(f"the loss left all bounds at the first rate already; begin below {low:g}")
    return LrRange(np.array(lrs), np.array(losses))


def _endless(loader: Loader) -> Iterator[Batch]:
    while True:
        yield from loader
