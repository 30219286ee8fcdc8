"""The learning-rate range test: which rates teach, and which are too much (Smith, WACV 2017)."""

import math
from dataclasses import dataclass

import numpy as np

from imagenet_course import models
from imagenet_course.models import Network
from imagenet_course.training import device, failures, optim
from imagenet_course.training.config import Config
from imagenet_course.training.distributed import Ranks
from imagenet_course.training.loop import loss_and_hits
from imagenet_course.training.randomness import seed
from imagenet_course.training.sources import Source, loaders, open_source

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
        ValueError: for rates or steps out of range, and whatever `train` refuses.
    """
    if not 0 < low < high or steps < 10:
        raise ValueError(
            f"the test takes 10 steps or more from a lower to a higher rate; got {steps} steps from"
            f" {low} to {high}"
        )
    machine = device.choose(config.device, config.precision)
    seed(config.seed)
    source = source or open_source(config)
    if network is None:
        sizes = {"num_classes": len(source.classes), "in_channels": source.channels}
        network = models.create(config.model, **sizes | dict(config.model_options))
    training, *_ = loaders(source, config, network, machine, Ranks())
    network.to(machine.device, memory_format=machine.memory_format)
    start = {key: value.clone() for key, value in network.state_dict().items()}
    optimizer = optim.build(network, config)
    scaler = machine.grad_scaler()

    lrs, losses, mean = [], [], 0.0
    network.train()
    with failures.memory_explained(config), optim.swapped(network, start):
        while len(lrs) < steps:
            for images, labels in training:
                lr = low * (high / low) ** (len(lrs) / (steps - 1))
                optim.set_lr(optimizer, lr / config.lr)
                with machine.autocast():
                    outputs = network(images)
                loss, _ = loss_and_hits(outputs, labels, config.label_smoothing)
                mean = SMOOTHING * mean + (1 - SMOOTHING) * loss.item()
                smoothed = mean / (1 - SMOOTHING ** (len(lrs) + 1))
                if not math.isfinite(smoothed) or (losses and smoothed > HOPELESS * min(losses)):
                    return LrRange(np.array(lrs), np.array(losses))
                lrs.append(lr)
                losses.append(smoothed)
                if len(lrs) == steps:
                    break
                scaler.scale(loss).backward()
                scaler.step(optimizer)
                scaler.update()
                optimizer.zero_grad(set_to_none=True)
    return LrRange(np.array(lrs), np.array(losses))
