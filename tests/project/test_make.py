"""The Makefile never mistakes a part of an environment for a whole one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


@pytest.fixture
def checkout(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    for name in ["requirements.lock", "pyproject.toml"]:
        (tmp_path / name).touch()
    return tmp_path


def make(folder, *arguments, **environment):
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


def test_a_whole_environment_is_not_installed_again(checkout):
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "installed").touch()
    assert "pip install" not in make(checkout, "--dry-run", "setup").stdout


def test_a_partial_environment_is_started_anew(checkout):
    (checkout / ".venv" / "bin").mkdir(parents=True)
    plan = make(checkout, "--dry-run", "setup").stdout
    assert "-m venv --clear .venv" in plan
    assert plan.index("pip install") < plan.index("touch .venv/installed")


def test_a_failed_installation_leaves_no_stamp(checkout):
    (checkout / "requirements.lock").write_text("no-such-package-as-this==0\n")
    result = make(checkout, "setup", PYTHON=sys.executable, PIP_NO_INDEX="1", PIP_FIND_LINKS="")
    assert result.returncode != 0
    assert (checkout / ".venv").is_dir()
    assert not (checkout / ".venv" / "installed").exists()


def test_a_missing_python_is_one_sentence(checkout):
    empty = checkout / "empty"
    empty.mkdir()
    sh = shutil.which("sh")
    result = subprocess.run(
        [sh, "tools/find_python.sh"],
        cwd=checkout,
        capture_output=True,
        text=True,
        env={"PATH": str(empty)},
    )
    assert result.returncode == 1
    assert "needs Python 3.11, 3.12 or 3.13" in result.stderr
    assert len(result.stderr.splitlines()) == 1
