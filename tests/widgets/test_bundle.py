"""The joining of JavaScript modules, and the pictures that depend on their pixels alone."""

import base64
import io
import re
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image

from imagenet_course.widgets import bundle
from imagenet_course.widgets.png import data_url


def test_notebook_module_needs_no_other_file():
    source = bundle.module_source("convolution_explorer")
    assert not re.search(r"^\s*import\b", source, re.MULTILINE)
    assert re.findall(r"^export .*", source, re.MULTILINE) == ["export default { render };"]


def test_page_script_is_classic_and_holds_every_widget():
    script = bundle.page_script()
    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)
    assert "convolution_explorer" in bundle.widget_names()
    for name in bundle.widget_names():
        assert f"{name}: ${name}" in script


def test_shared_modules_come_once_and_before_those_that_use_them():
    script = bundle.page_script()
    assert script.count("const $elements = ") == 1
    assert script.index("const $elements = ") < script.index("const $pixel_grid = ")


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.parametrize("form", ["module", "script"])
def test_bundles_are_well_formed(tmp_path, form):
    path = tmp_path / {"module": "widget.mjs", "script": "widgets.js"}[form]
    source = {
        "module": lambda: bundle.module_source("convolution_explorer"),
        "script": bundle.page_script,
    }[form]()
    path.write_text(source, encoding="utf-8")
    checked = subprocess.run(["node", "--check", path], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    "line",
    ['import x from "./a.js";', 'import { a } from "https://example.org/a.js";', "export { a };"],
)
def test_module_syntax_beyond_the_subset_is_refused(tmp_path, monkeypatch, line):
    (tmp_path / "odd.js").write_text(f"{line}\nexport default {{}};\n", encoding="utf-8")
    monkeypatch.setattr(bundle, "STATIC", tmp_path)
    with pytest.raises(ValueError, match="does not understand") as refused:
        bundle.module_source("odd")
    assert line in str(refused.value)


def test_picture_shows_its_pixels_in_stored_bytes():
    gray = np.random.default_rng(0).integers(0, 256, (21, 34), dtype=np.uint8)
    png = base64.b64decode(data_url(gray).removeprefix("data:image/png;base64,"))
    with Image.open(io.BytesIO(png)) as picture:
        np.testing.assert_array_equal(np.array(picture), gray)
    assert gray[3].tobytes() in png, "compressed bytes would differ between machines"


def test_picture_too_large_to_store_is_refused():
    with pytest.raises(ValueError, match="256×256 picture is too large"):
        data_url(np.zeros((256, 256), np.uint8))


def test_a_widget_without_a_static_picture_is_refused():
    from imagenet_course.widgets.base import CourseWidget

    with pytest.raises(TypeError, match="Bare must define fallback_html"):
        type("Bare", (CourseWidget,), {"module": "convolution_explorer"})
