"""A headless Chromium that may reach the site under test and nothing else."""

import json
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from imagenet_course.widgets.base import CourseWidget
from imagenet_course.widgets.bundle import page_script, page_stylesheet

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

REPOSITORY = Path(__file__).parents[2]
SITE = Path(os.environ.get("COURSE_SITE", REPOSITORY / "_build" / "html"))
DESKTOP = {"width": 1280, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes ``page_path`` once for every page of the built site."""
    if "page_path" in metafunc.fixturenames:
        metafunc.parametrize("page_path", built_pages() or [None])


def built_pages() -> list[str]:
    """Paths of the pages of the built site, without those that only lead to another."""
    files = (path for path in sorted(SITE.rglob("*.html")) if SITE / "_static" not in path.parents)
    return [
        path.relative_to(SITE).as_posix()
        for path in files
        if 'http-equiv="refresh"' not in path.read_text(encoding="utf-8").lower()
    ]


@dataclass
class Visit:
    """An open page, with what went wrong on it."""

    page: sync_api.Page
    refused: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def assert_clean(self) -> None:
        """Nothing was asked of another site, and nothing failed."""
        assert self.refused == [], "requests that left the site"
        assert self.errors == [], "errors in the browser's console"


@pytest.fixture(scope="session")
def chromium() -> Iterator[sync_api.Browser]:
    """``$CHROMIUM``, the system's Chromium or Chrome, or the one that playwright installed."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    arguments = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-sync",
        "--no-first-run",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium refuses to sandbox root, as in containers
    with sync_api.sync_playwright() as playwright:
        if not found and not Path(playwright.chromium.executable_path).exists():
            pytest.skip("no Chromium: install it, or name one in the environment variable CHROMIUM")
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the built book."""
    if not (SITE / "index.html").exists():
        pytest.skip(f"{SITE} holds no built book: run `make book` first")
    return SITE


@pytest.fixture(scope="session")
def site_url(site: Path) -> Iterator[str]:
    """The built book, served on this machine."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def phone() -> dict[str, int]:
    """The window of a small phone."""
    return {"width": 360, "height": 740}


@pytest.fixture
def visit(chromium: sync_api.Browser) -> Iterator[Callable[..., Visit]]:
    """``visit(url, home=…)`` opens ``url`` and refuses every request outside ``home``."""
    contexts = []

    def open_page(url: str, *, home: str, viewport: dict = DESKTOP, **options: object) -> Visit:
        context = chromium.new_context(viewport=viewport, **options)
        contexts.append(context)
        visited = Visit(context.new_page())

        def admit(route: sync_api.Route) -> None:
            if route.request.url.startswith((home, "data:", "blob:")):
                route.continue_()
            else:
                visited.refused.append(route.request.url)
                route.abort()

        context.route("**/*", admit)
        page = visited.page
        page.on("pageerror", lambda error: visited.errors.append(str(error)))
        page.on(
            "console",
            lambda message: message.type == "error" and visited.errors.append(message.text),
        )
        page.on(
            "requestfailed",
            lambda request: visited.errors.append(f"{request.url}: {request.failure}"),
        )
        page.goto(url, wait_until="load")
        return visited

    yield open_page
    for context in contexts:
        context.close()


WIDGET_PAGE = """<!doctype html>
<html lang="en" data-theme="{theme}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Widget</title>
<link rel="stylesheet" href="course-widgets.css"><script defer src="course-widgets.js"></script>
</head>
<body>{body}</body>
</html>"""


@dataclass
class Shown:
    """A widget on a page, and what a reader does with any of them."""

    page: sync_api.Page
    element: sync_api.Locator

    def read(self, what: str) -> Any:
        """What the widget has computed, such as ``output()`` or ``state()``."""
        return self.element.evaluate(f"el => el.courseWidget.{what}")

    @property
    def grid(self) -> sync_api.Locator:
        return self.element.get_by_role("grid")

    def label(self, text: str) -> sync_api.Locator:
        return self.element.get_by_label(text, exact=True)

    def type_number(self, label: str, value: float) -> None:
        self.label(label).fill(str(value))
        self.label(label).press("Tab")

    def press(self, name: str) -> None:
        self.element.get_by_role("button", name=name, exact=True).click()

    def says(self, term: str) -> str:
        """The sentence that explains ``term``, with the minus signs of a keyboard."""
        lines = self.element.locator(".cw-explanation")
        text = lines.locator(f".cw-term:text-is('{term}') + p").inner_text()
        return text.replace("−", "-")

    def problem(self) -> str:
        """What is said to be wrong."""
        return " ".join(filter(None, self.element.locator(".cw-problem").all_inner_texts()))


@pytest.fixture
def twins(
    visit: Callable[..., Visit], site: Path, site_url: str
) -> Callable[[str], Iterator[tuple[dict, Shown]]]:
    """``twins(module)``: the stored state of each such widget of the book, and the widget itself.

    As built and served: stored state, theme and scripts of the book together.
    """

    def find(module: str) -> Iterator[tuple[dict, Shown]]:
        stored = f'data-module="{module}"><script type="application/json">(.*?)</script>'
        found = 0
        for path in built_pages():
            html = (site / path).read_text(encoding="utf-8")
            states = [json.loads(text) for text in re.findall(stored, html, re.DOTALL)]
            if not states:
                continue
            visited = visit(f"{site_url}/{path}", home=site_url)
            elements = visited.page.locator(f'[data-module="{module}"]').all()
            for state, element in zip(states, elements, strict=True):
                yield state, Shown(visited.page, element)
                found += 1
            visited.assert_clean()
        assert found, f"the book shows no {module}"

    return find


@pytest.fixture
def shown_on() -> Callable[[sync_api.Page], Shown]:
    """``shown_on(page)``: the only widget of a page."""
    return lambda page: Shown(page, page.locator(":has(> .cw)"))


@pytest.fixture
def open_widget(
    visit: Callable[..., Visit], shown_on: Callable[[sync_api.Page], Shown], tmp_path: Path
) -> Iterator[Callable[..., Shown]]:
    """``open_widget(widget)`` opens a page from disk that holds what a notebook stores of it.

    The page stays clean.
    """
    visits = []

    def open_page(
        widget: CourseWidget, *, theme: str = "light", context: dict | None = None
    ) -> Shown:
        html = widget._repr_mimebundle_()[0]["text/html"]
        (tmp_path / "course-widgets.js").write_text(page_script(), encoding="utf-8")
        (tmp_path / "course-widgets.css").write_text(page_stylesheet(), encoding="utf-8")
        page = tmp_path / "page.html"
        page.write_text(WIDGET_PAGE.format(theme=theme, body=html), encoding="utf-8")
        visits.append(visit(page.as_uri(), home=tmp_path.as_uri(), **(context or {})))
        return shown_on(visits[-1].page)

    yield open_page
    for visited in visits:
        visited.assert_clean()
