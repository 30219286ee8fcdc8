"""Error messages that several floors of the package share."""

from collections.abc import Iterable
from difflib import get_close_matches


def unknown_name(kind: str, name: object, known: Iterable[str]) -> ValueError:
    """A ``ValueError`` for a ``name`` that is not among the ``known`` names of a ``kind``.

    The sentence suggests the nearest known name, where there is one, and lists them all::

        raise unknown_name("data set", "digit", ["digits", "faces"])
        # ValueError: unknown data set 'digit'; did you mean 'digits'? Known: digits, faces.
    """
    known = sorted(known)
    near = get_close_matches(str(name), known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    return ValueError(f"unknown {kind} {name!r}{hint} Known: {', '.join(known)}.")
