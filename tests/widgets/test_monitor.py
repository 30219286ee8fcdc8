"""The monitor trains in the background, shows how it goes, and its button stops it for good."""

import json
import re
import time
from base64 import b64decode
from io import BytesIO

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from imagenet_course.training.config import Config
from imagenet_course.training.interrupt import Interrupted
from imagenet_course.training.log import read_log
from imagenet_course.training.loop import train
from imagenet_course.widgets import TrainingMonitor

CONFIG = Config(data="digits", epochs=3, batch_size=4, lr=0.02, precision="float32")
LIMIT = 120  # seconds in which a cell is to end


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The weights of a run that nothing watched or stopped."""
    out = tmp_path_factory.mktemp("whole") / "run"
    train(CONFIG, out, progress=False)
    return load_file(out / "model.safetensors")


def same(out, weights):
    found = load_file(out / "model.safetensors")
    return all(torch.equal(found[key], value) for key, value in weights.items())


def picture(html):
    """The image in a piece of HTML."""
    (data,) = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    return Image.open(BytesIO(b64decode(data))).convert("RGB")


def test_it_trains_to_the_end_as_train_does(tmp_path, whole):
    seen = []
    monitor = TrainingMonitor(CONFIG, tmp_path / "run", watchers=[seen.append])
    assert monitor.running
    assert monitor.result is None
    result = monitor.wait()
    assert monitor.result is result
    assert not monitor.running
    assert same(tmp_path / "run", whole)
    assert seen == monitor.records == read_log(tmp_path / "run")
    assert f"finished, validation accuracy {result.accuracy:.1%}" in monitor.line.value
    assert (monitor.stop_button.disabled, monitor.stop_button.description) == (True, "Finished")
    assert monitor.progress.value == monitor.progress.max == 3
    shown = picture(monitor.picture.value)
    assert len(shown.getcolors(1 << 24)) > 50  # the curves, not an empty frame


def test_the_button_stops_and_another_monitor_goes_on_to_the_same_weights(tmp_path, whole):
    out = tmp_path / "run's"
    monitor = TrainingMonitor(CONFIG, out)
    while not monitor.records:
        time.sleep(0.01)
    monitor.stop_button.click()
    with pytest.raises(Interrupted, match="saved after step"):
        monitor.wait()
    assert "Stopped, saved after step" in monitor.line.value
    assert "resume=True)" in monitor.line.value
    assert not (out / "model.safetensors").exists()
    again = TrainingMonitor(CONFIG, out, resume=True)
    assert again.wait().history[-1]["epoch"] == 3
    assert same(out, whole)
    assert again.records == read_log(out)


def test_keras_is_stopped_by_the_button_and_goes_on_too(tmp_path):
    pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
    config, out = CONFIG.changed(framework="keras", batch_size=8), tmp_path / "run"
    monitor = TrainingMonitor(config, out)
    while monitor.running and not any(r["event"] == "epoch" for r in monitor.records):
        time.sleep(0.01)
    monitor.stop_button.click()
    with pytest.raises(Interrupted, match=r"saved after epoch [12]"):
        monitor.wait()
    assert "Stopped, saved after epoch" in monitor.line.value
    assert not (out / "model.safetensors").exists()
    assert len(picture(monitor.picture.value).getcolors(1 << 24)) > 50
    again = TrainingMonitor(config, out, resume=True)
    result = again.wait()
    assert [record["epoch"] for record in result.history] == [1, 2, 3]
    assert f"finished, validation accuracy {result.accuracy:.1%}" in again.line.value
    assert again.records == read_log(out)


def test_curves_that_cannot_be_drawn_hide_nothing_else(tmp_path, monkeypatch):
    def fail(*_):
        raise RuntimeError("no <font>")

    monkeypatch.setattr("imagenet_course.viz.training.draw_curves", fail)
    monitor = TrainingMonitor(CONFIG.changed(epochs=1), tmp_path / "run")
    result = monitor.wait()
    assert f"finished, validation accuracy {result.accuracy:.1%}" in monitor.line.value
    assert monitor.stop_button.description == "Finished"
    assert "cannot be drawn: RuntimeError: no &lt;font&gt;" in monitor.picture.value


def test_an_error_is_shown_as_its_sentence(tmp_path):
    monitor = TrainingMonitor(CONFIG.changed(model="lenet6"), tmp_path / "run")
    with pytest.raises(ValueError, match="did you mean 'lenet5'"):
        monitor.wait()
    assert "unknown model &#x27;lenet6&#x27;; did you mean" in monitor.line.value
    assert monitor.stop_button.disabled
    assert "lenet6" in repr(monitor)
    assert not (tmp_path / "run").exists()


class Notebook:
    """A kernel in a process of its own, spoken to as JupyterLab speaks to it."""

    def __init__(self, manager, client):
        self.manager, self.client = manager, client
        self.outputs: dict[str, dict] = {}  # what a page shows, by display_id
        self.errors, self.states = [], {}

    def run(self, code, wait=True):
        number = self.client.execute(code)
        if wait:
            self.until(lambda m: m["msg_type"] == "status" and _idle(m, number))
        return number

    def send(self, model, content):
        message = self.client.session.msg(
            "comm_msg", {"comm_id": model, "data": {"method": "custom", "content": content}}
        )
        self.client.shell_channel.send(message)

    def until(self, wanted):
        end = time.monotonic() + LIMIT
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.1, end - time.monotonic()))
            content = message["content"]
            match message["msg_type"]:
                case "display_data" | "update_display_data" if "display_id" in content["transient"]:
                    self.outputs[content["transient"]["display_id"]] = content["data"]
                case "error":
                    self.errors.append(f"{content['ename']}: {content['evalue']}")
                case "comm_open":
                    self.states[content["comm_id"]] = content["data"]["state"]
                case "comm_msg" if content["data"].get("method") == "update":
                    self.states[content["comm_id"]].update(content["data"]["state"])
            if wanted(message):
                return message

    def model(self, **traits):
        """The id of the only widget with these traits."""
        (found,) = (
            i for i, s in self.states.items() if all(s.get(k) == v for k, v in traits.items())
        )
        return found


def _idle(message, number):
    ended = message["content"]["execution_state"] == "idle"
    return ended and message["parent_header"].get("msg_id") == number


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    jupyter = pytest.importorskip("jupyter_client.manager")
    for name in ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    manager, client = jupyter.start_new_kernel(startup_timeout=LIMIT)
    yield Notebook(manager, client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_the_button_in_a_notebook_stops_training_while_other_cells_run(notebook, tmp_path, whole):
    out, settings = tmp_path / "run", json.dumps(CONFIG.to_dict())
    notebook.run(
        "import json\n"
        "from imagenet_course.training.config import Config\n"
        "from imagenet_course.widgets import TrainingMonitor\n"
        f"config = Config(**json.loads({settings!r}))\n"
        f"monitor = TrainingMonitor(config, {str(out)!r})\n"
        "monitor"
    )
    assert notebook.errors == []
    (shown,) = notebook.outputs.values()
    view = shown["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert view in notebook.states
    while not ((out / "log.jsonl").exists() and len(read_log(out)) > 5):
        notebook.run("assert monitor.running")  # the notebook stays usable
    notebook.send(notebook.model(description="Stop"), {"event": "click"})
    notebook.until(lambda _: any("Stopped," in d["text/html"] for d in notebook.outputs.values()))
    assert any(s.get("description") == "Stopped" for s in notebook.states.values())

    # What a page without a kernel shows of the cell is what is stored with the notebook.
    (stored,) = notebook.outputs.values()
    assert "Stopped, saved after step" in stored["text/html"]
    assert picture(stored["text/html"]).width > 500
    assert read_log(out)[-1]["why"].startswith("stopped, saved after step")
    (step,) = {int(path.stem[5:]) for path in out.glob("checkpoints/*.json")}
    assert 0 < step < 3 * 315
    assert not (out / "model.safetensors").exists()

    notebook.run(f"monitor = TrainingMonitor(config, {str(out)!r}, resume=True); monitor")
    notebook.run("assert monitor.wait().history[-1]['epoch'] == 3")
    assert notebook.errors == []
    assert same(out, whole)
    assert read_log(out)[-1]["why"] == "finished"

    # Interrupting the kernel while a cell waits does what the button does.
    other = tmp_path / "other"
    waiting = notebook.run(f"TrainingMonitor(config, {str(other)!r}).wait()", wait=False)
    while not (other / "log.jsonl").exists():
        time.sleep(0.05)
    notebook.manager.interrupt_kernel()
    notebook.until(lambda m: m["msg_type"] == "status" and _idle(m, waiting))
    (error,) = notebook.errors
    assert error.startswith("Interrupted: stopped, saved after step")
    assert len(list(other.glob("checkpoints/*.json"))) == 1
