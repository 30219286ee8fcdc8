"""The files that name requirements agree, and installing on Colab changes nothing there."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CORE = [Requirement(line) for line in PROJECT["dependencies"]]
EXTRAS = {
    extra: [Requirement(line) for line in lines]
    for extra, lines in PROJECT["optional-dependencies"].items()
}

# What Google Colab's runtime held in August 2026.
COLAB = {
    "python": "3.13",
    "torch": "2.11",
    "torchvision": "0.26",
    "tensorflow": "2.20",
    "keras": "3.13.2",
    "numpy": "2.1.3",
    "matplotlib": "3.10.0",
    "pillow": "11.3.0",
    "scikit-learn": "1.6.1",
    "scikit-image": "0.25.2",
    "ipywidgets": "7.7.1",
    "ipython": "7.34.0",
    "ipykernel": "6.17.1",
    "anywidget": "0.9.21",
    "tqdm": "4.67.3",
    "rich": "13.9.4",
    "safetensors": "0.8.0",
    "typer": "0.27.1",
}


@pytest.mark.parametrize("requirement", [*CORE, *EXTRAS["tensorflow"]], ids=str)
def test_colab_has_what_the_package_asks_for(requirement):
    version = COLAB.get(canonicalize_name(requirement.name))
    if version is not None:
        assert version in requirement.specifier


def test_colab_python_is_accepted():
    from packaging.specifiers import SpecifierSet

    assert COLAB["python"] in SpecifierSet(PROJECT["requires-python"])


@pytest.mark.parametrize(
    "requirement", [*CORE, *(r for extra in EXTRAS.values() for r in extra)], ids=str
)
def test_bounds_are_lower_bounds(requirement):
    operators = {specifier.operator for specifier in requirement.specifier}
    if requirement.name == "jupyter-book":  # 2 does not read _config.yml; see pyproject.toml
        assert operators == {">=", "<"}
    else:
        assert operators == {">="}


def test_environment_names_the_same_requirements():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    from_pip = next(entry for entry in environment["dependencies"] if isinstance(entry, dict))[
        "pip"
    ]
    *named, course = from_pip
    wanted = {str(r) for r in CORE} | {str(r) for extra in EXTRAS.values() for r in extra}
    assert {str(Requirement(line)) for line in named} == wanted
    assert course == "--editable ."


def test_lock_pins_every_requirement_within_its_bounds():
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    locked: dict[str, set[str]] = {}
    for line in lines:
        pinned = Requirement(line)
        (specifier,) = pinned.specifier
        assert specifier.operator == "==", line
        assert pinned.url is None
        locked.setdefault(canonicalize_name(pinned.name), set()).add(specifier.version)
    for requirement in [*CORE, *(r for extra in EXTRAS.values() for r in extra)]:
        versions = locked[canonicalize_name(requirement.name)]
        assert all(version in requirement.specifier for version in versions), requirement


def test_lock_names_no_address():
    assert not re.search(r"https?://|file:|@", (ROOT / "requirements.lock").read_text())
