"""Train in a notebook, and see how it goes while other cells run.

>>> monitor = TrainingMonitor(config, "runs/digits")
>>> monitor  # shows curves, a line on the progress, and a button that stops
>>> monitor.wait().accuracy  # where the next cell needs the trained network
"""

import atexit
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets

if TYPE_CHECKING:
    from imagenet_course.models import Network
    from imagenet_course.training.config import Config
    from imagenet_course.training.loop import Result
    from imagenet_course.training.sources import Source
    from imagenet_course.training.watch import Watcher

SECONDS_TO_LEAVE = 4.0  # Jupyter kills a kernel five seconds after it asked it to end
MOST_DRAWING = 0.1  # share of the time that may go into pictures


class TrainingMonitor:
    """Trains in a thread of its own, from its making on; shown in a notebook, it is a live view.

    Training in the cell itself would keep the kernel from hearing the button. Stopping saves a
    checkpoint, and so does a restart of the kernel if the step at hand ends in time;
    ``resume=True`` goes on from it. The arguments are those of `training.loop.train`; what that
    raises is shown, and raised by `wait`. Cells that draw from the global random generators in the
    meantime change what dropout draws.

    In a page without a kernel it is a picture of the curves with the last state of the line.
    """

    def __init__(
        self,
        config: "Config",
        out: str | Path,
        *,
        resume: bool = False,
        network: "Network | None" = None,
        source: "Source | None" = None,
        watchers: "Sequence[Watcher]" = (),
    ) -> None:
        from imagenet_course.training.interrupt import Interrupt

        self.config = config
        self.out = Path(out).expanduser()
        self.records: list[dict[str, Any]] = []
        self.result: Result | None = None
        self.error: BaseException | None = None
        self._options = {"resume": resume, "network": network, "source": source}
        self._watchers = [self._hear, *watchers]
        self._interrupt = Interrupt(self.out)
        self._displays: list[Any] = []
        self._drawn, self._picture_html = 0, ""

        self.stop_button = ipywidgets.Button(
            description="Stop", icon="stop", tooltip="Save a checkpoint and stop training"
        )
        self.stop_button.on_click(lambda _: self.stop())
        self.progress = ipywidgets.FloatProgress(max=config.epochs, layout={"width": "100%"})
        self.line = ipywidgets.HTML(self._line_html())
        self.picture = ipywidgets.HTML()
        bar = ipywidgets.HBox([self.stop_button, self.progress], layout={"align_items": "center"})
        self.view = ipywidgets.VBox([bar, self.line, self.picture])

        self._training = threading.Thread(target=self._train, name="training", daemon=True)
        self._drawing = threading.Thread(target=self._follow, name="monitor", daemon=True)
        atexit.register(self._leave)
        self._training.start()
        self._drawing.start()

    @property
    def running(self) -> bool:
        """Whether the network is being trained."""
        return self._training.is_alive()

    def stop(self) -> None:
        """Ask training to save a checkpoint and end, as the button and Ctrl-C do."""
        self._interrupt.stop()
        self.stop_button.disabled = True
        if self.running:
            self.stop_button.description = "Stopping …"

    def wait(self) -> "Result":
        """The result, once training has ended; raises what it raised.

        In the meantime the kernel hears no button, as the button then says; interrupting the
        kernel (■) stops training, too.
        """
        if self.running:
            self.stop_button.disabled = True
            self.stop_button.description, self.stop_button.icon = "Stop with ■", ""
            self.stop_button.tooltip = "A cell waits for the result: interrupt the kernel to stop"
        while self.running or self._drawing.is_alive():
            try:
                self._drawing.join(0.2)  # Windows does not interrupt a wait without end
            except KeyboardInterrupt:
                self.stop()
        if self.error is not None:
            raise self.error
        return self.result

    def _train(self) -> None:
        try:
            if self.config.framework == "keras":
                from imagenet_course.training.keras import train
            else:
                from imagenet_course.training.loop import train
            self.result = train(
                self.config,
                self.out,
                progress=False,
                watchers=self._watchers,
                interrupt=self._interrupt,
                **self._options,
            )
        except BaseException as error:
            self.error = error

    def _hear(self, record: dict[str, Any]) -> None:
        if record["event"] == "resume":
            from imagenet_course.training.log import read_log

            self.records.extend(read_log(self.out)[:-1])
        self.records.append(record)

    def _follow(self) -> None:
        """Show what has been heard, the line every second and the picture as often as it may."""
        from imagenet_course.viz.training import draw_curves  # noqa: F401 - takes a while

        due = 0.0
        while self.running:
            self._training.join(1.0)
            self._show_line()
            if time.monotonic() >= due:
                began = time.thread_time()
                self._show_picture()
                due = time.monotonic() + (time.thread_time() - began) / MOST_DRAWING
        self.stop_button.disabled = True
        self.stop_button.description = "Stopped" if self.error else "Finished"
        self.stop_button.icon = "" if self.error else "check"
        self._show_line()
        self._show_picture()
        for display in self._displays:
            display.update(self._mimebundle(), raw=True)
        atexit.unregister(self._leave)

    def _show_line(self) -> None:
        self.line.value = self._line_html()
        if told := [r for r in self.records if "epoch" in r]:
            self.progress.value = told[-1]["epoch"]

    def _show_picture(self) -> None:
        drawn = sum(r["event"] in ("step", "epoch") for r in self.records)
        if drawn > self._drawn:
            self._drawn = drawn
            try:
                self._picture_html = self._curves_html()
            except Exception as error:  # the run is to be watched and stopped all the same
                reason = f"the curves cannot be drawn: {type(error).__name__}: {error}"
                self._picture_html = f"<p>{escape(reason)}</p>"
            self.picture.value = self._picture_html

    def _line_html(self) -> str:
        """Where the run is, or how it ended, in one line."""
        color, text = "inherit", self._progress()
        if self.error is not None:
            color, text = "#D55E00", self._reason()
        return f'<p style="color: {color}; line-height: 1.4; margin: 4px 0">{escape(text)}</p>'

    def _reason(self) -> str:
        from imagenet_course.training.interrupt import Interrupted

        if isinstance(self.error, Interrupted):
            call = f"TrainingMonitor(config, {str(self.out)!r}, resume=True)"
            return f"Stopped, {self.error.when}; go on with: {call}"
        return str(self.error) or type(self.error).__name__

    def _progress(self) -> str:
        steps = [r for r in self.records if r["event"] == "step"]
        tests = [r for r in self.records if r["event"] == "epoch"]
        begun = next((r for r in reversed(self.records) if r["event"] in ("start", "resume")), None)
        if begun is None:
            return f"preparing {self.config.data} and {self.config.model}"
        parts = []
        if steps:
            last = steps[-1]
            at = min(int(last["epoch"] - 1e-9) + 1, self.config.epochs)
            parts += [f"epoch {at}/{self.config.epochs}", f"step {last['step']:,}"]
            parts += [f"loss {last['loss']:.3f}", f"accuracy {last['accuracy']:.1%}"]
        if tests:
            parts += [f"validation {tests[-1]['validation_accuracy']:.1%}"]
            parts += [f"{tests[-1]['images_per_second']:,.0f} images/s"]
        if self.result is not None:
            parts = [f"finished, validation accuracy {self.result.accuracy:.1%}", f"{self.out}"]
        elif steps and (done := last["epoch"] - begun["epoch"]) > 0:
            left = (last["time"] - begun["time"]) * (self.config.epochs - last["epoch"]) / done
            parts += [f"{int(left) // 60}:{int(left) % 60:02d} left"]
        return " · ".join(parts) or f"training on {', '.join(begun['machine'][:1])}"

    def _curves_html(self) -> str:
        # Without pyplot, which may draw for a cell at the same time.
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        from imagenet_course.viz.training import draw_curves

        figure = Figure(figsize=(9, 2.9), dpi=100, layout="constrained", facecolor="white")
        FigureCanvasAgg(figure)
        draw_curves(figure, {self.out.name: self.records})
        png = BytesIO()
        figure.savefig(png, format="png")
        alt = f"Curves of loss, accuracy and learning rate. {self._progress()}"
        return (
            f'<img style="max-width: 100%; height: auto" alt="{escape(alt)}"'
            f' src="data:image/png;base64,{b64encode(png.getvalue()).decode()}">'
        )

    def _mimebundle(self) -> dict[str, Any]:
        bundle: dict[str, Any] = {
            "text/plain": repr(self),
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self.view.model_id,
            },
        }
        if "google.colab" not in sys.modules:  # see `CourseWidget`
            bundle["text/html"] = self._line_html() + self._picture_html
        return bundle

    def _ipython_display_(self) -> None:
        from IPython.display import display

        # The handle lets the output that is stored with the notebook become that of the end.
        handle = display(self._mimebundle(), raw=True, display_id=True)
        if self._drawing.is_alive() and handle is not None:
            self._displays.append(handle)

    def __repr__(self) -> str:
        state = self._reason() if self.error else self._progress()
        return f"<TrainingMonitor of {self.out}: {state}>"

    def _leave(self) -> None:
        self._interrupt.stop()
        self._training.join(SECONDS_TO_LEAVE)
