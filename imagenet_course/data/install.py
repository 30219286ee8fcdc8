"""Installing a downloadable data set: fetch its files, unpack them, rename the whole."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from imagenet_course.data.archive import unpack
from imagenet_course.data.remote import RemoteFile, fetch, megabytes
from imagenet_course.data.root import data_root

ARCHIVE_ENDINGS = (".zip", ".tar", ".tgz", ".tar.gz")


@dataclass(frozen=True)
class Package:
    """The published files of a data set, and the folder of the data root that they become."""

    folder: str
    files: tuple[RemoteFile, ...]

    @property
    def size(self) -> int:
        """Bytes to download."""
        return sum(file.size for file in self.files)

    def installed(self) -> Path | None:
        """Its folder in the data root, if it is there."""
        folder = data_root() / self.folder
        return folder if folder.is_dir() else None


def install(package: Package, *, progress: bool = True) -> Path:
    """Download and unpack ``package``, unless it is there; returns its folder.

    Files are fetched to ``archives`` in the data root. One that lies there already, put there by
    hand or left by a call that was cut short, is verified and used; those that this call completed
    are removed once they are unpacked. Of several processes, one does the work and the others wait.
    """
    root = data_root()
    root.mkdir(parents=True, exist_ok=True)
    with FileLock(root / f".{package.folder}.lock"):
        return package.installed() or _install(package, root, progress)


def not_installed(name: str, how: str, packages: dict[str, Package]) -> FileNotFoundError:
    """The error of a set that is not in the data root: the commands that fetch it, and its size."""
    commands = " or ".join(
        f"`imagenet-course data get {name}{option}` ({megabytes(package.size)})"
        for option, package in packages.items()
    )
    return FileNotFoundError(
        f"{name} is not in the data root {data_root()}; fetch it once with {commands}, or by {how}"
    )


def _install(package: Package, root: Path, progress: bool) -> Path:
    folder = root / package.folder
    stage = root / f".{package.folder}-unpacking"
    shutil.rmtree(stage, ignore_errors=True)  # what a killed call left
    fetched = []
    try:
        for remote in package.files:
            path = root / "archives" / remote.name
            if not path.exists():
                fetched.append(path)
            _place(fetch(remote, path, progress=progress), remote, stage)
        # Most archives hold one folder of the very name.
        inner = stage / package.folder
        (inner if inner.is_dir() else stage).rename(folder)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    for path in fetched:
        path.unlink()
    return folder


def _place(path: Path, remote: RemoteFile, stage: Path) -> None:
    stage.mkdir(exist_ok=True)
    if not path.name.endswith(ARCHIVE_ENDINGS):
        shutil.copy2(path, stage / path.name)
        return
    unpacked = stage / f".{path.name}"
    # Photographs hardly compress, so a larger archive than this is not what was published.
    unpack(path, unpacked, max_bytes=4 * remote.size + 2**28)
    for entry in unpacked.iterdir():
        entry.rename(stage / entry.name)
    unpacked.rmdir()
