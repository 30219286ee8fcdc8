"""Networks by name: ``create("resnet18", num_classes=10)`` is ``resnet18(num_classes=10)``."""

import inspect
from collections.abc import Callable
from typing import Any

from imagenet_course.errors import unknown_name
from imagenet_course.layers.checks import check_integer
from imagenet_course.models.network import Network
from imagenet_course.models.surgery import replace_head

_BUILDERS: dict[str, Callable[..., Network]] = {}


def architecture(
    name: str, network: Callable[..., Network], about: str, **fixed: Any
) -> Callable[..., Network]:
    """Enter a network under ``name``, and return the function that builds it.

    The function takes what the class ``network`` takes, but for the arguments that are ``fixed``
    by the name. The network remembers name and options, so that its twin can be built from them
    in Keras or from a file. ``about`` is one line that says what it is.

    Every builder also takes ``weights``: "imagenet" for what torchvision publishes, or a file that
    ``models.save`` wrote, or a name of ``models.shipped()``. If ``num_classes`` is another than
    that of the weights, the head is then replaced.
    """
    parameters = inspect.signature(network).parameters.values()
    signature = inspect.Signature([p for p in parameters if p.name not in fixed])

    def build(*args: Any, weights: str | None = None, **kwargs: Any) -> Network:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as error:
            known = ", ".join(signature.parameters)
            raise TypeError(f"{name}: {error}; it takes {known}") from None
        given = dict(bound.arguments)
        bound.apply_defaults()
        options = dict(bound.arguments)
        for key in ("num_classes", "in_channels"):
            options[key] = check_integer(key, options[key], 1)
        if weights is not None:
            from imagenet_course.models.weights import is_file

            if is_file(weights):
                return _with_weights_of_file(name, given, weights)
            return _with_published_weights(build, name, options, weights)
        model = network(**fixed, **options)
        model.name, model.options = name, options
        return model

    build.__name__ = build.__qualname__ = name
    build.__module__ = network.__module__
    build.__doc__ = f"{about}\n\n{inspect.getdoc(network)}"
    keyword = inspect.Parameter(
        "weights", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=str | None
    )
    build.__signature__ = signature.replace(parameters=[*signature.parameters.values(), keyword])
    _BUILDERS[name] = build
    return build


def _with_published_weights(
    builder: Callable[..., Network], name: str, options: dict[str, Any], version: str
) -> Network:
    from imagenet_course.models import pretrained  # torchvision takes a second to import
    from imagenet_course.models.weights import shipped

    if version not in pretrained.VERSIONS:
        raise unknown_name("set of weights", version, {*pretrained.VERSIONS, *shipped()})
    pretrained.published(name, version)  # fail before building
    num_classes = options["num_classes"]
    needed = pretrained.OPTIONS.get(name, {}) | {"num_classes": pretrained.CLASSES}
    model = pretrained.load_published(builder(**options | needed), version)
    return model if num_classes == pretrained.CLASSES else replace_head(model, num_classes)


def _with_weights_of_file(name: str, given: dict[str, Any], path: str) -> Network:
    from imagenet_course.models.weights import load

    model = load(path).train()
    if model.name != name:
        raise ValueError(f"{path} holds the weights of {model.name}, which do not fit {name}.")
    num_classes = given.pop("num_classes", model.options["num_classes"])
    for key, value in given.items():
        if model.options[key] != value:
            raise ValueError(
                f"{path} holds the weights of {name} with {key}={model.options[key]}, not {value}."
            )
    same = num_classes == model.options["num_classes"]
    return model if same else replace_head(model, num_classes)


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
