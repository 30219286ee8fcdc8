"""What every widget of the course is: live with a kernel, and just as alive in a static page."""

import json
import sys
from collections.abc import Mapping
from html import escape
from typing import Any, ClassVar

import anywidget

from imagenet_course.layers.checks import check_integer
from imagenet_course.widgets.bundle import module_source, stylesheet


class CourseWidget(anywidget.AnyWidget):
    """A widget whose front end is ``static/<module>.js``; the base of all widgets here.

    In a notebook it is an ordinary Jupyter widget: its traits tagged ``sync=True`` are the state of
    the front end. Beside the live view, its output carries an HTML twin: the same state as JSON,
    which the book's script turns into the same widget with no kernel, and a picture of it for
    places where no script runs, such as GitHub. The twin holds nothing random, so that a notebook's
    output can be compared from run to run.

    A subclass names its ``module``, adds its traits, and describes itself in ``__repr__`` and in
    ``fallback_html()``: HTML that stands in for it where no script runs, what it shows at first.
    """

    module: ClassVar[str]

    # ipywidgets 7, which Colab has, would use this in place of _repr_mimebundle_.
    _ipython_display_ = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "module" in cls.__dict__:  # not so in the class that traitlets derives per instance
            if not hasattr(cls, "fallback_html"):
                raise TypeError(f"{cls.__name__} must define fallback_html, its picture as HTML.")
            cls._esm = module_source(cls.module)
            cls._css = stylesheet(cls.module)
        super().__init_subclass__(**kwargs)

    def state(self) -> dict[str, Any]:
        """The state that the front end sees, ready for JSON, in alphabetical order."""
        inherited = anywidget.AnyWidget.class_trait_names()
        own = (name for name in self.trait_names(sync=True) if name not in inherited)
        return self.get_state(sorted(name for name in own if not name.startswith("_")))

    def twin_html(self) -> str:
        """The widget as HTML for a page that loads ``bundle.page_script()``."""
        # A "</script>" in a string would end the element; in JSON, \u003c is the same as "<".
        state = json.dumps(self.state(), separators=(",", ":")).replace("<", r"\u003c")
        return (
            f'<div class="course-widget" data-module="{escape(self.module)}">'
            f'<script type="application/json">{state}</script>'
            f"{self.fallback_html()}</div>"
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs)
        # Colab always runs live, and which of two forms it prefers is not documented.
        if "google.colab" not in sys.modules:
            data = {**data, "text/html": self.twin_html()}
        return data, metadata


def within_limits(proposal: Any, limits: Mapping[str, tuple[int, int]]) -> int:
    """The proposed value of a trait, if it is an integer between the ``limits`` of that name."""
    name, value = proposal["trait"].name, proposal["value"]
    low, high = limits[name]
    value = check_integer(name, value, low)
    if value > high:
        raise ValueError(f"{name} must be at most {high} in the explorer, got {value}.")
    return value
