"""Networks by name: ``create("resnet18", num_classes=10)`` is ``resnet18(num_classes=10)``."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from imagenet_course.errors import unknown_name
from imagenet_course.layers.checks import check_integer
from imagenet_course.models.network import Network
from imagenet_course.models.surgery import replace_head

_BUILDERS: dict[str, Callable[..., Network]] = {}


def architecture(build: Callable[..., Network]) -> Callable[..., Network]:
    """Enter a function that builds a network under its own name.

    The network it returns remembers that name and the options, so that its twin can be built from
    them in Keras or from a file. All builders understand ``weights="imagenet"``, which loads what
    torchvision publishes and, if there are other than 1,000 classes, then replaces the head.
    """
    signature = inspect.signature(build)

    @functools.wraps(build)
    def builder(*args: Any, weights: str | None = None, **kwargs: Any) -> Network:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        options = dict(bound.arguments)
        options |= options.pop("options", {})  # what the builder takes as **options
        for key in ("num_classes", "in_channels"):
            options[key] = check_integer(key, options[key], 1)
        if weights is not None:
            return _with_published_weights(builder, build.__name__, options, weights)
        model = build(**options)
        model.name, model.options = build.__name__, options
        return model

    _BUILDERS[build.__name__] = builder
    return builder


def _with_published_weights(
    builder: Callable[..., Network], name: str, options: dict[str, Any], version: str
) -> Network:
    from imagenet_course.models import pretrained  # torchvision takes a second to import

    pretrained.published(name, version)  # fail before building
    num_classes = options["num_classes"]
    needed = pretrained.OPTIONS.get(name, {}) | {"num_classes": pretrained.CLASSES}
    model = pretrained.load_published(builder(**options | needed), version)
    return model if num_classes == pretrained.CLASSES else replace_head(model, num_classes)


def names() -> tuple[str, ...]:
    """The names of all networks, in the order of the story."""
    return tuple(_BUILDERS)


def describe(name: str) -> str:
    """One sentence on the network ``name``."""
    return inspect.getdoc(_BUILDERS[name]).splitlines()[0]


def create(name: str, *args: Any, **options: Any) -> Network:
    """Build a network by name; ``options`` as its own function takes them.

    Raises ValueError for a name that is not in :func:`names`, with the nearest suggestion.
    """
    if name not in _BUILDERS:
        raise unknown_name("model", name, _BUILDERS)
    return _BUILDERS[name](*args, **options)
