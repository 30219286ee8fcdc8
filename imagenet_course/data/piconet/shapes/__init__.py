"""The shapes: one function per leaf of the tree, named as the leaf is.

Each is called as ``shape(x, y, v)`` with coordinates ``x`` (right) and ``y`` (up), float32
``(N, H, W)``, and three traits ``v``, float32 ``(N, 1, 1)`` in [-1, 1], by which specimens of a
class differ. It fills about the disk of radius 1 and returns its signed distance, or a pair: that
of the body and that of the parts of it in a second color.
"""

from collections.abc import Callable
from types import ModuleType

from imagenet_course.data.piconet.shapes import (
    animals,
    artifacts,
    figures,
    phenomena,
    plants,
    signs,
)


def _shapes_of(module: ModuleType) -> dict[str, Callable]:
    return {
        name: value
        for name, value in vars(module).items()
        if getattr(value, "__module__", None) == module.__name__ and not name.startswith("_")
    }


_BY_NAME = {
    name: shape
    for module in (figures, signs, phenomena, plants, animals, artifacts)
    for name, shape in _shapes_of(module).items()
}


def find_shape(name: str) -> Callable:
    """The shape of a leaf by its name in the tree, such as ``"hot-air balloon"``."""
    return _BY_NAME[name.lower().replace(" ", "_").replace("-", "_")]


def shape_names() -> frozenset[str]:
    """The names of all shape functions."""
    return frozenset(_BY_NAME)
