"""The softmax explorer, driven as a reader drives it, against NumPy."""

import numpy as np
import pytest

from imagenet_course.widgets import SoftmaxExplorer


@pytest.fixture
def explore(open_widget):
    """``explore(classes, logits, **settings)`` opens a page with one explorer from disk."""
    return lambda *arguments, **settings: open_widget(SoftmaxExplorer(*arguments, **settings))


def slide(explorer, label, position):
    explorer.element.get_by_label(label).fill(str(position))


def assert_equals_numpy(read, reference):
    for name in ("probabilities", "loss", "gradient"):
        np.testing.assert_allclose(
            read(f"{name}()"), getattr(reference, name)(), rtol=1e-10, atol=1e-12
        )


def test_numbers_equal_numpy_in_random_states(explore):
    rng = np.random.default_rng(0)
    classes = ["cat", "dog", "fox", "owl", "yak"]
    explorer = explore(classes)
    for _ in range(25):
        logits = [int(z) / 10 for z in rng.integers(-100, 101, 5)]
        target, power = int(rng.integers(5)), int(rng.integers(-20, 21)) / 20
        constant = 10 * int(rng.integers(-100, 101))
        for name, logit in zip(classes, logits, strict=True):
            slide(explorer, f"Logit of {name}", logit)
        explorer.label(classes[target]).check()
        slide(explorer, "Temperature", power)
        slide(explorer, "Added to every logit", constant)

        state = explorer.read("state()")
        assert (state["logits"], state["target"], state["constant"]) == (logits, target, constant)
        assert state["temperature"] == pytest.approx(10**power, rel=0.05)
        reference = SoftmaxExplorer(classes, **state)
        assert_equals_numpy(explorer.read, reference)
        shown = float(explorer.says("Loss").split()[-1])
        assert shown == pytest.approx(reference.loss(), rel=0.05, abs=1e-9)
        widths = explorer.page.locator(".cw-softmax-bar:not(.cw-softmax-signed) i").evaluate_all(
            "bars => bars.map((bar) => bar.style.width)"
        )
        np.testing.assert_allclose(
            [float(width[:-1]) / 100 for width in widths], reference.probabilities(), atol=1e-4
        )


def test_the_arithmetic_is_read_out(explore):
    explorer = explore(["cat", "dog"], [2, 2], target=1)
    assert explorer.says("Softmax") == "p[dog] = 1 / (1 + 1) ≈ 0.5"
    assert explorer.says("Loss") == "L = -log p[dog] = log(1 + 1) - 0 ≈ 0.693"
    assert explorer.says("Gradient") == "∂L/∂z[dog] = 0.5 - 1 ≈ -0.5"


@pytest.mark.parametrize(
    ("constant", "happens"),
    [(1000, "overflows to ∞"), (-1000, "0/0 = NaN"), (10, "≈ 0.5.")],
)
def test_what_a_constant_does_to_the_naive_formula_is_said(explore, constant, happens):
    explorer = explore(["cat", "dog"], [2, 2], target=1)
    slide(explorer, "Added to every logit", constant)
    assert happens in explorer.says("Constant")
    assert explorer.read("probabilities()") == [0.5, 0.5]
    assert explorer.says("Softmax").endswith("≈ 0.5")


def test_keyboard_moves_a_logit_and_the_loss_is_announced(explore):
    explorer = explore(["cat", "dog"], [0, 0])
    explorer.label("Logit of cat").focus()
    for key, expected in [("ArrowRight", 0.1), ("ArrowLeft", 0), ("End", 10), ("Home", -10)]:
        explorer.page.keyboard.press(key)
        assert explorer.read("state()")["logits"] == pytest.approx([expected, 0])
    announced = explorer.page.locator("[aria-live=polite]").inner_text()
    assert announced == "cat: probability 4.5e−5, loss 10"
    explorer.label("cat").focus()
    explorer.page.keyboard.press("ArrowDown")
    assert explorer.read("state()")["target"] == 1


def test_pointer_drags_a_logit(explore):
    explorer = explore(["cat", "dog"], [0, 0])
    box = explorer.label("Logit of dog").bounding_box()
    middle = box["y"] + box["height"] / 2
    explorer.page.mouse.move(box["x"] + box["width"] / 2, middle)
    explorer.page.mouse.down()
    explorer.page.mouse.move(box["x"] + box["width"], middle)
    explorer.page.mouse.up()
    assert explorer.read("state()")["logits"] == [0, 10]


def test_reset_returns(explore):
    explorer = explore(["cat", "dog"], [1, 2], target=1, temperature=0.5)
    before = explorer.read("state()")
    slide(explorer, "Temperature", 1)
    slide(explorer, "Logit of cat", -5)
    assert explorer.read("state()") != before
    explorer.press("Reset")
    assert explorer.read("state()") == before


def test_explorers_in_the_book_equal_numpy(twins):
    for state, explorer in twins("softmax_explorer"):
        assert_equals_numpy(explorer.read, SoftmaxExplorer(**state))
