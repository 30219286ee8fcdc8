"""The training loop, top to bottom.

>>> from imagenet_course.training.loop import train
>>> from imagenet_course.training.recipes import recipe
>>> result = train(recipe("small", data="digits", model="lenet5"), "runs/digits")
>>> result.accuracy
"""

import logging
import math
from collections.abc import Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from imagenet_course import models
from imagenet_course.data.loader import Loader
from imagenet_course.models import Network
from imagenet_course.training import device, distributed, failures, optim
from imagenet_course.training.checkpoint import Checkpoints
from imagenet_course.training.config import Config
from imagenet_course.training.device import Machine
from imagenet_course.training.distributed import Ranks
from imagenet_course.training.interrupt import Interrupt
from imagenet_course.training.randomness import seed
from imagenet_course.training.run_folder import RunFolder
from imagenet_course.training.run_state import RunState
from imagenet_course.training.schedule import lr_factor
from imagenet_course.training.sources import Source, loaders, network_for, open_source
from imagenet_course.training.watch import Bar, Reporter, Watcher

log = logging.getLogger(__name__)

WATCH = 20  # steps between looks at the loss: each waits for the device


@dataclass(frozen=True)
class Result:
    """The trained network, its validation accuracy (0 … 1), and a record of every epoch."""

    network: Network
    accuracy: float
    history: list[dict[str, Any]]
    folder: Path


def train(
    config: Config,
    out: str | Path,
    *,
    resume: bool = False,
    network: Network | None = None,
    source: Source | None = None,
    progress: bool = True,
    watchers: Sequence[Watcher] = (),
    interrupt: Interrupt | None = None,
) -> Result:
    """Train a network; leave it, its log and its checkpoints in the folder ``out``.

    A run that was cut off goes on with ``resume``; on the CPU, in one process, it ends in the same
    weights, to the bit, as if it had not been cut off. ``network`` and ``source`` take the place of
    those that ``config`` names, such as a network with published weights. Every record of the log
    is shown to ``watchers``, see `watch`; ``interrupt.stop()``, in another thread, does what Ctrl-C
    does.

    Raises:
        ValueError, OSError: for wrong input, in one sentence; nothing is overwritten.
        Diverged, OutOfMemory: with a diagnosis; the last checkpoint is kept.
        Interrupted: after SIGTERM or Ctrl-C, once all is saved.
    """
    if config.framework != "pytorch":
        raise ValueError("this loop is PyTorch's; framework=keras is for training.keras.train")
    ranks = distributed.join(config.device)
    machine = device.choose(config.device, config.precision, ranks.local_rank)
    if machine.device.type == "cpu":
        device.keep_memory()
    seed(config.seed)
    source = source or open_source(config)
    network = network_for(source, config) if network is None else network
    training, validation, preprocessing = loaders(source, config, network, machine, ranks)

    machine.place(network)
    optimizer = optim.build(network, config, machine.dtype)

    folder = RunFolder(out)
    if ranks.first:
        folder.reopen(config) if resume else folder.create(config)
    checkpoints = Checkpoints(folder.checkpoints)

    scaler = machine.grad_scaler()
    ema = optim.Ema(network, config.ema) if config.ema else None
    window = torch.zeros(3, device=machine.device)  # loss, hits, images since the last look
    run = RunState(network, optimizer, scaler, training, ema, window)
    if resume and (state := checkpoints.load()):
        run.load_state_dict(state)
        if not ranks.first:  # what the window held is counted once
            window.zero_()
    elif resume and ranks.first and folder.log_size():
        log.warning("%s holds no checkpoint, so the run begins anew", folder.path)
    position = run.position
    if ranks.rank:  # dropout is to differ between the processes
        torch.manual_seed(config.seed + 1_000_003 * ranks.rank + position.step)

    parallel = ranks.wrap(network, machine.device, config.sync_batch_norm)
    parallel = torch.compile(parallel) if config.compile else parallel
    steps_per_epoch = math.ceil(len(training) / config.accumulate)
    images_per_epoch = len(training) * config.batch_size * ranks.world_size
    watchers = [*([Bar(config.epochs, images_per_epoch)] if progress else []), *watchers]
    reporter = Reporter(folder, watchers, silent=not ranks.first)
    interrupt = interrupt or Interrupt(folder.path)
    lr = optimizer.param_groups[0]["lr"]  # of the last step, which a resumed run may yet log
    good = position.step  # the step of the newest checkpoint that is to be kept

    def check(loss: float, images: float) -> None:
        nonlocal good
        mean = loss / max(images, 1)
        if failures.lost(mean) or not failures.finite(network):
            if ranks.first:
                checkpoints.drop_after(good)
            raise failures.diverged(network, config, position.step, mean, folder.path)
        good = position.step - 1  # what the last step has made is not tested yet

    def look() -> None:
        """Wait for the device, tell how it goes, and stop if the numbers are lost."""
        loss, hits, images = recent = ranks.sum(window).tolist()
        if not images:
            return
        check(loss, images)
        window.zero_()
        position.sums = [a + b for a, b in zip(position.sums, recent, strict=True)]
        reporter.tell(
            "step",
            position.step,
            epoch=position.step / steps_per_epoch,
            lr=lr,
            loss=loss / images,
            accuracy=hits / images,
        )

    def save() -> None:
        check(window[0].item(), window[2].item())
        if ranks.first:
            position.logged = folder.log_size()
            checkpoints.save(position.step, run.state_dict())

    saved_at = perf_counter()
    explained = failures.memory_explained(config)
    held = folder.held() if ranks.first else nullcontext()
    with held, reporter, interrupt, explained, closing(training), closing(validation):
        if ranks.first:
            folder.rewind_log(position.logged)
        reporter.tell(
            "resume" if position.step else "start",
            position.step,
            epoch=position.step / steps_per_epoch,
            epochs=config.epochs,
            machine=list(machine.reasons),
        )
        while training.epoch < config.epochs and position.stale < (config.patience or math.inf):
            epoch, began = training.epoch, perf_counter()
            seen = position.sums[2] + ranks.sum(window[2].clone()).item()  # before a cut
            parallel.train()
            for images, labels in training:
                # The batches of one step; the last step of an epoch may have fewer.
                batch = training.batch
                before = (batch - 1) // config.accumulate * config.accumulate
                share = 1 / min(config.accumulate, len(training) - before)
                stepping = batch % config.accumulate == 0 or batch == len(training)

                with ranks.no_sync(parallel, stepping):
                    with machine.autocast():
                        outputs = parallel(images)
                    loss, hits = loss_and_hits(outputs, labels, config.label_smoothing)
                    scaler.scale(loss * share).backward()
                window[0] += loss.detach() * len(labels)
                window[1] += hits
                window[2] += len(labels)
                if not stepping:
                    continue

                factor = lr_factor(config, position.step, steps_per_epoch)
                lr = factor * config.lr
                optim.set_lr(optimizer, factor)
                optim.take_step(optimizer, scaler, network, config.clip_norm)
                position.step += 1
                if ema:
                    ema.update(network, position.step)

                looking = position.step % WATCH == 0
                if looking:
                    look()
                # On the CPU nothing is waited for, so the processes may ask each other every time.
                if ranks.any(interrupt.requested, looking or machine.device.type == "cpu"):
                    save()
                    raise interrupt.stopped(position.step)
                if perf_counter() - saved_at >= config.checkpoint_seconds:
                    try:
                        save()
                    except OSError as error:  # there may be room again the next time
                        log.warning("%s; training goes on", error)
                    saved_at = perf_counter()

            look()
            seconds = perf_counter() - began
            with optim.swapped(network, ema and ema.average):
                ranks.share_buffers(network)
                tested_loss, accuracy = evaluate(network, validation, machine, ranks)
                position.stale += 1
                if accuracy > position.best:
                    position.best, position.stale = accuracy, 0
                    if config.patience:
                        run.best = {k: v.clone() for k, v in network.state_dict().items()}
            loss, hits, images = position.sums
            record = {
                "event": "epoch",
                "step": position.step,
                "epoch": epoch + 1,
                "lr": lr,
                "loss": loss / images,
                "accuracy": hits / images,
                "validation_loss": tested_loss,
                "validation_accuracy": accuracy,
                "images_per_second": (images - seen) / seconds,
                "seconds": perf_counter() - began,
            }
            position.history.append(record)
            position.sums = [0.0, 0.0, 0.0]
            reporter.tell(**record)
        save()

        network.load_state_dict(run.best or (ema.average if ema else network.state_dict()))
        network.classes, network.preprocessing = source.classes, preprocessing
        accuracy = position.best if run.best else position.history[-1]["validation_accuracy"]
        if ranks.first:
            models.save(network, folder.network, data=config.data, accuracy=accuracy)
    return Result(network.eval(), accuracy, position.history, folder.path)


def loss_and_hits(outputs: Any, labels: Tensor, smoothing: float) -> tuple[Tensor, Tensor]:
    """The mean cross-entropy, and how many of the images are classified right.

    ``labels`` are int64 ``(n,)`` or, after mixup, shares ``(n, num_classes)``. Auxiliary heads
    count 0.3 each (Szegedy et al., CVPR 2015, section 5).
    """
    logits, *auxiliary = outputs if isinstance(outputs, tuple) else (outputs,)
    loss = F.cross_entropy(logits.float(), labels, label_smoothing=smoothing)
    for other in auxiliary:
        loss = loss + 0.3 * F.cross_entropy(other.float(), labels, label_smoothing=smoothing)
    truth = labels.argmax(1) if labels.ndim == 2 else labels
    return loss, (logits.argmax(1) == truth).sum()


@torch.no_grad()
def evaluate(
    network: Network, loader: Loader, machine: Machine, ranks: Ranks
) -> tuple[float, float]:
    """The mean cross-entropy and the top-1 accuracy (0 … 1) over all images of ``loader``."""
    network.eval()
    sums = torch.zeros(3, device=machine.device)
    for images, labels in loader:
        with machine.autocast():
            outputs = network(images)
        loss, hits = loss_and_hits(outputs, labels, 0.0)
        sums[0] += loss * len(labels)
        sums[1] += hits
        sums[2] += len(labels)
    loss, hits, count = ranks.sum(sums).tolist()
    if not count:
        raise ValueError("not one image of the validation set can be read")
    return loss / count, hits / count
