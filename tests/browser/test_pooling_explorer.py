"""The pooling explorer, driven as a reader drives it, against NumPy."""

import numpy as np
import pytest

from imagenet_course.widgets import PoolingExplorer


@pytest.fixture
def explore(open_widget):
    """``explore(images, **settings)`` opens a page with one explorer from disk."""

    def open_it(images=None, *, context=None, **settings):
        return open_widget(PoolingExplorer(images, **settings), context=context)

    return open_it


def test_output_and_gradient_equal_numpy_in_random_states(explore):
    rng = np.random.default_rng(0)
    images = {
        "ties": rng.integers(0, 3, (9, 13)),
        "reals": rng.normal(size=(14, 7)),
        "small": rng.integers(-8, 9, (5, 5)),
    }
    explorer = explore(images)
    compared = impossible = 0
    while compared < 25:
        image, operation = str(rng.choice(list(images))), str(rng.choice(["max", "average"]))
        settings = {
            "kernel": int(rng.integers(1, 7)),
            "stride": int(rng.integers(1, 5)),
            "padding": int(rng.integers(0, 3)),
            "shift": int(rng.integers(0, 9)),
        }
        explorer.label("Image").select_option(image)
        name = {"max": "maximum", "average": "average"}[operation]
        explorer.label(name).check()
        for key, label in zip(settings, ["Window", "Stride", "Padding", "Shift"], strict=True):
            explorer.type_number(label, settings[key])

        state = explorer.read("state()")
        assert {key: state[key] for key in settings} == settings
        reference = PoolingExplorer(images, image=image, operation=operation, **settings)
        try:
            expected = reference.output()
        except ValueError:
            assert explorer.read("output()") is None
            assert explorer.problem()
            impossible += 1
            continue
        np.testing.assert_allclose(explorer.read("output()"), expected, rtol=0, atol=1e-9)
        np.testing.assert_allclose(
            explorer.read("gradient()"), reference.gradient(), rtol=0, atol=1e-9
        )
        row, column = explorer.read("position()")
        shown = float(explorer.says("Forward").split()[-1])
        assert shown == pytest.approx(expected[row, column], rel=1e-5, abs=1e-9)
        still = PoolingExplorer(
            images, image=image, operation=operation, **{**settings, "shift": 0}
        )
        if settings["shift"]:
            changed = int((np.abs(expected - still.output()) > 1e-9).sum())
            assert explorer.says("Shift").startswith(f"{changed} of {expected.size} outputs")
        compared += 1
    assert impossible, "the random states should include some where the window does not fit"


def test_the_worked_example_is_read_out(explore):
    explorer = explore()
    assert explorer.read("output()") == [[6, 8], [14, 16]]
    assert explorer.says("Forward") == "Y[0, 0] = max(1, 2, 5, 6) = 6"
    assert explorer.says("Backward").endswith("goes to the winner, X[1, 1].")
    assert explorer.says("Output size") == "⌊(4 + 2·0 - 2) / 2⌋ + 1 = 2"
    explorer.label("average").check()
    assert explorer.says("Forward") == "Y[0, 0] = (1 + 2 + 5 + 6) / 4 = 3.5"
    assert explorer.says("Backward").startswith("Each pixel of the window gets 1/4")


def test_keyboard_walks_the_output_and_the_winner_is_outlined(explore):
    explorer = explore(image="digit 3")
    output = explorer.read("output()")
    explorer.grid.focus()
    for key, expected in [("ArrowRight", [0, 1]), ("PageDown", [3, 1]), ("End", [3, 3])]:
        explorer.page.keyboard.press(key)
        assert explorer.read("position()") == expected
    announced = explorer.page.locator("[aria-live=polite]").inner_text()
    assert announced == f"row 3, column 3: {output[3][3]}"
    marks = explorer.page.locator(".cw-grid").first
    box = marks.locator("rect.cw-window")
    assert [box.get_attribute(a) for a in ("x", "y", "width")] == ["6", "6", "2"]
    assert marks.locator("rect.cw-tap").count() == 1


def test_pointer_and_touch_pick_a_pixel(explore):
    explorer = explore(image="digit 3", context={"has_touch": True})
    box = explorer.grid.bounding_box()
    explorer.page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.6)
    assert explorer.read("position()") == [2, 1]
    explorer.page.touchscreen.tap(box["x"] + box["width"] - 3, box["y"] + box["height"] - 3)
    assert explorer.read("position()") == [3, 3]


def test_impossible_window_is_explained_and_reset_returns(explore):
    explorer = explore()
    before = explorer.read("state()")
    explorer.type_number("Window", 5)
    assert "does not fit an image of 4 pixels" in explorer.problem()
    explorer.type_number("Window", 2)
    explorer.type_number("Padding", 2)
    assert "nothing but padding" in explorer.problem()
    explorer.press("Reset")
    assert explorer.read("state()") == before
    assert explorer.grid.is_visible()


def test_explorers_in_the_book_equal_numpy(twins):
    for state, explorer in twins("pooling_explorer"):
        images = {entry["name"]: np.array(entry["pixels"]) for entry in state.pop("images")}
        for name, operation in [("maximum", "max"), ("average", "average")]:
            explorer.label(name).check()
            expected = PoolingExplorer(images, **{**state, "operation": operation})
            output, gradient = explorer.read("output()"), explorer.read("gradient()")
            np.testing.assert_allclose(output, expected.output(), rtol=0, atol=1e-9)
            np.testing.assert_allclose(gradient, expected.gradient(), rtol=0, atol=1e-9)
