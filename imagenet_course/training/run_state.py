"""All that a run is at one step: what a checkpoint holds, and what a resumed run begins with."""

from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor

from imagenet_course.data.loader import Loader
from imagenet_course.models import Network
from imagenet_course.training.optim import Ema
from imagenet_course.training.randomness import random_state, set_random_state


@dataclass
class Position:
    """Where a run is, besides what network, optimizer and loader know themselves."""

    step: int = 0
    sums: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])  # of this epoch
    best: float = -1.0
    stale: int = 0  # epochs since the best
    logged: int = 0  # bytes
    history: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class RunState:
    """The parts of a run that change as it goes on, together.

    ``window`` holds the sums of loss and hits, and the count of images, since the log was last
    written; ``best`` the weights of the best epoch, where early stopping is to return to them.
    """

    network: Network
    optimizer: torch.optim.Optimizer
    scaler: torch.amp.GradScaler
    loader: Loader
    ema: Ema | None
    window: Tensor
    best: dict[str, Tensor] | None = None
    position: Position = field(default_factory=Position)

    def state_dict(self) -> dict[str, Any]:
        """Tensors, numbers, strings, lists and dicts of these."""
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "loader": self.loader.state_dict(),
            "ema": self.ema and self.ema.average,
            "best": self.best,
            "position": asdict(self.position),
            "window": self.window,
            "random": random_state(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where `state_dict` was taken, but at the peak learning rates of now."""
        self.loader.load_state_dict(state["loader"])  # first: it refuses other data in a sentence
        peaks = [group["peak_lr"] for group in self.optimizer.param_groups]
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        for group, peak in zip(self.optimizer.param_groups, peaks, strict=True):
            group["peak_lr"] = peak  # may have been changed, to bring a diverged run back
        if self.scaler.is_enabled() and state["scaler"]:
            self.scaler.load_state_dict(state["scaler"])
        if self.ema:
            self.ema.load(state["ema"])
        self.best, self.position = state["best"], Position(**state["position"])
        self.window.copy_(state["window"])
        set_random_state(state["random"])
