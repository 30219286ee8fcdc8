"""What a command writes: refused before the work begins, whole or not at all, never overwritten."""

from pathlib import Path


def new_file(path: Path, *suffixes: str) -> Path:
    """``path``, once it is clear that it can be written.

    Raises:
        ValueError: unless it ends in one of ``suffixes``.
        FileExistsError, OSError: where something is there already, or its folder takes no files.
    """
    path = path.expanduser()
    if path.suffix.lower() not in suffixes:
        raise ValueError(f"--out must end in {' or '.join(suffixes)}, got {path.name!r}")
    if path.exists():
        raise FileExistsError(f"{path} is there already; choose another --out, or delete it")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent} for --out {path.name}")
    _try_to_write(path.parent)
    return path


def unused_folder(path: Path) -> Path:
    """``path``, which is empty and writable, or can be made; ValueError or OSError otherwise."""
    path = path.expanduser()
    try:
        if path.exists() and any(path.iterdir()):
            raise ValueError(f"{path} is not empty; choose another --out")
    except OSError as error:
        raise _unwritable(path, error) from error
    there = path
    while not there.exists():
        there = there.parent
    _try_to_write(there)
    return path


def _try_to_write(folder: Path) -> None:
    probe = folder / ".imagenet-course.partial"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> OSError:
    return OSError(
        f"{folder} cannot be written to ({error.strerror or error}); choose another --out"
    )
