"""Joins the JavaScript modules of a widget into the one file that each of its hosts wants.

The sources in ``static/`` are plain ES modules that import each other, so that each reads well on
its own. A notebook takes a single ES module (`module_source`); a static page takes a single classic
script (`page_script`), because browsers refuse modules to pages opened from disk.

Only the module syntax that the sources use is understood: ``import { … } from "./name.js";``,
``export`` before ``function``, ``const`` or ``class``, and, in a widget, ``export default``.
"""

import re
from pathlib import Path

STATIC = Path(__file__).parent / "static"

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:function|const|class) (\w+))", re.MULTILINE)
_DEFAULT = re.compile(r"^export default ", re.MULTILINE)
_UNLINKED = re.compile(r"^(?:import|export)\b(?! default )[^\n]*", re.MULTILINE)


def widget_names() -> tuple[str, ...]:
    """The modules in ``static/`` that are widgets: those with a default export."""
    return tuple(p.stem for p in sorted(STATIC.glob("*.js")) if _DEFAULT.search(_text(p.name)))


def module_source(name: str) -> str:
    """The widget ``name`` as one ES module that imports nothing, as anywidget loads it."""
    return "\n".join([*_needed_by(name), _linked(name)])


def page_script() -> str:
    """All widgets, and the host that starts them, as one classic script for static pages."""
    names = widget_names()
    widgets = [
        f"const ${name} = (() => {{\n{_DEFAULT.sub('return ', _linked(name))}}})();"
        for name in names
    ]
    start = f"$host.hydrate({{ {', '.join(f'{name}: ${name}' for name in names)} }});"
    body = "\n".join([*_needed_by(*names), _as_constant("host"), *widgets, start])
    return f'(() => {{\n"use strict";\n{body}\n}})();\n'


def page_stylesheet() -> str:
    """The style rules of all widgets, for static pages."""
    return stylesheet(*widget_names())


def stylesheet(*names: str) -> str:
    """The style rules that all widgets share, followed by those of the widgets ``names``."""
    own = [f"{name}.css" for name in names if (STATIC / f"{name}.css").exists()]
    return "".join(_text(file) for file in ["kit.css", *own])


def _text(file: str) -> str:
    return (STATIC / file).read_text(encoding="utf-8")


def _needed_by(*names: str) -> list[str]:
    """The modules that ``names`` import, directly or not, each after those it imports itself."""
    order: list[str] = []

    def visit(name: str) -> None:
        for _, dependency in _IMPORT.findall(_text(f"{name}.js")):
            if dependency not in order:
                visit(dependency)
                order.append(dependency)

    for name in names:
        visit(name)
    return [_as_constant(name) for name in order]


def _as_constant(name: str) -> str:
    """A module as ``const $name = …``, an object of its exports; its other names stay private."""
    exports = ", ".join(_EXPORT.findall(_text(f"{name}.js")))
    body = _EXPORT.sub("", _linked(name, exports=True))
    return f"const ${name} = (() => {{\n{body}return {{ {exports} }};\n}})();"


def _linked(name: str, *, exports: bool = False) -> str:
    """The source of a module with its imports turned into reads of ``$dependency`` constants."""
    source = _IMPORT.sub(r"const \1 = $\2;", _text(f"{name}.js"))
    unknown = _UNLINKED.search(_EXPORT.sub("", source) if exports else source)
    if unknown:
        raise ValueError(
            f"{name}.js has the line {unknown.group()!r}, which imagenet_course.widgets.bundle "
            "does not understand; its docstring lists the forms of import and export that it does."
        )
    return source
