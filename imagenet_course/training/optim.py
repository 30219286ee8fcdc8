"""Optimizers, and the average of weights that accompanies them."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from imagenet_course.training.config import Config
from imagenet_course.training.muon import Muon


def build(
    model: nn.Module, config: Config, dtype: torch.dtype = torch.float32
) -> torch.optim.Optimizer:
    """The optimizer for the weights of ``model`` that are to be trained.

    ``dtype`` is what an optimizer that multiplies matrices (Muon) may compute in.
    Weights that share a weight decay form a group; ``group["peak_lr"]`` is what the schedule's
    factor multiplies. Raises ValueError where nothing is left to train.
    """
    decayed, others = [], []
    for parameter in (p for p in model.parameters() if p.requires_grad):
        # Scales, shifts and biases are vectors. Pulling them to zero regularizes nothing
        # (He, T. et al. 2019, "Bag of tricks", section 3.1).
        (decayed if parameter.ndim > 1 or config.decay_all else others).append(parameter)
    groups = [
        {"params": params, "weight_decay": decay, "peak_lr": config.lr}
        for params, decay in ((decayed, config.weight_decay), (others, 0.0))
        if params
    ]
    if not groups:
        raise ValueError("all weights are frozen, so there is nothing to train; unfreeze some")
    if config.optimizer == "adamw":
        return torch.optim.AdamW(groups, config.lr, betas=(config.momentum, 0.999))
    if config.optimizer == "muon":
        exact = torch.float32 if dtype == torch.float16 else dtype  # float16 would overflow
        return Muon(groups, config.lr, config.momentum, exact, config.filter_rms)
    nesterov = config.nesterov and config.momentum > 0
    return torch.optim.SGD(groups, config.lr, config.momentum, nesterov=nesterov)


def set_lr(optimizer: torch.optim.Optimizer, factor: float) -> None:
    """Set every group's learning rate to ``factor`` times its peak."""
    for group in optimizer.param_groups:
        group["lr"] = factor * group["peak_lr"]


class Ema:
    """An exponential moving average of weights and running statistics (Polyak & Juditsky 1992).

    After step t, ``average ← d · average + (1 - d) · weights`` with d the smaller of ``decay`` and
    (1 + t) / (10 + t), so that the first, untrained weights are soon forgotten.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.average = {key: value.detach().clone() for key, value in model.state_dict().items()}

    def load(self, average: dict[str, Tensor]) -> None:
        """Go on with an ``average`` that was taken before."""
        for key, value in average.items():
            self.average[key].copy_(value)

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Take in the weights of ``model`` after ``step`` steps."""
        share = 1 - min(self.decay, (1 + step) / (10 + step))
        averages, weights = [], []
        for key, value in model.state_dict().items():
            if value.is_floating_point():
                averages.append(self.average[key])
                weights.append(value)
            else:  # a count of batches
                self.average[key].copy_(value)
        torch._foreach_lerp_(averages, weights, share)


def take_step(
    optimizer: torch.optim.Optimizer,
    scaler: torch.amp.GradScaler,
    network: nn.Module,
    clip_norm: float | None,
) -> None:
    """Step along the gradients, no longer than ``clip_norm`` together, and forget them."""
    if clip_norm is not None:
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(network.parameters(), clip_norm)
    scaler.step(optimizer)
    scaler.update()
    optimizer.zero_grad(set_to_none=True)


@contextmanager
def swapped(model: nn.Module, state: dict[str, Tensor] | None) -> Iterator[None]:
    """Within the ``with``, ``model`` has the weights ``state``; afterwards its own again."""
    if state is None:
        yield
        return
    own = {key: value.clone() for key, value in model.state_dict().items()}
    model.load_state_dict(state)
    try:
        yield
    finally:
        model.load_state_dict(own)
