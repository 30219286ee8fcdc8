"""Checkpoints: all that a run is at one step, so that it goes on as if it had never stopped."""

import logging
from pathlib import Path
from typing import Any

from imagenet_course.training import state_file

log = logging.getLogger(__name__)

KEPT = 2  # checkpoints; should the newest be damaged, there is the one before


class Checkpoints:
    """The checkpoints in a folder, named by the number of steps done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, step: int, state: dict[str, Any]) -> None:
        """Write a checkpoint, then remove those older than the last two.

        Raises OSError where it cannot be written; the earlier checkpoints are then untouched.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            state_file.write(self.folder / f"step-{step:09d}", state)
        except OSError as error:
            raise OSError(
                f"the checkpoint of step {step} cannot be written ({error}); free some space or"
                f" mend {self.folder}; earlier checkpoints are untouched"
            ) from error
        self._keep(self._steps()[-KEPT:])

    def drop_after(self, step: int) -> None:
        """Remove the checkpoints of later steps, which are known to be no good."""
        self._keep([path for path in self._steps() if int(path.stem.removeprefix("step-")) <= step])

    def _keep(self, checkpoints: list[Path]) -> None:
        if not self.folder.is_dir():
            return
        whole = {path.stem for path in checkpoints}
        for path in self.folder.iterdir():  # partial files of killed runs, too
            if path.suffix == ".partial" or path.stem not in whole:
                path.unlink()

    def load(self) -> dict[str, Any] | None:
        """The newest undamaged checkpoint, or None if there is not any yet.

        Says which checkpoints it passes over. Raises ValueError if all are damaged.
        """
        damaged = []
        for path in reversed(self._steps()):
            try:
                state = state_file.read(path.with_suffix(""))
            except ValueError as error:
                log.warning("%s; going back to the checkpoint before", error)
                damaged.append(path.stem)
            else:
                if damaged:
                    log.warning("resuming from %s", path.stem)
                return state
        if damaged:
            raise ValueError(
                f"all checkpoints in {self.folder} are damaged ({', '.join(damaged)}); delete the"
                " folder to start again"
            )
        return None

    def _steps(self) -> list[Path]:
        """The JSON files, which are written last: oldest first."""
        return sorted(self.folder.glob("step-*.json"))
