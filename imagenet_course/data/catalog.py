"""The catalog: every data set of the course by its name."""

from importlib import import_module
from typing import Any, NamedTuple

from imagenet_course.data.card import DataCard
from imagenet_course.data.dataset import ImageDataset
from imagenet_course.errors import unknown_name


class _Source(NamedTuple):
    """Where a data set is defined; its module is imported when it is first asked for."""

    module: str
    loader: str  # a function (split, **options) -> ImageDataset
    card: str  # a DataCard


_SOURCES = {
    "digits": _Source("embedded", "load_digits", "DIGITS"),
    "faces": _Source("embedded", "load_faces", "FACES"),
    "photos": _Source("embedded", "load_photos", "PHOTOS"),
    "piconet": _Source("piconet", "load", "INFO"),
}


def names() -> tuple[str, ...]:
    """The names that `load` and `info` know, from embedded to bring-your-own."""
    return tuple(_SOURCES)


def info(name: str) -> DataCard:
    """The data card of ``name``; reads and downloads nothing."""
    return getattr(*_find(name, "card"))


def load(name: str, split: str | None = None, **options: Any) -> ImageDataset:
    """Load a split of a data set: ``len(ds)``, ``ds[i] -> (image, label)``, ``ds.labels``, …

    Args:
        name: one of `names`.
        split: ``"train"``, ``"validation"``, ``"test"`` or ``"all"``, whichever the set's card
            lists; by default the first of them.
        options: what the particular set takes, such as PicoNet's knobs.

    Raises:
        ValueError: if the set has no such name, split or option; the message lists the known ones.
    """
    card = info(name)
    if split is None:
        split = next(iter(card.splits))
    if split not in card.splits:
        raise unknown_name(f"split of {name!r}", split, card.splits)
    return getattr(*_find(name, "loader"))(split, **options)


def _find(name: str, part: str) -> tuple[Any, str]:
    if name not in _SOURCES:
        raise unknown_name("data set", name, _SOURCES)
    source = _SOURCES[name]
    return import_module(f"imagenet_course.data.{source.module}"), getattr(source, part)
