"""Sphinx extension: copies of the notebooks for Colab, and Colab buttons that open them.

A notebook's links to other pages of the book are relative, which the built page, JupyterLab and
GitHub follow and Colab cannot. So the build writes, beside the site, copies whose links are
absolute; the published branch holds both, and the Colab button opens the copy.
"""

import json
import re
from pathlib import Path, PurePosixPath
from posixpath import normpath
from urllib.parse import urlsplit

PUBLISHED_BRANCH = "gh-pages"
FOLDER = "colab"
# [text](target), where the target is neither absolute nor a mere anchor.
RELATIVE_LINK = re.compile(r"(\]\()(?![a-z][a-z0-9+.-]*:|#|/)([^)\s#]+)(#[^)\s]*)?(\))")


def site_address(repository_url: str) -> str:
    """The GitHub Pages address that belongs to a GitHub repository's address."""
    owner, name = urlsplit(repository_url).path.strip("/").split("/")
    return f"https://{owner}.github.io/{name}"


def absolute_links(markdown: str, docname: str, site: str) -> str:
    """``markdown`` of the page ``docname`` with each relative link made absolute on ``site``."""

    def absolute(match: re.Match) -> str:
        opening, target, anchor, closing = match.groups()
        page = normpath(str(PurePosixPath(docname).parent / target))
        page = re.sub(r"\.(ipynb|md)$", ".html", page)
        return f"{opening}{site}/{page}{anchor or ''}{closing}"

    return RELATIVE_LINK.sub(absolute, markdown)


def colab_copy(notebook: dict, docname: str, site: str) -> dict:
    """A notebook that reads well on Colab: the same cells, with links that lead to the site."""
    cells = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            source = absolute_links("".join(cell["source"]), docname, site)
            cell = {**cell, "source": source.splitlines(keepends=True)}
        cells.append(cell)
    return {**notebook, "cells": cells}


def is_notebook(app, docname: str) -> bool:
    return app.env.doc2path(docname).endswith(".ipynb")


def write_copies(app, exception) -> None:
    if exception or app.builder.format != "html":
        return
    site = site_address(app.config.html_theme_options["repository_url"])
    for docname in filter(lambda name: is_notebook(app, name), app.env.found_docs):
        source = Path(app.env.doc2path(docname)).read_text(encoding="utf-8")
        target = Path(app.outdir, FOLDER, f"{docname}.ipynb")
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = colab_copy(json.loads(source), docname, site)
        target.write_text(json.dumps(copy, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def open_copies(app, docname, templatename, context, doctree) -> None:
    """Point the page's Colab button to the published copy."""
    branch = app.config.html_theme_options["repository_branch"]
    for button in context.get("header_buttons", []):
        for item in button.get("buttons", []):
            if item["text"] == "Colab":
                item["url"] = item["url"].replace(
                    f"/blob/{branch}/", f"/blob/{PUBLISHED_BRANCH}/{FOLDER}/", 1
                )


def setup(app) -> dict:
    app.connect("build-finished", write_copies)
    app.connect("html-page-context", open_copies, priority=900)  # after the theme's buttons
    return {"parallel_read_safe": True, "parallel_write_safe": True}
