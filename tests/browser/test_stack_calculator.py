"""The stack calculator, driven as a reader drives it, against the package's arithmetic."""

from dataclasses import asdict

import numpy as np
import pytest

from imagenet_course.widgets import StackCalculator
from imagenet_course.widgets.stacks import KINDS, NETWORKS, stack_rows

LABELS = {"out": "Channels", "kernel": "Window", "stride": "Stride", "padding": "Padding"}


def by_python(**stack):
    """The rows of a stack, and why there are none where a layer does not fit."""
    try:
        return [asdict(row) for row in stack_rows(**stack)], None
    except ValueError as impossible:
        return None, str(impossible)


def choose(calculator, index):
    calculator.page.locator("tbody button").nth(index).click()


def total(calculator, column):
    return calculator.page.locator("tfoot td").nth(column).inner_text()


def in_python(rows):
    """Rows as JavaScript has them, with the tuples that Python has."""
    return [{**row, "shape": tuple(row["shape"])} for row in rows]


def assert_equals_python(calculator):
    """The rows on the page are those of `stack_rows`; whether all layers fit."""
    state = calculator.read("state()")
    stack = {key: state[key] for key in ("size", "channels", "layers")}
    rows = calculator.read("rows()")
    expected, sentence = by_python(**stack)
    if sentence:
        failed = int(sentence.split(":")[0].split()[1])
        assert len(rows) == failed, sentence
        assert "problem" in rows[-1], sentence
        assert calculator.problem().startswith(f"Layer {failed}.")
        return False
    assert in_python(rows) == expected
    assert total(calculator, 0) == f"{sum(row['parameters'] for row in expected):,}"
    assert total(calculator, 1) == f"{sum(row['macs'] for row in expected):,}"
    assert calculator.problem() == ""
    return True


@pytest.fixture
def calculate(open_widget):
    """``calculate(**settings)`` opens a page with one calculator from disk."""
    return lambda **settings: open_widget(StackCalculator(**settings))


def test_networks_load_with_their_published_figures(calculate):
    calculator = calculate()
    for name, parameters in [
        ("AlexNet", "61,100,840"),
        ("VGG-16", "138,357,544"),
        ("ResNet-18", "11,689,512"),
        ("LeNet-5", "61,706"),
    ]:
        calculator.label("Network").select_option(name)
        assert total(calculator, 0) == parameters
        assert calculator.page.locator("tbody tr").count() == len(NETWORKS[name][2])
        assert assert_equals_python(calculator)


def test_random_edits_give_the_numbers_of_the_package(calculate):
    rng = np.random.default_rng(0)
    calculator = calculate()
    fitting = failing = 0
    for step in range(60):
        if step % 15 == 0:
            calculator.label("Network").select_option(str(rng.choice(list(NETWORKS))))
            calculator.type_number("Input size", int(rng.integers(20, 300)))
            calculator.type_number("Input channels", int(rng.integers(1, 9)))
        choose(calculator, int(rng.integers(len(calculator.read("state()")["layers"]))))
        kind = str(rng.choice([k for k in KINDS if k != "linear"]))
        calculator.label("Kind").select_option(kind)
        for setting, (low, high) in KINDS[kind].items():
            if setting == "norm":
                calculator.label("batch norm").set_checked(bool(rng.integers(2)))
            else:
                most = {"out": 200, "kernel": 6, "stride": 3, "padding": 2}[setting]
                value = int(rng.integers(low, min(high, most) + 1))
                calculator.type_number(LABELS[setting], value)
                state = calculator.read("state()")
                assert state["layers"][state["selected"]][setting] == value
        if assert_equals_python(calculator):
            fitting += 1
        else:
            failing += 1
    assert fitting >= 5
    assert failing >= 5


def test_layers_are_added_moved_and_removed(calculate):
    calculator = calculate()

    def kinds():
        return [layer["kind"] for layer in calculator.read("state()")["layers"]]

    before = kinds()
    choose(calculator, 1)
    calculator.press("Add a layer below")
    assert kinds() == [*before[:2], "average", *before[2:]]
    assert calculator.read("state()")["selected"] == 2
    calculator.label("Kind").select_option("max")
    calculator.press("Move this layer up")
    assert kinds()[:3] == ["conv", "max", "average"]
    calculator.press("Move this layer down")
    assert kinds()[:3] == ["conv", "average", "max"]
    calculator.press("Remove this layer")
    assert kinds() == before
    choose(calculator, 0)
    assert calculator.page.get_by_role("button", name="Move this layer up").is_disabled()
    assert_equals_python(calculator)


def test_your_own_stack_is_named_so_and_reset_returns(calculate):
    calculator = calculate(network="AlexNet")
    before = calculator.read("state()")
    calculator.type_number("Stride", 2)
    network = calculator.label("Network")
    assert network.evaluate("list => list.selectedOptions[0].text") == "your own"
    calculator.press("Reset")
    assert calculator.read("state()") == before
    assert network.input_value() == "AlexNet"


def test_a_layer_that_does_not_fit_is_named(calculate):
    calculator = calculate(network="AlexNet")
    calculator.type_number("Input size", 16)
    assert calculator.problem().startswith("Layer 4. A window of 3 does not fit maps of 1 × 1")
    assert not calculator.page.locator("tfoot").is_visible()
    assert not assert_equals_python(calculator)
    calculator.type_number("Input size", 224)
    assert assert_equals_python(calculator)


def test_keyboard_chooses_a_layer_and_keeps_its_place(calculate):
    calculator = calculate()
    calculator.page.locator("tbody button").nth(2).focus()
    calculator.page.keyboard.press("Enter")
    assert calculator.read("state()")["selected"] == 2
    focused = calculator.page.locator("tbody button").nth(2)
    assert focused.evaluate("el => el === document.activeElement")
    assert focused.get_attribute("aria-pressed") == "true"


def test_calculators_in_the_book_give_the_numbers_of_the_package(twins):
    for _, calculator in twins("stack_calculator"):
        for name, (size, channels, layers) in NETWORKS.items():
            calculator.label("Network").select_option(name)
            expected, _ = by_python(size=size, channels=channels, layers=layers)
            assert in_python(calculator.read("rows()")) == expected
