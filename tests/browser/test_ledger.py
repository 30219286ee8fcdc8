"""The ledger, searched and filtered as a reader does it, against the package."""

import numpy as np
import pytest

from imagenet_course import history
from imagenet_course.widgets import Ledger

CHAPTERS = {"03_convolution": "Convolution"}
SUBJECTS = ["", *history.SUBJECTS.values()]


def search(reader):
    return reader.label("Search")


def visible(reader):
    return reader.page.eval_on_selector_all(
        "details", "all => all.filter((d) => d.checkVisibility()).map((d) => d.dataset.id)"
    )


def entry(reader, id):
    return reader.page.locator(f'details[data-id="{id}"]')


@pytest.fixture
def read(open_widget):
    """``read(findings, chapters, **settings)`` opens a page with one ledger from disk."""

    def open_it(findings=None, chapters=CHAPTERS, **settings):
        return open_widget(Ledger(findings, chapters, **settings))

    return open_it


def test_random_searches_show_what_the_package_finds(read):
    rng = np.random.default_rng(0)
    ledger, reader = Ledger(chapters=CHAPTERS), read()
    text = " ".join(
        " ".join([c.id, c.claim, c.claim_zh or "", c.correction]) for c in history.claims()
    )
    words = text.split()
    some = none = 0
    for _ in range(60):
        chosen = rng.choice(words, size=rng.integers(0, 3)).tolist()
        cut = [word[: rng.integers(1, len(word) + 1)] for word in chosen]
        ledger.query = " ".join(w.upper() if rng.integers(2) else w for w in cut)
        ledger.verdict = str(rng.choice(["", "", *history.VERDICTS]))
        ledger.subject = str(rng.choice(SUBJECTS))
        search(reader).fill(ledger.query)
        reader.label("Verdict").select_option(ledger.verdict)
        reader.label("Subject").select_option(ledger.subject)
        expected = ledger.shown()
        assert reader.read("shown()") == visible(reader) == expected, ledger.state()
        status = reader.page.get_by_role("status").inner_text()
        assert status.startswith(f"{len(expected)} of 49 claims")
        some, none = some + bool(expected), none + (not expected)
    assert min(some, none) >= 10, "the searches should find something and nothing"


def test_the_sign_for_times_needs_no_special_key_and_reset_shows_all(read):
    reader = read()
    search(reader).fill("28x28")
    assert visible(reader) == ["B3"]
    reader.press("Reset")
    assert len(visible(reader)) == 49


def test_an_entry_opens_to_correction_sources_check_and_chapter(read):
    claim = history.claim("B1")
    reader = read({"B1": claim.run()})
    opened = entry(reader, "B1")
    assert not opened.get_by_text("What is so").is_visible()
    opened.locator("summary").click()
    shown = opened.inner_text()
    assert claim.correction in shown
    assert "Cross-correlation gives 285, convolution 165. The verdict agrees." in shown
    assert "checks_mathematics.filtered_one_to_nine" in shown
    assert opened.locator('[lang="zh"]').inner_text() == claim.claim_zh
    links = opened.locator("a").evaluate_all("links => links.map((a) => a.getAttribute('href'))")
    sources = [history.source(key).url for key in claim.sources]
    assert links == [*sources, f"{claim.chapter}.html"]


def test_a_finding_against_the_verdict_stands_out(read):
    reader = read({"B1": history.Finding("it is 231", holds=True)})
    entry(reader, "B1").locator("summary").click()
    assert "The verdict disagrees." in entry(reader, "B1").locator(".cw-problem").inner_text()


def test_keyboard_alone_searches_opens_and_closes(read):
    reader = read()
    search(reader).focus()
    reader.page.keyboard.type("vanishing")
    for _ in range(5):  # verdict, subject, open all, reset, the first entry
        reader.page.keyboard.press("Tab")
    reader.page.keyboard.press("Enter")
    assert entry(reader, "A17").get_by_text("What is so").is_visible()
    reader.page.keyboard.press("Enter")
    assert not entry(reader, "A17").get_by_text("What is so").is_visible()


def test_open_all_opens_what_is_shown(read):
    reader = read()
    search(reader).fill("pooling")
    shown = visible(reader)
    reader.press("Open all")
    opened = reader.page.eval_on_selector_all(
        "details", "all => all.filter((d) => d.open).map((d) => d.dataset.id)"
    )
    assert opened == shown
    reader.press("Close all")
    assert reader.page.locator("details[open]").count() == 0


def test_without_a_script_everything_is_readable(open_widget):
    reader = open_widget(Ledger(), context={"java_script_enabled": False})
    text = reader.page.locator("body").inner_text()
    for claim in history.claims():
        assert claim.claim in text
        assert claim.correction in text


def test_the_ledger_of_the_book_shows_what_the_package_finds(twins):
    for state, reader in twins("ledger"):
        ledger = Ledger()
        assert [entry["id"] for entry in state["entries"]] == [c.id for c in history.claims()]
        for query in ("", "vgg", "梯度", "learning rate"):
            ledger.query = query
            search(reader).fill(query)
            assert reader.read("shown()") == ledger.shown()
