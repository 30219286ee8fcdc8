"""Carry the repository's address from _config.yml to the files that repeat it: `make address`.

Each file in `STAMPED` names the repository as https://github.com/OWNER/NAME (or its Pages site as
https://OWNER.github.io/NAME). `tests/book/test_address.py` fails where one differs.
"""

import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
STAMPED = [
    "pyproject.toml",
    "README.md",
    "CITATION.cff",
    "CONTRIBUTING.md",
    "book/*.md",
    "chapters/*.ipynb",
]
# The last element of the address; stops at the characters that end it in prose, TOML and JSON.
NAME = r"[\w-]+"


def configured_address() -> str:
    """The repository's address as _config.yml has it."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    address = config["repository"]["url"].rstrip("/")
    if not re.fullmatch(rf"https://github\.com/[\w-]+/{NAME}", address):
        raise ValueError(
            f"repository.url in _config.yml is {address!r}; "
            "it must have the form https://github.com/OWNER/NAME, without dots in either."
        )
    return address


def stamped_files() -> list[Path]:
    return sorted(path for pattern in STAMPED for path in ROOT.glob(pattern))


def stamp(text: str, old: str, new: str) -> str:
    """``text`` with each mention of the old repository, and of its Pages site, made the new."""
    for before, after in [(old, new), (_slug(old), _slug(new)), (_site(old), _site(new))]:
        text = re.sub(rf"{re.escape(before)}(?![\w-])", after, text)
    return text


def _slug(address: str) -> str:
    return "gh/" + address.removeprefix("https://github.com/")


def _site(address: str) -> str:
    owner, name = address.removeprefix("https://github.com/").split("/")
    return f"https://{owner}.github.io/{name}"


def stamped_address() -> str:
    """The address that pyproject.toml holds, which is the one last stamped."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return re.search(rf'Repository = "(https://github\.com/[\w-]+/{NAME})"', text)[1]


def main() -> int:
    try:
        old, new = stamped_address(), configured_address()
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for path in stamped_files():
        before = path.read_text(encoding="utf-8")
        after = stamp(before, old, new)
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"{path.relative_to(ROOT)}: {new}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
