"""What a run leaves in its folder: settings, log, checkpoints and, at the end, the network.

``run.json`` holds the settings and versions, ``log.jsonl`` one JSON object a line,
``checkpoints/`` what a resumed run needs, ``model.safetensors`` what `models.load` reads.
"""

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock, Timeout

from imagenet_course import __version__
from imagenet_course.models.whole_file import whole_file
from imagenet_course.training.config import Config

# What may change when a run is resumed: the machine, and what brings a diverging run back.
FREE = {
    "device",
    "precision",
    "compile",
    "workers",
    "checkpoint_seconds",
    "lr",
    "clip_norm",
}
KERAS = ("keras", "tensorflow")


class RunFolder:
    """The folder of one run; ``create`` or ``reopen`` makes one, ``config`` reads its settings."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).expanduser()
        self.run = self.path / "run.json"
        self.log = self.path / "log.jsonl"
        self.checkpoints = self.path / "checkpoints"
        self.network = self.path / "model.safetensors"

    def create(self, config: Config) -> None:
        """Begin a new run. Raises ValueError or OSError rather than overwrite anything."""
        if self.run.exists():
            raise ValueError(
                f"{self.path} already holds a run; go on with it by --resume, or choose another"
                " --out"
            )
        new = not self.path.exists()
        try:
            self._clean()
            if self.path.is_dir() and any(self.path.iterdir()):
                raise ValueError(f"{self.path} is not empty; choose another --out")
            self.path.mkdir(parents=True, exist_ok=True)
            self._write(config)
        except OSError as error:
            if new:
                with suppress(OSError):
                    self.path.rmdir()
            raise OSError(
                f"{self.path} cannot be written to ({error.strerror or error}); choose another"
                " --out"
            ) from error

    def reopen(self, config: Config) -> None:
        """Go on with a run, by settings that may differ in what is `FREE`; see `check`."""
        self.check(config)
        self._clean()
        if not self.finished:
            self._write(config)

    @property
    def finished(self) -> bool:
        """Whether the run came to its end; resuming it trains no more."""
        return self.network.exists()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Within the ``with``, no other process trains here; ValueError where one does already."""
        lock = FileLock(self.path / "run.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise ValueError(
                f"another process is training in {self.path}; wait until it has ended, or stop it"
            ) from None
        except (OSError, NotImplementedError):
            pass  # a file system that knows no locks
        try:
            yield
        finally:
            with suppress(OSError):  # Windows deletes no open file; there, releasing it does
                Path(lock.lock_file).unlink()  # before another process can lock it
            lock.release()

    def check(self, config: Config) -> None:
        """Raise ValueError unless ``config`` can go on with this run; see `FREE`."""
        mine, theirs = self.config().to_dict(), config.to_dict()
        for name, value in theirs.items():
            if name not in FREE and mine[name] != value:
                raise ValueError(
                    f"{self.path} holds a run with {name}={mine[name]}, not {value}; resume it with"
                    " its own settings, or choose another --out"
                )

    def _write(self, config: Config) -> None:
        about = {
            "settings": config.to_dict(),
            "versions": {
                "imagenet-course": __version__,
                "torch": torch.__version__,
                "python": platform.python_version(),
                **({name: version(name) for name in KERAS} if config.framework == "keras" else {}),
            },
        }
        with whole_file(self.run) as partial:
            partial.write_text(json.dumps(about, indent=2, ensure_ascii=False), "utf-8")

    def _clean(self) -> None:
        """Remove what a killed process did not finish writing."""
        for path in self.path.glob("*.partial"):
            path.unlink()

    def config(self) -> Config:
        """The settings of the run in this folder.

        Raises FileNotFoundError if there is none, ValueError if they are damaged.
        """
        if not self.run.is_file():
            raise FileNotFoundError(
                f"{self.path} holds no run to resume; leave --resume out to begin one"
            )
        try:
            return Config(**json.loads(self.run.read_text("utf-8"))["settings"])
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(
                f"{self.run} is damaged ({error}); mend it, or begin another run"
            ) from error

    def log_size(self) -> int:
        """The length of the log in bytes, which a checkpoint holds."""
        return self.log.stat().st_size if self.log.exists() else 0

    def rewind_log(self, size: int) -> None:
        """Cut off what was logged after a checkpoint: the resumed run will log it again."""
        if self.log_size() > size:
            os.truncate(self.log, size)

    def rewind_epochs(self, epochs: int) -> list[dict[str, Any]]:
        """Cut off what was logged after so many epochs; the records of those epochs."""
        history, position, size = [], 0, 0
        for line in self.log.read_bytes().splitlines(keepends=True) if epochs else []:
            position += len(line)
            record = json.loads(line)
            if record["event"] == "epoch":
                history.append(record)
                size = position
            if len(history) == epochs:
                break
        self.rewind_log(size)
        return history

    def append_log(self, **record: Any) -> None:
        """Add a line to the log."""
        with self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
