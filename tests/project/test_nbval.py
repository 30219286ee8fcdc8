"""The tests of the tests: a notebook whose stored output is doctored must fail."""

import base64
import io
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from PIL import Image, ImageDraw

ROOT = Path(__file__).parents[2]
CELLS = [
    "print('six times seven is', 6 * 7)",
    "from PIL import Image\nImage.linear_gradient('L')",
    "print('took 0.31 s')",
]


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """A small executed notebook beside a copy of the chapters' conftest."""
    from nbclient import NotebookClient

    folder = tmp_path_factory.mktemp("chapters")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    NotebookClient(notebook, kernel_name="python3").execute()
    shutil.copy(ROOT / "chapters" / "conftest.py", folder)
    return folder, notebook


def run_nbval(executed, change=None):
    folder, notebook = executed
    notebook = nbformat.from_dict(notebook)
    changed = nbformat.reads(nbformat.writes(notebook), as_version=4)
    if change:
        change(changed)
    nbformat.write(changed, folder / "page.ipynb")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval",
        str(folder),
        "-q",
        "-p",
        "no:cacheprovider",
    ]
    command += [
        "--rootdir",
        str(folder),
        "--nbval-sanitize-with",
        str(ROOT / "tests" / "nbval.cfg"),
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_an_honest_notebook_passes(executed):
    result = run_nbval(executed)
    assert result.returncode == 0, result.stdout
    assert "3 passed" in result.stdout


def test_a_doctored_number_fails(executed):
    def doctor(notebook):
        notebook.cells[0].outputs[0].text = "six times seven is 41\n"

    result = run_nbval(executed, doctor)
    assert result.returncode == 1
    assert "1 failed, 2 passed" in result.stdout


def test_a_doctored_figure_fails(executed):
    def doctor(notebook):
        data = notebook.cells[1].outputs[0].data
        image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
        ImageDraw.Draw(image).rectangle((60, 60, 90, 90), fill=255)
        buffer = io.BytesIO()
        image.save(buffer, "png")
        data["image/png"] = base64.b64encode(buffer.getvalue()).decode()

    result = run_nbval(executed, doctor)
    assert result.returncode == 1
    assert "differs from the stored one" in result.stdout


def test_a_missing_figure_fails(executed):
    result = run_nbval(executed, lambda notebook: notebook.cells[1].outputs.clear())
    assert result.returncode == 1


def test_times_may_differ(executed):
    def slower(notebook):
        notebook.cells[2].outputs[0].text = "took 12.9 s\n"

    assert run_nbval(executed, slower).returncode == 0


def test_a_notebook_that_needs_absent_data_is_skipped_with_the_reason(
    executed, monkeypatch, tmp_path
):
    monkeypatch.setenv("IMAGENET_COURSE_DATA", str(tmp_path))

    def declare(notebook):
        notebook.metadata["imagenet_course"] = {"requires": ["imagenette"]}

    result = run_nbval(executed, declare)
    assert "3 skipped" in result.stdout


def test_a_cell_that_needs_absent_data_is_skipped_alone(executed, monkeypatch, tmp_path):
    monkeypatch.setenv("IMAGENET_COURSE_DATA", str(tmp_path))

    def declare(notebook):
        notebook.cells[2].metadata["imagenet_course"] = {"requires": ["imagenette"]}

    result = run_nbval(executed, declare)
    assert "2 passed, 1 skipped" in result.stdout
