"""Checkpoints of a Keras run: one folder for each epoch, whole or not there at all."""

import json
import logging
import os
import shutil
import warnings
from pathlib import Path
from typing import Any

import keras

log = logging.getLogger(__name__)

KEPT = 2  # should the newest be damaged, there is the one before
MARGIN = 2**20  # bytes of a checkpoint beside the numbers, and some more
WEIGHTS = "latest.weights.h5"  # as BackupAndRestore calls them; the optimizer's state is in them


class Backups:
    """The checkpoints in a folder, written and read by `keras.callbacks.BackupAndRestore`.

    That callback writes weights and the number of the epoch one after the other, in place: a run
    killed in between goes on with the weights of one epoch at the number of another. So it writes
    into a folder of its own, which is renamed when all is there, and reads from a copy.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._working = folder / "working.partial"

    def callbacks(self, history: list[dict[str, Any]]) -> list[keras.callbacks.Callback]:
        """Save each epoch, keep the last two and the best of ``history``."""

        def keep(epoch: int, logs: dict | None = None) -> None:
            os.replace(self._working, self._path(epoch + 1))
            # The one before, too, may have to know its best.
            kept = {*self._epochs()[-KEPT:], best_epoch(history), best_epoch(history[:-1])}
            self._remove(set(self._epochs()) - kept)

        return [
            Room(self.folder),
            keras.callbacks.BackupAndRestore(self._working),
            keras.callbacks.LambdaCallback(on_epoch_end=keep),
        ]

    def prepare(self, model: keras.Model) -> int:
        """Let `fit` go on from the newest undamaged checkpoint; how many epochs that has done.

        Says which checkpoints it passes over. Raises ValueError if all are damaged.
        """
        shutil.rmtree(self._working, ignore_errors=True)
        epochs = self._epochs()
        for epoch in reversed(epochs):
            try:
                self.load(model, epoch)
                json.loads((self._path(epoch) / "training_metadata.json").read_text())
            except (OSError, ValueError, KeyError, UserWarning) as error:
                if "variables whereas the saved optimizer" in str(error):
                    raise ValueError(
                        f"{self._path(epoch)} was written at a precision that kept other state in"
                        " the optimizer (float16 scales the loss); resume at that --set precision"
                    ) from None
                log.warning("%s is damaged (%s)", self._path(epoch), error)
            else:
                self._remove({other for other in epochs if other > epoch})
                shutil.copytree(self._path(epoch), self._working)
                return epoch
        if epochs:
            raise ValueError(
                f"all checkpoints in {self.folder} are damaged; delete the folder to start again"
            )
        return 0

    def load(self, model: keras.Model, epoch: int) -> None:
        """Load the weights after ``epoch`` epochs, and the optimizer's state."""
        with warnings.catch_warnings():
            # Keras warns where it should fail.
            warnings.filterwarnings("error", "Skipping variable loading")
            model.load_weights(self._path(epoch) / WEIGHTS)

    def _remove(self, epochs: set[int]) -> None:
        for epoch in epochs:
            shutil.rmtree(self._path(epoch))

    def _path(self, epoch: int) -> Path:
        return self.folder / f"epoch-{epoch:05d}"

    def _epochs(self) -> list[int]:
        return sorted(int(path.name.removeprefix("epoch-")) for path in self.folder.glob("epoch-*"))


class Room(keras.callbacks.Callback):
    """Ends a run whose next checkpoint has no room: HDF5 may crash on a full disk."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Raise OSError unless the weights and the optimizer's state fit onto the disk."""
        variables = {v.path: v for v in (*self.model.variables, *self.model.optimizer.variables)}
        needed = MARGIN + sum(v.numpy().nbytes for v in variables.values())
        free = shutil.disk_usage(self.folder.parent).free
        if free < needed:
            raise OSError(
                f"the checkpoint of epoch {epoch + 1} takes {needed / 1e6:.1f} MB, and"
                f" {self.folder} has room for {free / 1e6:.1f} MB; free some space, then go on"
                " with --resume"
            )


def best_epoch(history: list[dict[str, Any]]) -> int:
    """The first epoch, from 1, of the greatest validation accuracy; 0 where there is none."""
    accuracies = [record["validation_accuracy"] for record in history]
    return accuracies.index(max(accuracies)) + 1 if accuracies else 0


def stale(history: list[dict[str, Any]]) -> int:
    """How many epochs have passed since the best."""
    return len(history) - best_epoch(history)
