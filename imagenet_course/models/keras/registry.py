"""Keras networks by name, and whole networks carried between the frameworks."""

import functools
import random
from collections.abc import Callable
from typing import Any

import keras
import torch

from imagenet_course.errors import unknown_name
from imagenet_course.models import registry as torch_registry
from imagenet_course.models.keras.bridge import carry_from_keras, carry_to_keras
from imagenet_course.models.network import Network, misfit_size

_MIRRORS: dict[str, Callable[..., keras.Model]] = {}


def mirror(*, input_size: int = 224) -> Callable[[Callable], Callable[..., keras.Model]]:
    """Enter a function (inputs, num_classes, **options) → logits under its own name.

    The public builder takes the options of the PyTorch function of that name, and ``input_size``.
    It starts from the published initialization, drawn by PyTorch's code from a seed that
    ``keras.utils.set_random_seed`` determines.
    """

    def enter(build: Callable[..., Any]) -> Callable[..., keras.Model]:
        name = build.__name__

        def assemble(options: dict[str, Any], size: int) -> keras.Model:
            inputs = keras.Input((size, size, options["in_channels"]))
            arguments = {k: v for k, v in options.items() if k != "in_channels"}
            model = keras.Model(inputs, build(inputs, **arguments), name=name)
            model.options = options
            return model

        @functools.wraps(build)
        def builder(*args: Any, input_size: int = input_size, **kwargs: Any) -> keras.Model:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(random.getrandbits(63))
                twin = torch_registry.create(name, *args, **kwargs)
            return to_keras(twin, input_size=input_size)

        builder.assemble = assemble
        _MIRRORS[name] = builder
        return builder

    return enter


def names() -> tuple[str, ...]:
    """The names of all networks that have a mirror in Keras."""
    return tuple(_MIRRORS)


def create(name: str, **options: Any) -> keras.Model:
    """Build a Keras network by name: images (N, H, W, C) → logits (N, num_classes).

    Raises ValueError for a name that is not in :func:`names`, with the nearest suggestion.
    """
    if name not in _MIRRORS:
        raise unknown_name("Keras model", name, _MIRRORS)
    return _MIRRORS[name](**options)


def to_keras(model: Network, *, input_size: int | None = None) -> keras.Model:
    """The same network with the same weights in Keras, for square images of ``input_size``.

    ``input_size`` defaults to the size the network was designed for. Raises ValueError where the
    network has no mirror or the size does not fit.
    """
    if model.name not in _MIRRORS:
        raise unknown_name("Keras model", model.name, _MIRRORS)
    size = model.input_size if input_size is None else input_size
    if reason := misfit_size(model, size, size):
        raise ValueError(reason)
    twin = _MIRRORS[model.name].assemble(model.options, size)
    carry_to_keras(model, twin)
    return twin


def from_keras(model: keras.Model, into: Network | None = None) -> Network:
    """The same network with the same weights in PyTorch.

    ``into`` receives the weights, by default a new network built by the name and the options of
    ``model``. Where ``model`` is a backbone, the head of ``into`` keeps its own weights.
    """
    if into is None:
        into = torch_registry.create(model.name, **model.options)
    carry_from_keras(model, into)
    return into


def backbone(model: keras.Model, layer: str = "avgpool") -> keras.Model:
    """The part of ``model`` up to and including ``layer``, sharing its weights; no head."""
    part = keras.Model(model.input, model.get_layer(layer).output, name=model.name)
    part.options = model.options
    return part
