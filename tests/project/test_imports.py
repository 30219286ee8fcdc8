"""Importing the package is cheap, and its floors import downward only (see CONTRIBUTING.md)."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "imagenet_course"
FLOORS = [
    {"errors"},
    {"data", "layers", "history"},
    {"models"},
    {"training", "evaluation"},
    {"viz", "widgets"},
    {"cli"},
]
FLOOR = {name: floor for floor, names in enumerate(FLOORS) for name in names}


@pytest.mark.parametrize("module", ["", ".data", ".layers"])
def test_import_loads_no_framework(module):
    code = f"import sys, imagenet_course{module}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"torch", "tensorflow", "keras"} & set(loaded.stdout.split())


def imported_modules(path: Path) -> set[str]:
    """The course's own modules that a file imports anywhere, as dotted names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "imagenet_course":
                found |= {f"imagenet_course.{alias.name}" for alias in node.names}
            else:
                found.add(node.module)
    return found


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.relative_to(PACKAGE).as_posix()
)
def test_imports_go_down(path):
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own == "__init__":
        return
    for module in imported_modules(path):
        if module.startswith("imagenet_course."):
            other = module.split(".")[1]
            if other in FLOOR and other != own:
                assert FLOOR[other] < FLOOR[own] or {own, other} <= {"viz", "widgets"}, module


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.relative_to(PACKAGE).as_posix()
)
def test_tensorflow_stays_in_its_corner(path):
    if "keras" not in path.relative_to(PACKAGE).parts[:-1]:
        roots = {module.split(".")[0] for module in imported_modules(path)}
        assert not {"tensorflow", "keras"} & roots
