"""The convolution explorer, driven as a reader drives it, against NumPy."""

import json

import numpy as np
import pytest

from imagenet_course.layers import conv2d, conv_output_size, flip_kernel
from imagenet_course.widgets import ConvolutionExplorer
from imagenet_course.widgets.bundle import module_source, stylesheet


def output(explorer):
    return np.array(explorer.read("output()"))


def weight(explorer, row, column):
    return explorer.label(f"Weight in row {row}, column {column}")


def type_weight(explorer, row, column, text):
    weight(explorer, row, column).fill(text)
    weight(explorer, row, column).press("Tab")


def equation(explorer):
    return explorer.page.locator(".cw-equation").inner_text().replace("−", "-")


@pytest.fixture
def explore(open_widget):
    """``explore(**settings)`` opens a page with one explorer from disk."""

    def open_it(*, context=None, **settings):
        return open_widget(ConvolutionExplorer(**settings), context=context)

    return open_it


@pytest.fixture
def counting():
    """The image and the kernel of 1 … 9 that introductions get wrong (CLAIMS B1)."""
    return np.arange(1, 10).reshape(3, 3)


def reference(state, images):
    """What NumPy says the output is."""
    weight = np.array(state["kernel"], dtype=np.float64)[None, None]
    image = np.array(images[state["image"]], dtype=np.float64)[None, None]
    geometry = {key: state[key] for key in ("stride", "padding", "dilation")}
    return conv2d(image, flip_kernel(weight) if state["flip"] else weight, **geometry)[0, 0]


def random_settings(rng, names):
    """A random state that fits on the image ``names[…]``, as a reader would type it."""
    side = int(rng.integers(1, 6))
    written = [
        [
            str(
                rng.choice(
                    [f"{rng.integers(-9, 10)}", f"{rng.normal():.3f}", f"{rng.integers(1, 9)}/7"]
                )
            )
            for _ in range(side)
        ]
        for _ in range(side)
    ]
    return {
        "image": str(rng.choice(names)),
        "written": written,
        "stride": int(rng.integers(1, 5)),
        "padding": int(rng.integers(0, 4)),
        "dilation": int(rng.integers(1, 4)),
        "flip": bool(rng.integers(2)),
    }


def value(text):
    numerator, _, denominator = text.partition("/")
    return float(numerator) / float(denominator or 1)


def test_output_equals_numpy_in_random_states(explore):
    rng = np.random.default_rng(0)
    images = {
        "integers": rng.integers(0, 256, (9, 13)),
        "reals": rng.normal(size=(14, 7)),
        "small": rng.integers(0, 17, (5, 5)),
    }
    explorer = explore(images=images)
    compared = impossible = 0
    while compared < 25:
        settings = random_settings(rng, list(images))
        side = len(settings["written"])
        explorer.label("Image").select_option(settings["image"])
        explorer.label("Kernel size").select_option(f"{side} × {side}")
        for i, row in enumerate(settings["written"]):
            for j, text in enumerate(row):
                type_weight(explorer, i, j, text)
        for label in ("Stride", "Padding", "Dilation"):
            explorer.type_number(label, settings[label.lower()])
        name = "true convolution" if settings["flip"] else "cross-correlation"
        explorer.label(name).check()

        state = explorer.read("state()")
        assert state["kernel"] == [[value(text) for text in row] for row in settings["written"]]
        assert {key: state[key] for key in settings if key != "written"} == {
            key: value for key, value in settings.items() if key != "written"
        }
        try:
            expected = reference(state, images)
        except ValueError:
            assert explorer.read("output()") is None
            assert "spans" in explorer.problem()
            impossible += 1
            continue
        np.testing.assert_allclose(output(explorer), expected, rtol=0, atol=1e-9)
        row, column = explorer.read("position()")
        shown = equation(explorer).split()[-1]
        assert float(shown) == pytest.approx(expected[row, column], rel=1e-5, abs=1e-9)
        compared += 1
    assert impossible, "the random states should include some where the kernel does not fit"


def test_explorer_sets_the_worked_example_right(explore, counting):
    explorer = explore(images={"1 … 9": counting}, kernels={"1 … 9": counting})
    assert output(explorer).tolist() == [[285]]
    explorer.label("true convolution").check()
    assert output(explorer).tolist() == [[165]]
    assert equation(explorer).endswith("= 165")


def test_keyboard_walks_the_output_and_is_announced(explore):
    explorer = explore(kernel="Sobel x", position=(0, 0))
    values = output(explorer)
    explorer.grid.focus()
    steps = [
        ("ArrowRight", [0, 1]),
        ("ArrowDown", [1, 1]),
        ("End", [1, 5]),
        ("ArrowRight", [1, 5]),
        ("PageDown", [5, 5]),
        ("Home", [5, 0]),
        ("ArrowUp", [4, 0]),
        ("Control+End", [5, 5]),
        ("Control+Home", [0, 0]),
        ("ArrowLeft", [0, 0]),
    ]
    for key, expected in steps:
        explorer.page.keyboard.press(key)
        assert explorer.read("position()") == expected, key
        row, column = expected
        shown = equation(explorer)
        assert shown.startswith(f"Y[{row}, {column}]")
        assert float(shown.split()[-1]) == values[row, column]
    announced = explorer.page.locator("[aria-live=polite]").inner_text().replace("−", "-")
    assert announced == f"row 0, column 0: {values[0, 0]:g}"
    active = explorer.grid.get_attribute("aria-activedescendant")
    assert explorer.page.locator(f"#{active}").inner_text().replace("−", "-") == announced


def test_pointer_picks_a_pixel_and_its_window_is_outlined(explore):
    explorer = explore(kernel="Sobel x", stride=2, padding=1, dilation=2)
    rows, columns = output(explorer).shape
    box = explorer.grid.bounding_box()
    x = box["x"] + box["width"] * 2.5 / columns
    explorer.page.mouse.move(x, box["y"] + box["height"] * 1.5 / rows)
    assert explorer.read("position()") == [1, 2]
    window = explorer.page.locator(".cw-grid").first.locator("rect.cw-window")
    outline = [float(window.get_attribute(name)) for name in ("x", "y", "width", "height")]
    assert outline == [2 * 2, 1 * 2, 5, 5]  # in cells of the padded input
    taps = explorer.page.locator(".cw-grid").first.locator("rect.cw-tap")
    assert taps.count() == 9


def test_products_in_the_table_sum_to_the_output(explore):
    explorer = explore(kernel="emboss", padding=1, position=(0, 0))
    texts = explorer.page.locator(".cw-product").all_inner_texts()
    products = [float(text.replace("−", "-")) for text in texts]
    assert sum(products) == output(explorer)[0, 0]
    assert explorer.page.locator("td.cw-outside").count() == 5  # the corner's padding


def test_touch_picks_a_pixel(explore):
    explorer = explore(kernel="Sobel x", context={"has_touch": True})
    box = explorer.grid.bounding_box()
    explorer.page.touchscreen.tap(box["x"] + box["width"] - 3, box["y"] + box["height"] - 3)
    assert explorer.read("position()") == [5, 5]


def test_click_on_the_input_picks_the_window_centered_there(explore):
    explorer = explore(kernel="Sobel x")
    box = explorer.page.locator(".cw-grid").first.bounding_box()
    cell = box["width"] / 8
    explorer.page.mouse.click(box["x"] + 4.5 * cell, box["y"] + 3.5 * cell)
    assert explorer.read("position()") == [2, 3]


def test_arrow_keys_step_a_weight_and_the_filter_is_then_your_own(explore):
    explorer = explore(kernel="Sobel x")
    weight(explorer, 1, 1).press("ArrowUp")
    assert explorer.read("state()")["kernel"][1] == [-2, 1, 2]
    filters = explorer.label("Filter")
    assert filters.evaluate("list => list.selectedOptions[0].text") == "your own"
    filters.select_option("Laplacian")
    assert explorer.read("state()")["kernel"][1] == [1, -4, 1]


def test_weights_are_shown_as_their_author_would_write_them(explore):
    explorer = explore(kernel=[[1 / 9, -2 / 7, 0.5], [-3, 3 / 256, 0.123456]])
    shown = [weight(explorer, i, j).input_value() for i in range(2) for j in range(3)]
    assert shown == ["1/9", "−2/7", "0.5", "−3", "3/256", "0.123456"]


def test_text_that_is_no_number_is_explained_and_changes_nothing(explore):
    explorer = explore(kernel="Sobel x")
    before = output(explorer)
    type_weight(explorer, 0, 0, "one")
    assert "“one” is not a number" in explorer.problem()
    assert weight(explorer, 0, 0).get_attribute("aria-invalid") == "true"
    np.testing.assert_array_equal(output(explorer), before)
    type_weight(explorer, 0, 0, "1/2")
    assert explorer.problem() == ""
    assert explorer.read("state()")["kernel"][0][0] == 0.5


@pytest.mark.parametrize(("label", "entry"), [("Stride", 0), ("Padding", -1), ("Dilation", 1.5)])
def test_impossible_setting_is_not_taken(explore, label, entry):
    explorer = explore()
    before = explorer.read("state()")
    explorer.type_number(label, entry)
    assert explorer.read("state()") == before
    control = explorer.label(label)
    assert control.input_value() == str(before[label.lower()])


def test_kernel_that_does_not_fit_is_explained(explore):
    explorer = explore(kernel="Gaussian blur 5 × 5", dilation=2)
    assert explorer.read("output()") is None
    assert "spans 9 pixels, but the image has only 8" in explorer.problem()
    assert not explorer.grid.is_visible()
    explorer.type_number("Padding", 1)
    assert explorer.problem() == ""
    assert output(explorer).shape == (2, 2)


def test_size_formula_has_the_numbers_in_place(explore):
    explorer = explore(images={"wide": np.ones((8, 11))}, kernel="Sobel x", stride=2, padding=1)
    shown = explorer.page.locator(".cw-reading").inner_text()
    for name, n in [("rows", 8), ("columns", 11)]:
        size = conv_output_size(n, 3, 2, 1, 1)
        assert f"{name} = ⌊({n} + 2·1 − 1·(3 − 1) − 1) / 2⌋ + 1 = {size}" in shown


def test_reset_returns_to_the_start(explore):
    explorer = explore(kernel="Sobel x", stride=2, flip=True)
    before = explorer.read("state()")
    explorer.type_number("Padding", 3)
    weight(explorer, 0, 0).press("ArrowDown")
    explorer.label("Image").select_option("cat")
    assert explorer.read("state()") != before
    explorer.press("Reset")
    assert explorer.read("state()") == before


def test_explorers_in_the_book_equal_numpy(twins):
    for state, explorer in twins("convolution_explorer"):
        images = {entry["name"]: entry["pixels"] for entry in state["images"]}
        np.testing.assert_allclose(output(explorer), reference(state, images), rtol=0, atol=1e-9)
        explorer.label("true convolution").check()
        expected = reference({**state, "flip": True}, images)
        np.testing.assert_allclose(output(explorer), expected, rtol=0, atol=1e-9)
        explorer.grid.press("Control+End")
        assert explorer.read("position()") == [size - 1 for size in expected.shape]


NOTEBOOK_MODEL = """
async ([source, state]) => {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  const listeners = {};
  const el = document.body.appendChild(document.createElement("div"));
  let pending = {};
  window.saved = [];
  window.receive = (key, value) => {  // what the kernel sends
    state[key] = value;
    (listeners[`change:${key}`] ?? []).forEach((f) => f());
  };
  const model = {
    get: (key) => state[key],
    set(key, value) { pending[key] = value; window.receive(key, value); },
    save_changes() { window.saved.push(pending); pending = {}; },
    on: (event, f) => (listeners[event] ??= []).push(f),
    off: (event, f) => (listeners[event] = listeners[event].filter((g) => g !== f)),
  };
  const cleanup = await widget.render({ model, el });
  window.leave = () => { cleanup(); return Object.values(listeners).flat().length; };
}
"""


def test_module_serves_a_notebook(visit, shown_on, tmp_path):
    """The ES module that anywidget loads: changes go to the kernel and come from it."""
    (tmp_path / "page.html").write_text("<!doctype html><title>Notebook</title>", encoding="utf-8")
    visited = visit((tmp_path / "page.html").as_uri(), home=tmp_path.as_uri())
    page = visited.page
    widget = ConvolutionExplorer(kernel="Sobel x")
    page.add_style_tag(content=stylesheet("convolution_explorer"))
    state = json.loads(json.dumps(widget.state()))
    page.evaluate(NOTEBOOK_MODEL, [module_source("convolution_explorer"), state])
    explorer = shown_on(page)
    np.testing.assert_allclose(output(explorer), widget.output(), atol=1e-9)

    explorer.type_number("Stride", 2)
    assert page.evaluate("saved") == [{"stride": 2}]
    page.evaluate("receive('kernel', [[1, 2], [3, 4]])")
    widget.kernel, widget.stride = [[1, 2], [3, 4]], 2
    np.testing.assert_allclose(output(explorer), widget.output(), atol=1e-9)
    assert weight(explorer, 1, 1).input_value() == "4"

    explorer.grid.press("Home")
    page.wait_for_function("saved.length === 2")
    assert page.evaluate("saved[1]") == {"position": [2, 0]}
    assert page.evaluate("leave()") == 0
    visited.assert_clean()
