"""Every generator that weights, dropout and augmentation may draw from."""

import random
from typing import Any

import numpy as np
import torch


def seed(number: int) -> None:
    """Seed every generator that weights, dropout and augmentation may draw from."""
    random.seed(number)
    np.random.seed(number % 2**32)  # noqa: NPY002 - transforms of others may draw from it
    torch.manual_seed(number)


def random_state() -> dict[str, Any]:
    """The state of every generator that a run may draw from."""
    return {
        "python": random.getstate(),
        "numpy": np.random.get_state(),  # noqa: NPY002 - transforms of others may use it
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def set_random_state(state: dict[str, Any]) -> None:
    """Let every generator go on where `random_state` found it."""
    random.setstate(state["python"])
    np.random.set_state(state["numpy"])  # noqa: NPY002
    torch.set_rng_state(state["torch"])
    if len(state["cuda"]) == torch.cuda.device_count():  # otherwise it is another machine
        torch.cuda.set_rng_state_all(state["cuda"])
