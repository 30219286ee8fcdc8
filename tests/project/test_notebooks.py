"""The chapters are clean notebooks that read well wherever they are opened."""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "chapters").glob("*.ipynb"))
BIBLIOGRAPHY = (ROOT / "book" / "references.bib").read_text(encoding="utf-8")
PAPER_HOSTS = (
    r"https://(?:doi\.org|arxiv\.org|inria\.hal\.science|proceedings\.neurips\.cc)/[^\s)]+"
)

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path, kind):
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == kind]


def outputs(path):
    return [(cell, output) for cell in cells(path, "code") for output in cell.outputs]


def test_is_valid_and_executed_from_top_to_bottom(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert set(notebook.metadata) <= {"kernelspec", "language_info", "imagenet_course"}


def test_has_no_errors_and_no_stray_stderr(path):
    for cell, output in outputs(path):
        assert output.output_type != "error", cell.source
        assert output.get("name") != "stderr", cell.source


def test_reads_well_without_myst(path):
    """GitHub and Colab show roles, directives and labels raw, so there are none."""
    for cell in cells(path, "markdown"):
        text = re.sub(r"`[^`{][^`]*`", "", cell.source)  # inline code may say what it likes
        assert not re.search(r"\{[a-z][\w:-]*\}`", text), "a role"
        assert not re.search(r"^\s*(```|:::)+\s*\{", text, re.MULTILINE), "a directive"
        assert not re.search(r"^\([\w-]+\)=\s*$|^\+\+\+|^% ", text, re.MULTILINE), "a label"
        assert not re.search(r"\$\$\s*\([\w:-]+\)", text), "an equation label"
        assert "attachment:" not in text


def test_shows_no_picture_that_could_be_missing(path):
    for cell in cells(path, "markdown"):
        assert not re.search(r"!\[[^\]]*\]\((?!data:)|<img", cell.source)


def test_figures_have_alternative_text(path):
    for cell, output in outputs(path):
        if "image/png" in output.get("data", {}):
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alt) > 30, cell.source


def test_first_cell_sets_up_colab_only(path):
    first = cells(path, "code")[0].source
    assert nbformat.read(path, as_version=4).cells[0].source == first
    assert 'if "google.colab" in sys.modules:' in first
    assert "enable_custom_widget_manager()" in first
    assert not cells(path, "code")[0].outputs


def test_ignored_outputs_are_few_and_print_no_checks(path):
    """The rule of CONTRIBUTING.md: what is ignored depends on the machine by its nature."""
    for cell in cells(path, "code"):
        if "nbval-ignore-output" in cell.metadata.get("tags", []):
            printed = "".join(o.text for o in cell.outputs if o.output_type == "stream")
            assert "True" not in printed, cell.source


def test_holds_no_live_widget_state(path):
    text = path.read_text(encoding="utf-8")
    assert "widget-view+json" not in text
    assert "widget-state+json" not in text


def test_citations_are_in_the_bibliography(path):
    for cell in cells(path, "markdown"):
        for link in re.findall(PAPER_HOSTS, cell.source):
            assert link in BIBLIOGRAPHY, link


def test_opens_with_outcomes_and_closes_with_reading(path):
    text = "\n".join(cell.source for cell in cells(path, "markdown"))
    for part in ["You will be able to", "**Predict.**", "## The bug everyone makes", "## Summary"]:
        assert part in text, part
    assert 4 <= len(re.findall(r"^\*\*\d+\. ", text, re.MULTILINE)) <= 8, "exercises"
    assert "## Further reading" in text


def test_length_is_that_of_a_lecture(path):
    words = sum(len(cell.source.split()) for cell in cells(path, "markdown"))
    assert 1500 <= words <= 3500
