"""The catalog: every data set of the course by its name."""

import inspect
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from imagenet_course.data.card import DataCard
from imagenet_course.data.dataset import ImageDataset
from imagenet_course.errors import unknown_name

# The module of each set, imported when the set is asked for: ``INFO``, ``load(split, **options)``
# and, where there is something to download, ``package(**options)`` and ``find(**options)``.
_MODULES = {
    "digits": "imagenet_course.data.sets.digits",
    "faces": "imagenet_course.data.sets.faces",
    "photos": "imagenet_course.data.sets.photos",
    "piconet": "imagenet_course.data.piconet",
    "imagenette": "imagenet_course.data.sets.imagenette",
    "cifar10": "imagenet_course.data.sets.cifar10",
    "flowers102": "imagenet_course.data.sets.flowers102",
    "pets": "imagenet_course.data.sets.pets",
    "ants-bees": "imagenet_course.data.sets.ants_bees",
    "folder": "imagenet_course.data.sets.folder",
    "imagenet": "imagenet_course.data.sets.imagenet",
}


def names() -> tuple[str, ...]:
    """The names that `load` and `info` know, from embedded to bring-your-own."""
    return tuple(_MODULES)


def info(name: str) -> DataCard:
    """The data card of ``name``; reads and downloads nothing."""
    return _module(name).INFO


def load(name: str, split: str | None = None, **options: Any) -> ImageDataset:
    """Load a split of a data set: ``len(ds)``, ``ds[i] -> (image, label)``, ``ds.labels``, …

    Args:
        name: one of `names`.
        split: ``"train"``, ``"validation"`` (or ``"val"``), ``"test"`` or ``"all"``, whichever the
            card lists; by default the first of them.
        options: what the particular set takes: ``size`` (imagenette), ``variant`` (cifar10),
            ``path`` (folder, imagenet), ``download`` (whatever can be downloaded), PicoNet's knobs.

    Raises:
        ValueError: if the set has no such name, split or option; the message lists the known ones.
        FileNotFoundError: if its files are not there; the message says how to get them.
    """
    module = _module(name)
    if split == "val":
        split = "validation"
    splits = module.INFO.splits
    if splits:
        split = next(iter(splits)) if split is None else split
        if split not in splits:
            raise unknown_name(f"split of {name!r}", split, splits)
    return _call(name, module.load, split, **options)


def download(name: str, *, progress: bool = True, **options: Any) -> Path:
    """Fetch a data set into the data root, unless it is there; returns its folder.

    ``options`` choose among what is published, such as ``size`` of imagenette.
    """
    module = _module(name)
    if not hasattr(module, "package"):
        raise ValueError(
            f"{name!r} is {module.INFO.rung}, there is nothing to download: {module.INFO.origin}"
        )
    from imagenet_course.data.install import install

    return install(_call(name, module.package, **options), progress=progress)


def find(name: str, **options: Any) -> Path | None:
    """The folder where a downloaded data set lies, or None; for other sets always None."""
    module = _module(name)
    return _call(name, module.find, **options) if hasattr(module, "find") else None


def _module(name: str) -> ModuleType:
    if name not in _MODULES:
        raise unknown_name("data set", name, _MODULES)
    return import_module(_MODULES[name])


def _call(name: str, function: Any, *args: Any, **options: Any) -> Any:
    """``function(*args, **options)``, after naming options that it does not have or lacks."""
    parameters = list(inspect.signature(function).parameters.values())[len(args) :]
    if all(p.kind is not p.VAR_KEYWORD for p in parameters):
        for option in options:
            if not parameters:
                raise ValueError(f"{name!r} takes no option {option!r}; it takes none at all")
            if option not in (known := [p.name for p in parameters]):
                raise unknown_name(f"option of {name!r}", option, known)
    for p in parameters:
        if p.default is p.empty and p.kind is p.KEYWORD_ONLY and p.name not in options:
            raise ValueError(f"{name!r} needs the option {p.name!r}: {_module(name).INFO.origin}")
    return function(*args, **options)
