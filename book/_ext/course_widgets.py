"""Sphinx extension: brings the course's widgets to life in the built pages.

Writes one script and one style sheet into the static folder and links them from the pages that
show a widget. The script is classic, not a module, so that pages opened from disk run it too.
"""

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from imagenet_course.widgets.bundle import page_script, page_stylesheet

SCRIPT, STYLES = "course-widgets.js", "course-widgets.css"


def prefer_html_twin(app: Sphinx, config: Config) -> None:
    """Have MyST-NB show a widget's HTML twin, not the live view, which needs a kernel."""
    live_view = ("*", "application/vnd.jupyter.widget-view+json", None)
    config.nb_mime_priority_overrides = [*config.nb_mime_priority_overrides, live_view]


def write_assets(app: Sphinx) -> None:
    """Write the script and the style sheet where Sphinx finds their checksums."""
    if app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    static.mkdir(parents=True, exist_ok=True)
    (static / SCRIPT).write_text(page_script(), encoding="utf-8")
    (static / STYLES).write_text(page_stylesheet(), encoding="utf-8")


def link_assets(
    app: Sphinx,
    pagename: str,
    template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Link both from a page that shows a widget."""
    if 'class="course-widget"' in context.get("body", ""):
        app.add_css_file(STYLES)
        app.add_js_file(SCRIPT, loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the three steps."""
    app.connect("config-inited", prefer_html_twin)
    app.connect("builder-inited", write_assets)
    app.connect("html-page-context", link_assets)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
