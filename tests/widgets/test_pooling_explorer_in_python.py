"""The Python side of the pooling explorer: its output in a notebook, and its checks."""

import json
import re

import numpy as np
import pytest

from imagenet_course.layers import avg_pool2d, max_pool2d
from imagenet_course.widgets import PoolingExplorer


def test_output_holds_the_live_view_and_its_static_twin():
    explorer = PoolingExplorer(image="digit 3", kernel=3, stride=2)
    data, _ = explorer._repr_mimebundle_()
    assert data["text/plain"] == "PoolingExplorer(image='digit 3', operation='max', kernel=3)"
    state = json.loads(
        re.search(r'<script type="application/json">(.*?)</script>', data["text/html"])[1]
    )
    assert state == explorer.state()
    assert len(data["text/html"]) < 20_000


def test_the_stride_is_the_window_unless_given():
    assert PoolingExplorer(kernel=3).stride == 3
    assert PoolingExplorer(kernel=3, stride=1).stride == 1


def test_the_worked_example_comes_out_right():
    """CLAIMS B4."""
    explorer = PoolingExplorer()
    assert explorer.output().tolist() == [[6, 8], [14, 16]]
    explorer.operation = "average"
    assert explorer.output().tolist() == [[3.5, 5.5], [11.5, 13.5]]


def test_output_and_gradient_follow_the_traits():
    rng = np.random.default_rng(0)
    image = rng.normal(size=(6, 7))
    explorer = PoolingExplorer({"noise": image}, kernel=3, stride=2, padding=1, shift=2)
    moved = np.roll(image, 2, axis=1)[None, None]
    np.testing.assert_array_equal(explorer.output(), max_pool2d(moved, 3, 2, 1)[0, 0])
    assert explorer.gradient().sum() == explorer.output().size, "maxima lose no gradient"
    explorer.operation = "average"
    np.testing.assert_array_equal(explorer.output(), avg_pool2d(moved, 3, 2, 1)[0, 0])
    assert explorer.gradient().sum() < explorer.output().size, "padding takes its share"


def test_fallback_shows_input_output_and_gradient():
    html = PoolingExplorer(image="digit 3").fallback_html()
    assert html.count("<img src=") == 3
    assert 'alt="max, 4×4"' in html


def test_fallback_says_why_there_is_no_output():
    explorer = PoolingExplorer({"tiny": np.eye(2)}, kernel=3)
    with pytest.raises(ValueError, match="kernel 3") as impossible:
        explorer.output()
    assert str(impossible.value) in explorer.fallback_html()


@pytest.mark.parametrize(
    ("settings", "error", "sentence"),
    [
        ({"image": "digit 4"}, ValueError, "unknown image 'digit 4'; did you mean 'digit 3'"),
        ({"operation": "mean"}, ValueError, "unknown operation 'mean'"),
        ({"images": {}}, TypeError, "images must be a dict"),
        ({"images": {"big": np.ones((65, 8))}}, ValueError, r"1×1 to 64×64.*\(65, 8\)"),
        ({"kernel": 0}, ValueError, "kernel must be at least 1, got 0"),
        ({"kernel": 9, "stride": 1}, ValueError, "kernel must be at most 8 in the explorer"),
        ({"stride": 1.5}, TypeError, "stride must be an integer, got 1.5"),
        ({"padding": -1}, ValueError, "padding must be at least 0, got -1"),
        ({"shift": 9}, ValueError, "shift must be at most 8"),
        ({"position": (0, -1)}, ValueError, "position must be at least 0, got -1"),
    ],
)
def test_wrong_settings_are_explained(settings, error, sentence):
    with pytest.raises(error, match=sentence):
        PoolingExplorer(**settings)
