"""SIGTERM, Ctrl-C or a word from another thread end a run after the step at hand."""

import os
import shlex
import signal
import threading
from pathlib import Path
from types import FrameType, TracebackType


class Interrupted(Exception):
    """A run was ended before its time; the message says how to go on.

    ``signal`` is the signal that ended it, None where it was asked to by `Interrupt.stop`;
    ``when`` is what was saved.
    """

    def __init__(self, number: signal.Signals | None, when: str, folder: Path) -> None:
        by = f" by {number.name}" if number else ""
        processes = os.environ.get("LOCAL_WORLD_SIZE", "1")
        torchrun = f"torchrun --nproc-per-node {processes} --no-python " if processes != "1" else ""
        super().__init__(
            f"stopped{by}, {when}; go on with:"
            f" {torchrun}imagenet-course train --out {shlex.quote(str(folder))} --resume"
        )
        self.signal = number
        self.when = when


class Interrupt:
    """Within ``with interrupt:``, ``interrupt.requested`` is whether a run is to end.

    A second signal acts at once, as it would without us. Only the main thread receives signals; in
    others nothing is changed, and ``stop`` takes their place. Where the signal has also reached the
    loader's workers, the error of their death becomes `Interrupted`, too: what was saved last is
    then what there is.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.requested = False
        self.signal: signal.Signals | None = None
        self._before: dict[signal.Signals, object] = {}

    def stop(self) -> None:
        """End the run as a signal would; may be called from any thread, at any time."""
        self.requested = True

    def stopped(self, step: int) -> Interrupted:
        """The exception for a run that was saved after ``step`` steps."""
        # The request may have come to another of the processes.
        number = self.signal if self.requested else signal.SIGTERM
        return Interrupted(number, f"saved after step {step}", self.folder)

    def __enter__(self) -> "Interrupt":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._receive)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self.signal and isinstance(error, RuntimeError):
            raise Interrupted(self.signal, "at its last checkpoint", self.folder) from error

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.requested, self.signal = True, signal.Signals(number)
        signal.signal(number, self._before[self.signal] or signal.SIG_DFL)
