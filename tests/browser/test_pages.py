"""Every page of the built book: whole, self-contained, readable on a phone and in the dark."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

# Contrast of the text of paragraphs against the nearest background that is painted.
CONTRAST = """
() => {
  const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) =>
    0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const background = (el) => {
    for (; el; el = el.parentElement) {
      const color = parse(getComputedStyle(el).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("article p, .cw *")]
    .filter((el) => el.checkVisibility() && [...el.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim()))
    .filter((el) => !el.disabled && !el.closest("option, .cw-unseen"))
    .map((el) => {
      const [a, b] = [parse(getComputedStyle(el).color), background(el)].map(luminance);
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return [ratio, el.outerHTML.slice(0, 120)];
    })
    .filter(([ratio]) => ratio < 4.5);
}
"""


@pytest.fixture
def open_page(visit, site, site_url, page_path):
    return lambda **options: visit(f"{site_url}/{page_path}", home=site_url, **options)


def test_page_is_whole_and_self_contained(open_page):
    visited = open_page()
    page = visited.page
    page.wait_for_load_state("networkidle")
    assert page.title().strip()
    assert page.locator("h1").count() >= 1
    broken = page.evaluate(
        "[...document.images].filter((i) => i.loading !== 'lazy' && !i.naturalWidth)"
        ".map((i) => i.src)"
    )
    assert broken == [], "pictures that did not load"
    formulas = page.locator("article .math").count()
    if formulas:
        page.wait_for_function(
            "n => document.querySelectorAll('article mjx-container').length >= n", arg=formulas
        )
        assert page.locator("mjx-merror").count() == 0
    visited.assert_clean()


def test_links_within_the_site_lead_somewhere(open_page, site, page_path):
    page = open_page().page
    links = page.eval_on_selector_all(
        "a[href]", "links => links.map((a) => a.getAttribute('href'))"
    )
    ids = set(page.eval_on_selector_all("[id]", "elements => elements.map((e) => e.id)"))
    for link in links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        if parts.path:
            target = (site / page_path).parent / unquote(parts.path)
            assert target.exists(), f"{page_path} links to {link}, which is not there"
        elif parts.fragment:
            assert unquote(parts.fragment) in ids, f"{page_path} has no place named {link}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_reads_well_on_a_phone_and_in_both_color_schemes(open_page, phone, scheme):
    visited = open_page(viewport=phone, color_scheme=scheme)
    page = visited.page
    page.evaluate("scheme => (document.documentElement.dataset.theme = scheme)", scheme)
    page.wait_for_timeout(250)  # the theme fades its colors
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= phone["width"], f"the page is {width} px wide on a phone"
    ink, paper = page.evaluate(
        "['color', 'backgroundColor'].map((k) =>"
        " getComputedStyle(document.body)[k].match(/\\d+/g).slice(0, 3)"
        ".reduce((sum, v) => sum + Number(v), 0))"
    )
    assert (ink < paper) == (scheme == "light"), "the page does not follow the color scheme"
    assert page.evaluate(CONTRAST) == [], "text with a contrast below 4.5:1"
    visited.assert_clean()


def test_every_widget_of_the_page_is_alive(open_page, site, page_path):
    expected = (site / page_path).read_text(encoding="utf-8").count('class="course-widget"')
    if not expected:
        pytest.skip("no widget on this page")
    page = open_page().page
    assert page.locator(".course-widget > .cw").count() == expected


def test_search_finds_a_chapter(visit, site_url):
    visited = visit(f"{site_url}/search.html?q=convolution", home=site_url)
    results = visited.page.locator("#search-results li a")
    results.first.wait_for()
    assert results.count() >= 1
    visited.assert_clean()


def test_the_book_opens_from_disk(visit, site):
    visited = visit((site / "index.html").as_uri(), home=site.as_uri())
    visited.page.locator("article h1").first.wait_for()  # index.html leads to the landing page
    visited.assert_clean()


def test_widgets_are_alive_in_pages_opened_from_disk(visit, site: Path):
    pages = [p for p in site.rglob("*.html") if 'class="course-widget"' in p.read_text("utf-8")]
    assert pages, "the book has no page with a widget"
    for path in pages:
        visited = visit(path.as_uri(), home=site.as_uri())
        assert visited.page.locator(".course-widget > .cw").count() >= 1
        visited.assert_clean()
