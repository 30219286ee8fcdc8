"""Reads ``claims.yml``, the ledger of claims, and refuses it where an entry is incomplete."""

import re
from functools import cache
from pathlib import Path

from imagenet_course.errors import unknown_name
from imagenet_course.history.sources import source
from imagenet_course.history.verdicts import VERDICTS, Claim

LEDGER = Path(__file__).with_name("claims.yml")
_REQUIRED = ("id", "claim", "verdict", "correction", "sources")
_OPTIONAL = ("claim_zh", "check", "chapter")
_CHECKS = re.compile(r"imagenet_course\.history\.checks\w*\.\w+")


@cache
def claims() -> tuple[Claim, ...]:
    """All claims of the ledger, in its order."""
    return read(LEDGER)


def claim(id: str) -> Claim:
    """One claim by its id, such as ``"A5"``; ``ValueError`` where there is none."""
    by_id = {entry.id: entry for entry in claims()}
    if id.upper() not in by_id:
        raise unknown_name("claim", id, by_id)
    return by_id[id.upper()]


def read(path: str | Path) -> tuple[Claim, ...]:
    """The claims of a ledger file.

    Raises ``ValueError`` where an entry lacks a field or has one that is not known, an id occurs
    twice, a verdict or a source is unknown, or a check is named that could not be one.
    """
    import yaml

    try:
        entries = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{path} is not valid YAML: {error}.") from None
    if not isinstance(entries, list):
        raise ValueError(f"{path} must be a list of claims, but is {type(entries).__name__}.")
    found: dict[str, Claim] = {}
    for number, entry in enumerate(entries, start=1):
        claim = _parse(entry, f"entry {number} of {path}")
        if claim.id in found:
            raise ValueError(f"claim {claim.id} occurs twice in {path}; give each its own id.")
        found[claim.id] = claim
    return tuple(found.values())


def _parse(entry: object, where: str) -> Claim:
    if not isinstance(entry, dict):
        raise ValueError(f"{where} must map fields to values, but is {entry!r}.")
    where = f"claim {entry['id']}" if "id" in entry else where
    for field in entry:
        if field not in _REQUIRED + _OPTIONAL:
            raise unknown_name(f"field of {where}", field, _REQUIRED + _OPTIONAL)
    for field in _REQUIRED:
        if not entry.get(field):
            raise ValueError(f"{where} has no {field!r}; add it.")
    for field, value in entry.items():
        if field != "sources" and not isinstance(value, str):
            raise ValueError(f"{field!r} of {where} must be text, but is {value!r}; quote it.")
    if not re.fullmatch(r"[ABC]\d+", entry["id"]):
        raise ValueError(f"{where} must have an id like A1, B2 or C3.")
    if entry["verdict"] not in VERDICTS:
        raise unknown_name(f"verdict of {where}", entry["verdict"], VERDICTS)
    if not isinstance(entry["sources"], list):
        raise ValueError(f"'sources' of {where} must be a list of keys of references.bib.")
    for key in entry["sources"]:
        source(key)
    check = entry.get("check")
    if check and not _CHECKS.fullmatch(check):
        raise ValueError(
            f"the check {check!r} of {where} must name a function in a module "
            "imagenet_course.history.checks*."
        )
    return Claim(
        id=entry["id"],
        claim=entry["claim"],
        claim_zh=entry.get("claim_zh"),
        verdict=entry["verdict"],
        correction=entry["correction"],
        sources=tuple(entry["sources"]),
        check=check,
        chapter=entry.get("chapter"),
    )
