"""The tree of PicoNet, and the choice of classes from it."""

import operator
from collections.abc import Iterable
from importlib import resources

from imagenet_course.data.taxonomy_files import parse_outline

TREE = parse_outline(
    resources.files(__package__).joinpath("tree.txt").read_text(encoding="utf-8"), "tree.txt"
)


def choose(classes: int | str | Iterable[str] | None) -> list[int]:
    """Positions among ``TREE.leaves``, ascending, of the leaves that ``classes`` asks for.

    None is all of them, a number that many spread evenly over the tree, a name or wnid (or several)
    the leaves below it. Raises ValueError for an unknown name and an impossible number, TypeError
    for what is neither.
    """
    count = len(TREE.leaves)
    if classes is None:
        return list(range(count))
    if isinstance(classes, str):
        classes = [classes]
    if isinstance(classes, Iterable):
        wanted = {leaf.wnid for key in classes for leaf in TREE.leaves_under(key)}
        if not wanted:
            raise ValueError("classes names no synset; give at least one, or None for all.")
        return [position for position, leaf in enumerate(TREE.leaves) if leaf.wnid in wanted]
    try:
        number = operator.index(classes)
    except TypeError:
        raise TypeError(f"classes={classes!r} must be a whole number, a name, or names.") from None
    if not 1 <= number <= count:
        raise ValueError(f"classes={number} must be from 1 to {count}, the number of leaves.")
    return [(2 * k + 1) * count // (2 * number) for k in range(number)]
