"""The timeline, explored by mouse, touch and keyboard as a reader does it, against Python."""

from datetime import date

import numpy as np
import pytest

from imagenet_course.history import MILESTONE_KINDS, MILESTONES, source
from imagenet_course.widgets import Timeline

END = max(milestone.year for milestone in MILESTONES) + 1


def middle(text):
    """The middle of the time that a date leaves open, in years."""
    parts = [int(part) for part in text.split("-")]
    year, month, day = parts + [1] * (3 - len(parts))
    following = {1: (year + 1, 1, 1), 2: (year + month // 12, month % 12 + 1, 1)}
    start = date(year, month, day).toordinal()
    stop = date(*following[len(parts)]).toordinal() if len(parts) < 3 else start + 1
    first, last = date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
    return year + ((start + stop) / 2 - first) / (last - first)


def marker(reader, i):
    return reader.page.locator(f'[data-event="{i}"]')


def focused(reader):
    return reader.page.evaluate("Number(document.activeElement.dataset.event)")


def card(reader):
    return reader.page.locator(".cw-timeline-card")


def rows(reader):
    return reader.element.locator("tbody tr").count()


@pytest.fixture
def explore(open_widget):
    """``explore(**settings)`` opens a page with one timeline from disk."""

    def open_it(*, context=None, **settings):
        return open_widget(Timeline(**settings), context=context)

    return open_it


def test_random_filters_show_what_python_shows(explore):
    rng = np.random.default_rng(0)
    reader = explore()
    timeline = Timeline()
    for _ in range(25):
        kinds = [kind for kind in MILESTONE_KINDS if rng.integers(4)]
        since = int(rng.choice(timeline.starts))
        for kind, name in MILESTONE_KINDS.items():
            reader.label(name).set_checked(kind in kinds)
        reader.label(str(since)).check()
        timeline.kinds, timeline.since = kinds, since
        shown = reader.read("visible()")
        assert shown == timeline.visible()
        assert rows(reader) == len(shown)
        for i in shown:
            box = marker(reader, i).bounding_box()
            track = marker(reader, i).locator("xpath=..").bounding_box()
            share = (box["x"] + box["width"] / 2 - track["x"]) / track["width"]
            expected = (middle(MILESTONES[i].date) - since) / (END - since)
            assert share == pytest.approx(expected, abs=2e-3)


def test_arrow_keys_walk_in_time_and_between_lanes(explore):
    reader = explore()
    press = reader.page.keyboard.press
    marker(reader, 0).focus()
    for step in range(1, len(MILESTONES)):
        press("ArrowRight")
        assert focused(reader) == reader.read("current()") == step
        assert MILESTONES[step].what in card(reader).inner_text()
    press("ArrowRight")
    assert focused(reader) == len(MILESTONES) - 1, "the last event stays"
    press("Home")
    assert focused(reader) == 0
    press("ArrowDown")
    data = [i for i, m in enumerate(MILESTONES) if m.kind == "data"]
    assert focused(reader) == data[0], "the nearest in the next lane"
    press("ArrowUp")
    networks = [i for i, m in enumerate(MILESTONES) if m.kind == "network"]
    time = middle(MILESTONES[data[0]].date)
    nearest = min(networks, key=lambda i: abs(middle(MILESTONES[i].date) - time))
    assert focused(reader) == nearest
    press("End")
    outline = reader.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "the focus must be seen"


def test_one_event_can_be_reached_by_tab_and_says_what_it_is(explore):
    reader = explore(selected=8)
    stops = reader.page.locator('[data-event][tabindex="0"]')
    assert stops.count() == 1
    name = stops.get_attribute("aria-label")
    assert name == f"October 13, 2012: {MILESTONES[8].what}"
    assert card(reader).get_attribute("aria-live") == "polite"


def test_pointer_and_touch_pick_the_nearest_event(explore):
    reader = explore(context={"has_touch": True})
    track = marker(reader, 0).locator("xpath=..").bounding_box()
    networks = [i for i, m in enumerate(MILESTONES) if m.kind == "network"]
    rng = np.random.default_rng(0)
    for tap in (reader.page.mouse.click, reader.page.touchscreen.tap):
        for share in rng.uniform(0.02, 0.98, 6):
            tap(track["x"] + share * track["width"], track["y"] + track["height"] / 2)
            time = MILESTONES[0].year + share * (END - MILESTONES[0].year)
            distance = [abs(middle(MILESTONES[i].date) - time) for i in networks]
            assert reader.read("current()") == networks[int(np.argmin(distance))]


def test_buttons_step_and_an_event_that_is_hidden_hands_over(explore):
    reader = explore()
    reader.press("Later event")
    assert reader.read("current()") == 1
    assert reader.page.get_by_role("button", name="Earlier event").is_enabled()
    reader.label("Networks").uncheck()
    assert MILESTONES[reader.read("current()")].kind != "network"
    for name in list(MILESTONE_KINDS.values())[1:]:
        reader.label(name).uncheck()
    assert reader.read("current()") is None
    assert "at least one kind" in reader.problem()
    reader.press("Reset")
    assert reader.read("current()") == 0
    assert rows(reader) == len(MILESTONES)


def test_card_and_table_link_to_the_sources(explore):
    reader = explore(selected=len(MILESTONES) - 1)
    links = reader.page.locator("tbody a").evaluate_all("all => all.map((a) => a.href)")
    assert links == [source(milestone.source).url for milestone in MILESTONES]
    card = reader.page.locator(".cw-timeline-card a").get_attribute("href")
    assert card == source(MILESTONES[-1].source).url


def test_timeline_of_the_book_answers(twins):
    for state, reader in twins("timeline"):
        kinds, since, selected = (state[key] for key in ("kinds", "since", "selected"))
        shown = Timeline(kinds=kinds, since=since).visible()
        assert reader.read("visible()") == shown
        assert rows(reader) == len(shown)
        reader.press("Later event")
        assert reader.read("current()") == shown[shown.index(selected) + 1]
