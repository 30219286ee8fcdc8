"""Learning rates over a run: pure functions from progress to a factor of ``lr``.

>>> from imagenet_course.training.schedule import cosine
>>> cosine(0.0), cosine(0.5), cosine(1.0)
(1.0, 0.5, 0.0)

Progress ``t`` runs from 0 at the first step to 1 at the end of the run.
"""

import math
from collections.abc import Sequence

from imagenet_course.training.config import Config

START = 0.04  # where one-cycle begins: 1/25 of the peak, as fastai has it


def step(t: float, milestones: Sequence[float], gamma: float = 0.1) -> float:
    """``gamma`` to the power of how many milestones have passed (Krizhevsky et al. 2012)."""
    return gamma ** sum(t >= milestone for milestone in milestones)


def linear(t: float, final: float = 0.0) -> float:
    """A straight line from 1 to ``final``."""
    return 1 + (final - 1) * t


def cosine(t: float, final: float = 0.0) -> float:
    """Half a period of a cosine from 1 to ``final`` (Loshchilov & Hutter, ICLR 2017, eq. 5)."""
    return final + (1 - final) * (1 + math.cos(math.pi * t)) / 2


def one_cycle(t: float, peak: float, final: float = 0.0) -> float:
    """A cosine up from 1/25 to 1 at ``t = peak``, and one down to ``final`` (Smith & Topin 2017).

    The paper's cycle is made of straight lines; the cosines are fastai's.
    """
    if t < peak:
        return cosine(1 - t / peak, final=START)
    return cosine((t - peak) / (1 - peak), final)


def lr_factor(config: Config, done: int, steps_per_epoch: int) -> float:
    """What ``lr`` is multiplied with in the step after ``done`` steps.

    Warm-up is a straight line from 0, which no step has, to 1 in the first step after it (Goyal
    et al. 2017, section 2.2). The other schedules but "step", whose milestones count from the
    start, begin when it is over.
    """
    total, warm = config.epochs * steps_per_epoch, config.warmup
    t = done / total
    if config.schedule == "one-cycle":
        return one_cycle(t, warm, config.final_lr)
    if t < warm:
        return (done + 1) / (math.ceil(warm * total) + 1)
    rest = (t - warm) / (1 - warm)
    match config.schedule:
        case "step":
            return step(t, config.milestones, config.gamma)
        case "linear":
            return linear(rest, config.final_lr)
        case "cosine":
            return cosine(rest, config.final_lr)
    return 1.0
