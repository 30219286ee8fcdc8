"""Widgets in a running JupyterLab: the page and the kernel see each other's changes."""

import json
import os
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from urllib.error import URLError
from urllib.request import urlopen

import pytest

EXPLORER = [
    "from imagenet_course.widgets import ConvolutionExplorer\n"
    "explorer = ConvolutionExplorer(kernel='Sobel x')\n"
    "explorer",
    "explorer.padding = 1\nprint('seen:', explorer.kernel[0], explorer.stride, explorer.position)",
]
MONITOR = [
    "from imagenet_course.training.recipes import recipe\n"
    "from imagenet_course.widgets import TrainingMonitor\n"
    "config = recipe('small', data='digits', model='lenet5', epochs=100_000)\n"
    "monitor = TrainingMonitor(config, 'run')\n"
    "monitor",
    "monitor.wait()",
]
START_SECONDS = 60

KERNEL_READY = """async () => {
  const notebook = jupyterapp.shell.currentWidget;
  await notebook.revealed;
  await notebook.sessionContext.ready;
  await notebook.sessionContext.session.kernel.info;
}"""
RUN_CELL = """index => {
  jupyterapp.shell.currentWidget.content.activeCellIndex = index;
  return jupyterapp.commands.execute("notebook:run-cell");
}"""


@pytest.fixture
def lab_url(tmp_path, request):
    """A JupyterLab with settings of its own that shows ``page.ipynb``, with the given cells."""
    if find_spec("jupyterlab") is None:
        pytest.skip("jupyterlab is not installed")
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{i}",
                "metadata": {},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for i, source in enumerate(request.param)
        ],
    }
    (tmp_path / "page.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        variable: str(tmp_path / variable.lower())
        for variable in (
            "JUPYTER_CONFIG_DIR",
            "JUPYTER_DATA_DIR",
            "JUPYTER_RUNTIME_DIR",
            "IPYTHONDIR",
        )
    }
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *(f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token="),
            *(f"--notebook-dir={tmp_path}", "--LabApp.news_url=None"),
            "--expose-app-in-browser",
        ],
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                urlopen(f"{url}/api", timeout=5).close()
                break
            except (URLError, OSError):
                assert server.poll() is None, "JupyterLab ended instead of starting"
                assert time.monotonic() < deadline, "JupyterLab did not start in time"
                time.sleep(0.2)
        yield f"{url}/lab/tree/page.ipynb"
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture
def notebook(visit, lab_url):
    """``page.ipynb`` in the browser, once its kernel can run cells."""
    visited = visit(lab_url, home=lab_url.removesuffix("/lab/tree/page.ipynb"))
    visited.page.set_default_timeout(60_000)
    visited.page.locator(".jp-Notebook .jp-CodeCell").nth(1).wait_for()
    visited.page.evaluate(KERNEL_READY)
    return visited


@pytest.mark.parametrize("lab_url", [EXPLORER], indirect=True, ids=["explorer"])
def test_page_and_kernel_see_each_others_changes(notebook):
    page = notebook.page
    page.evaluate(RUN_CELL, 0)
    page.locator(".cw").wait_for()
    page.get_by_label("Stride", exact=True).fill("2")
    page.keyboard.press("Tab")
    page.get_by_label("Weight in row 0, column 0").fill("1/2")
    page.keyboard.press("Tab")
    page.get_by_role("grid", name="Output").press("Home")
    page.wait_for_timeout(500)  # the position is sent once the reader has paused

    page.evaluate(RUN_CELL, 1)
    page.get_by_text("seen: [0.5, 0, 1] 2 [2, 0]").wait_for()
    padding = page.get_by_label("Padding", exact=True)
    page.wait_for_function("input => input.value === '1'", arg=padding.element_handle())
    assert page.get_by_role("grid", name="Output").get_attribute("aria-rowcount") == "4"
    assert notebook.refused == [], "requests that left the machine"


@pytest.mark.parametrize("lab_url", [MONITOR], indirect=True, ids=["monitor"])
def test_interrupting_a_cell_that_waits_stops_training_as_the_button_says(notebook):
    page = notebook.page
    page.evaluate(RUN_CELL, 0)
    button = page.locator(".jp-OutputArea .jupyter-button")
    page.get_by_text("accuracy").first.wait_for()
    assert button.inner_text().strip() == "Stop"
    assert button.is_enabled()
    page.evaluate(f"index => void ({RUN_CELL})(index)", 1)
    button.filter(has_text="Stop with ■").wait_for()
    assert button.is_disabled()
    page.evaluate("() => jupyterapp.commands.execute('notebook:interrupt-kernel')")
    button.filter(has_text="Stopped").wait_for()
    page.get_by_text("resume=True").first.wait_for()
    page.get_by_text("Interrupted").first.wait_for()
