"""Networks by name: ``create("resnet18", num_classes=10)`` is ``resnet18(num_classes=10)``."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from imagenet_course.errors import unknown_name
from imagenet_course.models.network import Network

_BUILDERS: dict[str, Callable[..., Network]] = {}


def architecture(build: Callable[..., Network]) -> Callable[..., Network]:
    """Enter a function that builds a network under its own name.

    The network it returns remembers that name and the options, so that its twin can be built from
    them in Keras or from a file.
    """
    signature = inspect.signature(build)

    @functools.wraps(build)
    def builder(*args: Any, **kwargs: Any) -> Network:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        options = dict(bound.arguments)
        options |= options.pop("options", {})  # what the builder takes as **options
        for key in ("num_classes", "in_channels"):
            check_count(key, options[key])
        model = build(**options)
        model.name, model.options = build.__name__, options
        return model

    _BUILDERS[build.__name__] = builder
    return builder


def check_count(key: str, value: object) -> None:
    """Raise TypeError or ValueError unless ``value`` is a positive whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{key} must be a whole number, but got {value!r}.")
    if value < 1:
        raise ValueError(f"{key} must be at least 1, but got {value}.")


def names() -> tuple[str, ...]:
    """The names of all networks, in the order of the story."""
    return tuple(_BUILDERS)


def create(name: str, *args: Any, **options: Any) -> Network:
    """Build a network by name; ``options`` as its own function takes them.

    Raises ValueError for a name that is not in :func:`names`, with the nearest suggestion.
    """
    if name not in _BUILDERS:
        raise unknown_name("model", name, _BUILDERS)
    return _BUILDERS[name](*args, **options)
