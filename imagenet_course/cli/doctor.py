"""``imagenet-course doctor``: what this machine has, which settings will be used, and why."""

import json
import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

COMPILE = "no torch.compile, which takes a minute to begin with; --set compile=true for long runs"
SHOWN = ("imagenet-course", "torch", "torchvision", "numpy", "tensorflow", "keras")


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Say what this machine has, which settings training will use, and why."""
    from imagenet_course.data import data_root, find, info, names
    from imagenet_course.training import device

    root = data_root()
    existing = next(path for path in (root, *root.parents) if path.exists())
    downloads = [name for name in names() if info(name).rung == "download"]
    found = {
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "versions": {package: _version(package) for package in SHOWN},
        "data_root": str(root),
        "data_sets": {name: find(name) is not None for name in downloads},
        "free_gb": round(shutil.disk_usage(existing).free / 1e9, 1),
        **device.report(),
    }
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    here = [name for name, present in found["data_sets"].items() if present]
    bfloat16 = found["bfloat16_instructions"] or "no bfloat16"
    rows = {
        "system": found["system"],
        "packages": ", ".join(f"{k} {v or 'is missing'}" for k, v in found["versions"].items()),
        "processor": f"{found['processor_cores']} cores, {found['threads']} threads, {bfloat16}",
        "GPUs": ", ".join(found["gpus"]) or "none for CUDA",
        "data": f"{root} ({found['free_gb']:,} GB free): {', '.join(here) or 'nothing downloaded'}",
        "training": f"{found['device']}, {found['precision']}",
    }
    for name, text in rows.items():
        typer.echo(f"{name:<10} {text}")
    for reason in (*found["reasons"], COMPILE):
        typer.echo(f"{'':<10} {reason}")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
