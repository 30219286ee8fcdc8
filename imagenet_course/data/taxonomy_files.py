"""Reading and writing taxonomies: an outline for people, JSON for programs, and ImageNet's files.

The outline is a text file with one synset per line, ``wnid name: gloss``, indented by two spaces
per level; the gloss may be left out, ``#`` starts a comment line::

    p00000001 entity: what there is
      p01000000 figure: a shape drawn in a plane
        p01010000 polygon

The JSON file is ``{"synsets": [{"wnid": …, "name": …, "gloss": …, "parents": […]}, …]}`` and,
unlike the outline, can give a synset several parents.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from imagenet_course.data.taxonomy import Synset, Taxonomy

INDENT = "  "


def parse_outline(text: str, source: str = "outline") -> Taxonomy:
    """The tree that an outline describes; ``source`` names it in errors (ValueError)."""
    synsets: list[Synset] = []
    path: list[str] = []  # the wnids above the current line
    for number, line in enumerate(text.splitlines(), start=1):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        indent = line[: len(line) - len(line.lstrip())]
        level, rest = divmod(len(indent), len(INDENT))
        if rest or "\t" in indent or level > len(path):
            raise ValueError(
                f"{source}, line {number}: indent by two spaces per level, one level at a time; "
                f"got {indent!r} before {entry!r}."
            )
        wnid, _, described = entry.partition(" ")
        name, _, gloss = described.partition(":")
        if not name.strip():
            raise ValueError(f"{source}, line {number}: {entry!r} is not 'wnid name: gloss'.")
        del path[level:]
        synsets.append(Synset(wnid, name.strip(), gloss.strip(), tuple(path[-1:])))
        path.append(wnid)
    return Taxonomy(tuple(synsets))


def format_outline(taxonomy: Taxonomy) -> str:
    """The outline of a tree, which `parse_outline` reads back.

    Raises ValueError for a taxonomy with several parents, a wnid with a space, or a name with a
    colon or a line break.
    """
    if not taxonomy.is_tree:
        raise ValueError("an outline holds a tree; write a taxonomy with several parents as JSON.")
    lines = []
    for depth, synset in taxonomy.walk():
        entry = f"{synset.wnid} {synset.name}" + (f": {synset.gloss}" if synset.gloss else "")
        if parse_outline(entry).root != Synset(synset.wnid, synset.name, synset.gloss):
            raise ValueError(f"synset {synset.wnid!r} ({synset.name!r}) does not fit on a line.")
        lines.append(INDENT * depth + entry)
    return "\n".join(lines) + "\n"


def read_taxonomy(path: str | os.PathLike[str]) -> Taxonomy:
    """Read a ``.json`` file or, with any other suffix, an outline; ValueError if it is neither."""
    path = Path(path)
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".json":
        return parse_outline(text, source=path.name)
    try:
        return Taxonomy(
            tuple(
                Synset(
                    str(entry["wnid"]),
                    str(entry["name"]),
                    str(entry.get("gloss", "")),
                    tuple(map(str, entry.get("parents", ()))),
                )
                for entry in json.loads(text)["synsets"]
            )
        )
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(
            f"{path.name} is not a taxonomy: expected "
            '{"synsets": [{"wnid": …, "name": …, "gloss": …, "parents": […]}, …]}.'
        ) from error


def write_taxonomy(taxonomy: Taxonomy, path: str | os.PathLike[str]) -> None:
    """Write a ``.json`` file or, with any other suffix, an outline; replaces ``path`` whole."""
    path = Path(path)
    if path.suffix == ".json":
        synsets = [asdict(synset) for synset in taxonomy]
        text = json.dumps({"synsets": synsets}, ensure_ascii=False, indent=1) + "\n"
    else:
        text = format_outline(taxonomy)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8", newline="\n")
    os.replace(partial, path)


def read_wordnet(
    is_a: str | os.PathLike[str],
    words: str | os.PathLike[str] | None = None,
    glosses: str | os.PathLike[str] | None = None,
) -> Taxonomy:
    """Read ImageNet's ``wordnet.is_a.txt``, and with it ``words.txt`` and ``gloss.txt``.

    ``is_a`` holds a line ``parent child`` per pair; the others a line ``wnid<tab>text`` per synset.
    Synsets outside ``is_a`` are left out; a name is the first of its synonyms, or the wnid where
    ``words`` has none. Raises ValueError for a malformed line and for what `Taxonomy` refuses.
    """
    parents: dict[str, list[str]] = {}
    for number, line in _lines(is_a):
        pair = line.split()
        if len(pair) != 2:
            raise ValueError(f"{Path(is_a).name}, line {number}: {line!r} is not 'parent child'.")
        parent, child = pair
        parents.setdefault(parent, [])
        above = parents.setdefault(child, [])
        if parent not in above:
            above.append(parent)
    names = _read_column(words) if words is not None else {}
    texts = _read_column(glosses) if glosses is not None else {}
    return Taxonomy(
        tuple(
            Synset(wnid, names.get(wnid, wnid).split(",")[0], texts.get(wnid, ""), tuple(above))
            for wnid, above in parents.items()
        )
    )


def _read_column(path: str | os.PathLike[str]) -> dict[str, str]:
    column = {}
    for number, line in _lines(path):
        wnid, tab, text = line.partition("\t")
        if not tab:
            raise ValueError(f"{Path(path).name}, line {number}: {line!r} is not 'wnid<tab>text'.")
        column[wnid] = text.strip()
    return column


def _lines(path: str | os.PathLike[str]) -> Iterable[tuple[int, str]]:
    text = Path(path).read_text(encoding="utf-8")
    return ((n, line) for n, line in enumerate(text.splitlines(), start=1) if line.strip())
