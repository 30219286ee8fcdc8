"""What accompanies ``fit``: the log and the checks of the PyTorch loop, and its average."""

from time import perf_counter
from typing import Any

import keras

from imagenet_course.data.loader import Loader
from imagenet_course.models import Network
from imagenet_course.models.keras import from_keras
from imagenet_course.training import failures
from imagenet_course.training.config import Config
from imagenet_course.training.interrupt import Interrupt, Interrupted
from imagenet_course.training.keras.backups import stale
from imagenet_course.training.keras.optimizers import Schedule
from imagenet_course.training.watch import Reporter

WATCH = 20  # steps between looks at the loss


class Watch(keras.callbacks.Callback):
    """Logs what the PyTorch loop logs, and stops a run where that would.

    Keras' own `TerminateOnNaN` gives no diagnosis and lets weights that are lost be saved;
    `EarlyStopping` forgets its best epoch when a run is resumed. ``history``, a record for each
    epoch, remembers it.
    """

    def __init__(
        self,
        config: Config,
        reporter: Reporter,
        loader: Loader,
        network: Network,
        schedule: Schedule,
        history: list[dict[str, Any]],
        interrupt: Interrupt,
    ) -> None:
        super().__init__()
        self.config = config
        self.reporter = reporter
        self.loader = loader
        self.network = network  # in PyTorch; its tensors have the names that a diagnosis gives
        self.schedule = schedule
        self.history = history
        self.interrupt = interrupt

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.loader.set_epoch(epoch)
        self._before = epoch * self.schedule.steps_per_epoch
        self._seen = (0, 0.0, 0.0)  # batches, and their sums of losses and accuracies
        self._began = perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        if self.interrupt.requested:
            epochs = len(self.history)
            when = f"saved after epoch {epochs}" if epochs else "before an epoch was saved"
            raise Interrupted(self.interrupt.signal, when, self.interrupt.folder)
        self._trained = perf_counter() - self._began
        step, between = divmod(batch + 1, self.config.accumulate)
        if not between and (step % WATCH == 0 or step == self.schedule.steps_per_epoch):
            self._look(self._before + step, batch + 1, logs)

    def _look(self, step: int, batches: int, logs: dict) -> None:
        """Log the means since the last look; Keras gives those since the epoch began."""
        sums = (batches, batches * logs["loss"], batches * self._of(logs, "accuracy"))
        count, loss, hits = (now - then for now, then in zip(sums, self._seen, strict=True))
        self._seen = sums
        self._check(step, loss / count)
        self.reporter.tell(
            "step",
            step,
            epoch=step / self.schedule.steps_per_epoch,
            lr=self.schedule.table[step - 1],
            loss=loss / count,
            accuracy=hits / count,
        )

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        step = self._before + self.schedule.steps_per_epoch
        tested = self._of(logs, "cross_entropy", "val_")
        self._check(step, tested)
        record = {
            "event": "epoch",
            "step": step,
            "epoch": epoch + 1,
            "lr": self.schedule.table[step - 1],
            "loss": logs["loss"],
            "accuracy": self._of(logs, "accuracy"),
            "validation_loss": tested,
            "validation_accuracy": self._of(logs, "accuracy", "val_"),
            "images_per_second": self._seen[0] * self.config.batch_size / self._trained,
            "seconds": perf_counter() - self._began,
        }
        self.history.append(record)
        self.reporter.tell(**record)
        if self.config.patience and stale(self.history) >= self.config.patience:
            self.model.stop_training = True

    def _check(self, step: int, loss: float) -> None:
        if failures.lost(loss):
            network = from_keras(self.model, self.network)
            raise failures.diverged(network, self.config, step, loss, self.interrupt.folder)

    def _of(self, logs: dict, name: str, prefix: str = "") -> float:
        """A measure of the main output, whose name Keras prefixes where there are others."""
        if len(self.model.outputs) > 1:
            name = f"{self.model.output_names[0]}_{name}"
        return logs[prefix + name]


class EmaWarmup(keras.callbacks.Callback):
    """Lets Keras' average of weights be that of `imagenet_course.training.optim.Ema`.

    Its decay in step t is (1 + t) / (10 + t) until that exceeds ``config.ema``; with a constant one
    the average of a short run would consist of untrained weights. Between the batches whose
    gradients make up one step it is 1. Keras averages weights, but not the running statistics of
    batch normalization, which stay the latest.
    """

    def __init__(self, config: Config, optimizer: keras.Optimizer, schedule: Schedule) -> None:
        super().__init__()
        self.config, self.schedule = config, schedule
        # The graph reads the variable, where it would hold a number fast.
        self.decay = optimizer.ema_momentum = keras.Variable(config.ema, trainable=False)

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._before = epoch * self.schedule.steps_per_epoch

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        step, between = divmod(batch + 1, self.config.accumulate)
        t = self._before + step
        self.decay.assign(1.0 if between else min(self.config.ema, (1 + t) / (10 + t)))
