"""The Python side of the convolution explorer: its output in a notebook, and its checks."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest

from imagenet_course.layers import conv2d
from imagenet_course.widgets import ConvolutionExplorer

LIVE_VIEW = "application/vnd.jupyter.widget-view+json"


def state_in(html):
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', html)[1])


def test_output_holds_the_live_view_and_its_static_twin():
    explorer = ConvolutionExplorer(kernel="Sobel x", stride=2)
    data, _ = explorer._repr_mimebundle_()
    assert data[LIVE_VIEW]["model_id"] == explorer.model_id
    assert data["text/plain"] == (
        "ConvolutionExplorer(image='digit 3', kernel='Sobel x', stride=2)"
    )
    assert data["text/html"].startswith('<div class="course-widget" data-module=')
    state = state_in(data["text/html"])
    assert state == explorer.state()
    assert state["kernel"] == [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    assert not any(key.startswith("_") for key in state), "front-end code does not belong in pages"


def test_ipython_of_every_age_shows_both():
    """ipywidgets 7 displays itself by _ipython_display_, which would leave the twin out."""
    from IPython.core.formatters import DisplayFormatter

    data, _ = DisplayFormatter().format(ConvolutionExplorer())
    assert {"text/plain", "text/html", LIVE_VIEW} <= set(data)


def test_colab_gets_the_live_view_alone(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", object())
    data, _ = ConvolutionExplorer()._repr_mimebundle_()
    assert "text/html" not in data


def test_output_is_the_same_in_every_process():
    code = (
        "from imagenet_course.widgets import ConvolutionExplorer\n"
        "print(ConvolutionExplorer(kernel='Gaussian blur', image='cat').twin_html())"
    )
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True
    )
    twin = ConvolutionExplorer(kernel="Gaussian blur", image="cat").twin_html()
    assert other.stdout.strip() == twin


def test_page_stays_light():
    assert len(ConvolutionExplorer().twin_html()) < 20_000


def test_state_cannot_end_its_script_element():
    evil = "</script><b>"
    html = ConvolutionExplorer(images={evil: np.eye(3)}).twin_html()
    assert evil not in html
    assert state_in(html)["image"] == evil


def test_fallback_shows_input_kernel_and_output():
    html = ConvolutionExplorer(kernel="Sobel x").fallback_html()
    assert html.count("<img src=") == 2
    assert 'alt="digit 3, 8×8"' in html
    assert 'alt="output, 6×6"' in html
    assert html.count("<td>-2</td>") == 1


def test_fallback_says_why_there_is_no_output():
    html = ConvolutionExplorer(images={"tiny": np.eye(2)}, kernel="Sobel x").fallback_html()
    assert html.count("<img src=") == 1
    with pytest.raises(ValueError, match="kernel") as impossible:
        ConvolutionExplorer(images={"tiny": np.eye(2)}, kernel="Sobel x").output()
    assert str(impossible.value) in html


def test_output_follows_the_traits_as_the_page_does():
    explorer = ConvolutionExplorer()
    explorer.kernel = np.arange(6.0).reshape(2, 3)
    explorer.padding = 2
    explorer.flip = True
    expected = conv2d(
        explorer.pixels()[None, None], np.arange(6.0)[::-1].reshape(1, 1, 2, 3).copy(), padding=2
    )
    np.testing.assert_allclose(explorer.output(), expected[0, 0], atol=1e-12)
    assert explorer.kernel == [[0, 1, 2], [3, 4, 5]]


def test_examples_are_real_pixels():
    explorer = ConvolutionExplorer()
    images = {entry["name"]: np.array(entry["pixels"]) for entry in explorer.images}
    assert images["digit 3"].shape == (8, 8)
    assert images["digit 3"].max() <= 16
    for name in ("cat", "cameraman", "astronaut"):
        assert images[name].shape == (32, 32)
        assert images[name].std() > 20, f"{name} is almost flat"


@pytest.mark.parametrize(
    ("settings", "error", "sentence"),
    [
        ({"image": "digit 4"}, ValueError, "unknown image 'digit 4'; did you mean 'digit 3'"),
        ({"kernel": "sobel x"}, ValueError, "unknown kernel 'sobel x'; did you mean 'Sobel x'"),
        ({"kernel": np.ones((7, 7))}, ValueError, r"1×1 to 5×5 numbers, got shape \(7, 7\)"),
        ({"kernel": [1, 2, 3]}, ValueError, r"got shape \(3,\)"),
        ({"kernel": [["a"]]}, TypeError, "kernel must be a matrix of numbers"),
        ({"kernel": [[1], [2, 3]]}, TypeError, "kernel must be a matrix of numbers"),
        ({"kernel": [[np.nan]]}, ValueError, "finite numbers only"),
        ({"images": {"big": np.ones((65, 8))}}, ValueError, r"1×1 to 64×64.*\(65, 8\)"),
        ({"images": {"empty": np.ones((0, 8))}}, ValueError, r"got shape \(0, 8\)"),
        ({"images": {}}, TypeError, "images must be a dict"),
        ({"images": [np.eye(3)]}, TypeError, "images must be a dict"),
        ({"stride": 0}, ValueError, "stride must be at least 1, got 0"),
        ({"stride": 9}, ValueError, "stride must be at most 8 in the explorer, got 9"),
        ({"stride": 1.5}, TypeError, "stride must be an integer, got 1.5"),
        ({"padding": -1}, ValueError, "padding must be at least 0, got -1"),
        ({"dilation": True}, TypeError, "dilation must be an integer, got True"),
        ({"position": (0, 1, 2)}, ValueError, "position must be .* pair"),
        ({"position": (0, -1)}, ValueError, "position must be at least 0, got -1"),
    ],
)
def test_wrong_settings_are_explained(settings, error, sentence):
    with pytest.raises(error, match=sentence):
        ConvolutionExplorer(**settings)


def test_wrong_assignment_changes_nothing():
    explorer = ConvolutionExplorer(stride=2)
    with pytest.raises(ValueError, match="at least 1"):
        explorer.stride = 0
    assert explorer.stride == 2
