"""How fast this machine loads, computes and trains: images per second, a figure for each round."""

from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import torch

from imagenet_course.training import device, optim
from imagenet_course.training.config import Config
from imagenet_course.training.distributed import Ranks
from imagenet_course.training.loop import loss_and_hits, train
from imagenet_course.training.sources import Source, loaders, network_for, subset


def shortened(source: Source, config: Config, steps: int) -> Source:
    """``source`` with as many images as ``steps`` batches take, or all where there are fewer."""
    if config.batch_size > len(source.training):
        return source  # which `loaders` refuses, in a sentence
    steps = min(steps, len(source.training) // config.batch_size)
    chosen = np.random.default_rng(0).permutation(len(source.training))
    training = subset(source.training, chosen[: steps * config.batch_size], "train")
    few = np.arange(min(config.batch_size, len(source.validation)))
    return Source(training, subset(source.validation, few, "validation"), source.note)


def loading(source: Source, config: Config, rounds: int) -> list[float]:
    """Loading alone, as training does it: each round is an epoch of ``source``, after a first."""
    machine = device.choose(config.device, config.precision)
    loader, *_ = loaders(source, config, network_for(source, config), machine, Ranks())
    rates = []
    for _ in range(rounds + 1):
        began, count = perf_counter(), 0
        for _, labels in loader:
            count += len(labels)
        wait_for(machine.device)
        rates.append(count / (perf_counter() - began))
    return rates[1:]


def bare_step(source: Source, config: Config, rounds: int) -> list[float]:
    """Forward, backward and the optimizer's step, on batches that lie ready on the device.

    Nothing else of training is done; a round has as many steps as ``source`` has batches.
    """
    machine = device.choose(config.device, config.precision)
    if machine.device.type == "cpu":
        device.keep_memory()
    network = network_for(source, config)
    loader, *_ = loaders(source, config, network, machine, Ranks())
    ready = list(islice(loader, 2))
    machine.place(network).train()
    optimizer = optim.build(network, config, machine.dtype)
    optim.set_lr(optimizer, 1e-3)  # the time does not depend on it, and random labels teach nothing
    model = torch.compile(network) if config.compile else network
    scaler = machine.grad_scaler()
    rates = []
    for _ in range(rounds + 1):
        wait_for(machine.device)
        began, count = perf_counter(), 0
        for images, labels in islice(cycle(ready), len(loader)):
            with machine.autocast():
                outputs = model(images)
            loss, _ = loss_and_hits(outputs, labels, config.label_smoothing)
            scaler.scale(loss).backward()
            optim.take_step(optimizer, scaler, network, clip_norm=None)
            count += len(labels)
        wait_for(machine.device)
        rates.append(count / (perf_counter() - began))
    return rates[1:]


def our_loop(source: Source, config: Config, rounds: int) -> list[float]:
    """`imagenet_course.training.loop.train` itself: epochs of ``source``, after a first."""
    config = config.changed(epochs=rounds + 1, patience=None)
    with TemporaryDirectory() as folder:
        result = train(config, Path(folder, "run"), source=source, progress=False)
    return [epoch["images_per_second"] for epoch in result.history[1:]]


def wait_for(where: torch.device) -> None:
    """Let the device finish what it was given, so that the clock measures it."""
    if where.type == "cuda":
        torch.cuda.synchronize()
    elif where.type == "mps":
        torch.mps.synchronize()
