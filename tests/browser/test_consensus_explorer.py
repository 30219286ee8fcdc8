"""The consensus explorer, driven as a reader drives it, against `data.annotation`."""

import numpy as np
import pytest

from imagenet_course.data.annotation import majority, smallest_majority
from imagenet_course.widgets import ConsensusExplorer

LABELS = {
    "sensitivity": "Yes if good, %",
    "false_positive_rate": "Yes if bad, %",
    "prior": "Good candidates, %",
    "most": "Votes at most",
}


def assert_equal(read, expected):
    """What the page computed, ``walk()`` and ``fixed()``, against the widget in Python."""
    walk, shown = expected.walk(), read("walk()")
    for name in ("verdict", "good", "bad"):
        total = np.add(*np.indices(walk.verdict.shape))
        reached = np.where(total <= expected.most, walk.good + walk.bad > 0, False)
        np.testing.assert_allclose(
            np.array(shown[name])[reached], getattr(walk, name)[reached], rtol=0, atol=1e-12
        )
    for name in ("votes", "recall", "undecided"):
        assert shown["outcome"][name] == pytest.approx(getattr(walk.outcome, name), abs=1e-9)
    if shown["outcome"]["precision"] is None:
        assert walk.outcome.recall == 0
    else:
        assert shown["outcome"]["precision"] == pytest.approx(walk.outcome.precision, abs=1e-9)
    votes = smallest_majority(expected.crowd(), expected.threshold / 100)
    if votes is None:
        assert read("fixed()") is None
    else:
        assert read("fixed()")["votes"] == votes
        assert read("fixed()")["recall"] == pytest.approx(
            majority(expected.crowd(), votes).recall, abs=1e-9
        )


@pytest.fixture
def explore(open_widget):
    """``explore(**settings)`` opens a page with one explorer from disk."""
    return lambda **settings: open_widget(ConsensusExplorer(**settings))


def test_random_states_equal_python(explore):
    rng = np.random.default_rng(0)
    explorer = explore()
    compared = impossible = 0
    while compared < 20:
        settings = {
            "sensitivity": int(rng.integers(40, 100)),
            "false_positive_rate": int(rng.integers(1, 60)),
            "prior": int(rng.integers(1, 97)),
            "most": int(rng.integers(4, 41)),
        }
        threshold = float(rng.choice([90, 95, 99, 99.9]))
        for key, label in LABELS.items():
            explorer.type_number(label, settings[key])
        explorer.label("Confidence").select_option(f"{threshold:g} %")
        assert explorer.read("state()").items() >= {**settings, "threshold": threshold}.items()
        expected = ConsensusExplorer(**settings, threshold=threshold)
        try:
            expected.walk()
        except ValueError:
            assert explorer.read("walk()") is None
            assert explorer.problem()
            impossible += 1
            continue
        assert_equal(explorer.read, expected)
        compared += 1
    assert impossible, "the random states should include some that mean nothing"


def test_votes_walk_to_a_verdict(explore):
    explorer = explore()
    assert explorer.says("Here").startswith("0 yes, 0 no: good with confidence 0.1.")
    for _ in range(4):
        explorer.press("A worker says yes")
    assert explorer.read("position()") == [0, 4]
    assert "The image is accepted." in explorer.says("Here")
    assert explorer.page.get_by_role("button", name="A worker says no").is_disabled()
    explorer.press("Next candidate")
    for _ in range(2):
        explorer.press("A worker says no")
    assert "The image is rejected." in explorer.says("Here")
    assert explorer.says("Dynamic").startswith("2.88 votes per candidate: 99.7 %")
    assert explorer.says("Majority").startswith("11 votes")


def test_a_harder_synset_needs_more_votes(explore):
    explorer = explore(most=40)
    easy = explorer.read("walk()")["outcome"]["votes"]
    explorer.label("Synset").select_option("Burmese cat")
    assert explorer.read("state()")["sensitivity"] == 71
    assert explorer.read("walk()")["outcome"]["votes"] > 2 * easy
    explorer.type_number(LABELS["sensitivity"], 72)
    assert explorer.label("Synset").input_value() == "your own"


def test_keyboard_and_pointer_stay_where_candidates_come_by(explore):
    explorer = explore()
    explorer.grid.focus()
    for key, expected in [
        ("ArrowRight", [0, 1]),
        ("ArrowDown", [1, 1]),
        ("End", [1, 5]),
        ("PageUp", [0, 4]),
        ("ArrowRight", [0, 4]),
    ]:
        explorer.page.keyboard.press(key)
        assert explorer.read("position()") == expected, key
    box = explorer.grid.bounding_box()
    explorer.page.mouse.move(box["x"] + box["width"] - 3, box["y"] + box["height"] - 3)
    no, yes = explorer.read("position()")
    assert yes + no <= 20
    walk = ConsensusExplorer().walk()
    assert walk.good[yes, no] + walk.bad[yes, no] > 0


def test_what_means_nothing_is_explained_and_reset_returns(explore):
    explorer = explore()
    before = explorer.read("state()")
    explorer.type_number(LABELS["sensitivity"], 12)
    assert "must be likelier for good images" in explorer.problem()
    explorer.type_number(LABELS["sensitivity"], 80)
    explorer.type_number(LABELS["prior"], 99)
    assert "before the first vote" in explorer.problem()
    explorer.press("Reset")
    assert explorer.read("state()") == before
    assert explorer.grid.is_visible()


def test_explorers_in_the_book_equal_python(twins):
    for state, explorer in twins("consensus_explorer"):
        del state["synsets"]
        assert_equal(explorer.read, ConsensusExplorer(**state))
