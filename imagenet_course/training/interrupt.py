"""SIGTERM and Ctrl-C end a run after the step at hand, not in the middle of it."""

import shlex
import signal
import threading
from pathlib import Path
from types import FrameType, TracebackType


class Interrupted(Exception):
    """A signal ended the run; the message says how to go on."""

    def __init__(self, number: signal.Signals, when: str, folder: Path) -> None:
        super().__init__(
            f"stopped by {number.name}, {when}; go on with:"
            f" imagenet-course train --out {shlex.quote(str(folder))} --resume"
        )
        self.signal = number


class Interrupt:
    """Within ``with Interrupt(folder) as interrupt``, ``interrupt.signal`` is the signal received.

    A second one acts at once, as it would without us. Only the main thread receives signals; in
    others nothing is changed. Where the signal has also reached the loader's workers, the error of
    their death becomes `Interrupted`, too: what was saved last is then what there is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.signal: signal.Signals | None = None
        self._before: dict[signal.Signals, object] = {}

    def stopped(self, step: int) -> Interrupted:
        """The exception for a run that was saved after ``step`` steps."""
        number = self.signal or signal.SIGTERM  # it may have come to another of the processes
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
        self.signal = signal.Signals(number)
        signal.signal(number, self._before[self.signal] or signal.SIG_DFL)
