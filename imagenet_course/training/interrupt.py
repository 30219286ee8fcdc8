"""SIGTERM and Ctrl-C end a run after the step at hand, not in the middle of it."""

import signal
import threading
from types import FrameType


class Interrupt:
    """Within ``with Interrupt() as interrupt``, ``interrupt.signal`` is the signal received.

    A second one acts at once, as it would without us. Only the main thread receives signals; in
    others, and where a signal does not exist, nothing is changed.
    """

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> "Interrupt":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._receive)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.signal = signal.Signals(number)
        signal.signal(number, self._before[self.signal] or signal.SIG_DFL)
