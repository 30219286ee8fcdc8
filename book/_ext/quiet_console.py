"""Sphinx extension: takes out what makes the theme log errors in every reader's browser console.

Thebe (run cells through Binder, from a script on a public network) is not used in this book, but
Jupyter Book loads its extension, which declares its constants twice in each page. And the theme
complains where no color mode is set, before it falls back to the reader's own.
"""

from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config


def follow_the_readers_color_mode(app: Sphinx, config: Config) -> None:
    config.html_context.setdefault("default_mode", "auto")


def leave_thebe_out(app: Sphinx) -> None:
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            if listener.handler.__module__.startswith("sphinx_thebe"):
                app.disconnect(listener.id)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register both steps, ahead of those of other extensions."""
    app.connect("config-inited", follow_the_readers_color_mode, priority=100)
    app.connect("builder-inited", leave_thebe_out, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
