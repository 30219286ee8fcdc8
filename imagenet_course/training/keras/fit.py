"""The training of `imagenet_course.training.loop` by Keras: ``compile``, ``fit``, callbacks.

>>> from imagenet_course.training.keras import train
>>> from imagenet_course.training.recipes import recipe
>>> result = train(recipe("small", data="digits", model="lenet5"), "runs/digits")
>>> result.accuracy
"""

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
import torch

from imagenet_course import models
from imagenet_course.models import Network
from imagenet_course.models.keras import from_keras, to_keras
from imagenet_course.training import randomness
from imagenet_course.training.config import Config
from imagenet_course.training.device import Machine as TorchMachine
from imagenet_course.training.distributed import Ranks
from imagenet_course.training.failures import memory_explained
from imagenet_course.training.interrupt import Interrupt
from imagenet_course.training.keras import device, optimizers
from imagenet_course.training.keras.backups import Backups, best_epoch, stale
from imagenet_course.training.keras.batches import Batches
from imagenet_course.training.keras.callbacks import EmaWarmup, Watch
from imagenet_course.training.run_folder import RunFolder
from imagenet_course.training.sources import Source, loaders, network_for, open_source
from imagenet_course.training.watch import Bar, Reporter, Watcher

LOADING = TorchMachine(torch.device("cpu"), torch.float32, channels_last=True, reasons=())


@dataclass(frozen=True)
class Result:
    """The trained model, its validation accuracy (0 … 1), and a record of every epoch."""

    model: keras.Model
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
    callbacks: Sequence[keras.callbacks.Callback] = (),
    progress: bool = True,
    watchers: Sequence[Watcher] = (),
    interrupt: Interrupt | None = None,
) -> Result:
    """Train a network with Keras; leave in the folder ``out`` what the PyTorch loop leaves there.

    It starts from the same weights as the PyTorch loop, sees the same batches, and takes the same
    steps; in float32 the losses of both agree until rounding has grown. The differences: Keras
    compiles with XLA where ``config.compile`` asks for it, averages weights as `EmaWarmup` says,
    estimates running variances as `imagenet_course.models.keras.bridge` says, and with
    ``accumulate`` leaves the last batches of an epoch out where they do not make up a whole step.

    Checkpoints are made at the end of each epoch, whatever ``checkpoint_seconds``; a run that was
    cut off goes on from there with ``resume``, and repeats the epoch it was in.

    ``network``, ``source``, ``watchers`` and ``interrupt`` are those of the PyTorch loop; frozen
    layers stay frozen. ``callbacks`` are more of Keras', such as ``keras.callbacks.TensorBoard``.

    Raises:
        ValueError, OSError: for wrong input, and for what Keras cannot do, in one sentence.
        Diverged, OutOfMemory, Interrupted: as in the PyTorch loop.
    """
    config = config.changed(framework="keras")
    machine = device.choose(config.device, config.precision)
    randomness.seed(config.seed)
    source = source or open_source(config)
    network = network_for(source, config) if network is None else network
    _refuse(config, network)
    training, validation, preprocessing = loaders(source, config, network, LOADING, Ranks())
    steps_per_epoch = len(training) // config.accumulate
    if not steps_per_epoch:
        raise ValueError(
            f"an epoch has {len(training)} batches, too few for a step of"
            f" accumulate={config.accumulate}; use --set accumulate={len(training)} or less"
        )
    images_per_epoch = steps_per_epoch * config.accumulate * config.batch_size
    schedule = optimizers.Schedule(config, steps_per_epoch)

    with tf.device(machine.device):
        keras.utils.set_random_seed(config.seed % 2**32)  # of dropout
        with _precision(machine.policy):
            model = _mirrored(network, preprocessing.crop)
        optimizer = optimizers.build(model, config, schedule)
        heads = range(len(model.outputs))
        model.compile(
            optimizer,
            loss=[_cross_entropy(keras.losses, label_smoothing=config.label_smoothing)]
            * len(heads),
            loss_weights=[0.3 if head else 1.0 for head in heads],  # as loop.loss_and_hits has them
            metrics=[[] if head else _measures() for head in heads],
            jit_compile=config.compile,
        )
        averaging = []
        if config.ema:
            averaging = [EmaWarmup(config, optimizer, schedule), keras.callbacks.SwapEMAWeights()]
        batches = Batches(training, model, steps_per_epoch * config.accumulate)
        tested = Batches(validation, model)

        folder = RunFolder(out)
        folder.reopen(config) if resume else folder.create(config)
        with folder.held():
            backups = Backups(folder.checkpoints)
            done = backups.prepare(model)
            history = folder.rewind_epochs(done)
            watchers = [*([Bar(config.epochs, images_per_epoch)] if progress else []), *watchers]
            reporter = Reporter(folder, watchers, silent=False)
            interrupt = interrupt or Interrupt(folder.path)
            reporter.tell(
                "resume" if done else "start",
                done * steps_per_epoch,
                epoch=float(done),
                epochs=config.epochs,
                machine=list(machine.reasons),
            )
            stopped = config.patience and stale(history) >= config.patience
            with (
                batches,
                tested,
                reporter,
                interrupt,
                memory_explained(config),
                _explained(batches, tested),
            ):
                watch = Watch(config, reporter, training, network, schedule, history, interrupt)
                model.fit(
                    batches.dataset,
                    epochs=done if stopped else config.epochs,
                    validation_data=tested.dataset,
                    callbacks=[watch, *backups.callbacks(history), *averaging, *callbacks],
                    shuffle=False,  # the loader does
                    verbose=0,
                )
            record = history[-1]
            if config.patience:
                backups.load(model, best_epoch(history))
                optimizer.finalize_variable_values(model.trainable_variables)  # their average
                record = history[best_epoch(history) - 1]

    from_keras(model, network)
    network.classes, network.preprocessing = source.classes, preprocessing
    accuracy = record["validation_accuracy"]
    models.save(network, folder.network, data=config.data, accuracy=accuracy)
    return Result(model, accuracy, history, folder.path)


def _refuse(config: Config, network: Network) -> None:
    """Raise ValueError, in one sentence, for what a recipe asks for and Keras does not do here."""
    if int(os.environ.get("WORLD_SIZE", 1)) > 1 and "LOCAL_RANK" in os.environ:
        raise ValueError(
            "Keras trains in one process here, without torchrun; use --set framework=pytorch for"
            " several"
        )
    if config.sync_batch_norm:
        raise ValueError(
            "sync_batch_norm is for several processes, and Keras trains in one here; use"
            " --set sync_batch_norm=false or --set framework=pytorch"
        )
    size = config.size or network.input_size
    if config.validation_size not in (None, size):
        raise ValueError(
            f"a Keras network takes images of one size, but validation_size is"
            f" {config.validation_size} and size is {size}; use --set validation_size={size} or"
            " --set framework=pytorch"
        )


def _mirrored(network: Network, size: int) -> keras.Model:
    """``network`` in Keras, with the same weights, frozen where it is frozen."""
    model = to_keras(network, input_size=size)
    for name, module in network.named_modules():
        weights = list(module.parameters(recurse=False))
        if weights and not any(weight.requires_grad for weight in weights):
            model.get_layer(name).trainable = False
    return model


@contextmanager
def _precision(policy: str) -> Iterator[None]:
    """Within the ``with``, layers are built to compute in ``policy``."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _cross_entropy(kind: Any, **options: Any) -> Any:
    return kind.CategoricalCrossentropy(from_logits=True, name="cross_entropy", **options)


def _measures() -> list[keras.Metric]:
    # The loss without label smoothing, which is what the PyTorch loop reports of validation.
    return [keras.metrics.CategoricalAccuracy(name="accuracy"), _cross_entropy(keras.metrics)]


@contextmanager
def _explained(*sources: Batches) -> Iterator[None]:
    """Within the ``with``, TensorFlow's errors become those that caused them."""
    try:
        with warnings.catch_warnings():
            # Batches of broken images are left out, so the length of validation is not promised.
            warnings.filterwarnings("ignore", "Your input ran out of data")
            yield
    except tf.errors.ResourceExhaustedError as error:
        raise MemoryError(str(error)) from error
    except tf.errors.OpError:
        for batches in sources:
            if batches.error is not None:
                raise batches.error from None
        raise
