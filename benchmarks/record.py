"""Where measurements are kept: results/NAME.json, with all that is needed to repeat them."""

import json
import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from joblib import cpu_count

RESULTS = Path(__file__).resolve().parent.parent / "results"
PACKAGES = (
    "numpy",
    "torch",
    "torchvision",
    "tensorflow",
    "keras",
    "lightning",
    "pillow",
    "simplejpeg",
)


def record(name: str, figures: dict[str, Any], command: str | None = None) -> Path:
    """Write ``figures`` to results/NAME.json with command, date, machine and versions.

    ``command`` is by default the one that is running. The file is replaced whole or not at all.
    """
    arguments = [Path(sys.argv[0]).name, *sys.argv[1:]]
    entry = {
        "command": command or " ".join(["python", f"benchmarks/{arguments[0]}", *arguments[1:]]),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "versions": versions(),
        "figures": figures,
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    partial = path.with_suffix(".json.partial")
    partial.write_text(
        json.dumps(entry, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
    )
    os.replace(partial, path)
    return path


def recorded(name: str) -> dict[str, Any]:
    """The figures of results/NAME.json, or none where it has not been written yet."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))["figures"] if path.exists() else {}


def machine() -> dict[str, Any]:
    """The processor's model, how many cores this process may use, and the accelerator if any."""
    entry: dict[str, Any] = {"processor": _processor(), "cores": cpu_count()}
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        entry["accelerator"] = torch.cuda.get_device_name()
    return entry


def versions() -> dict[str, str]:
    """Python's version and those of the packages that figures depend on."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
