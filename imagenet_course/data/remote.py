"""Downloads that survive real life: resumed after a cut, verified, whole or not there."""

import errno
import hashlib
import http.client
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from tqdm import tqdm

CHUNK = 1 << 16
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
# A mirror tried before the published addresses, for a classroom: the URL of a folder of archives.
MIRROR_VARIABLE = "IMAGENET_COURSE_MIRROR"


@dataclass(frozen=True)
class RemoteFile:
    """A published file: its addresses in the order they are tried, its bytes and its checksum.

    ``checksum`` is ``"md5:…"`` or ``"sha256:…"``, as its publisher states it.
    """

    urls: tuple[str, ...]
    size: int
    checksum: str

    @property
    def name(self) -> str:
        return self.urls[0].rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Patience:
    """When to give an address up.

    After ``attempts`` connections in a row that brought nothing, each cut off once it is silent for
    ``timeout`` seconds, with waits of ``pause``, 2 ``pause``, 4 ``pause``, … seconds between them.
    """

    timeout: float = 30.0
    attempts: int = 5
    pause: float = 1.0


class DownloadError(OSError):
    """No address delivered the file; the message says what to fetch and where to put it."""


def fetch(
    remote: RemoteFile,
    path: Path,
    *,
    progress: bool = True,
    patience: Patience = Patience(),
) -> Path:
    """Download ``remote`` to ``path``, which afterwards holds exactly the published bytes.

    What has arrived waits in ``path.part``; after a cut, and in a later call, the download goes on
    from there. An address that exhausts ``patience`` gives way to the next one.

    Raises:
        DownloadError: if no address delivers the published bytes.
        OSError: if the file at ``path`` is not the published one, or the disk is too small.
    """
    if path.exists():
        _check_file(remote, path)
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    _check_space(remote.size - _size(part), path.parent)
    failures = []
    for url in _addresses(remote):
        try:
            with _bar(remote, part, progress) as bar:
                _receive(url, part, remote, bar, patience)
        except _AddressFailed as failure:
            failures.append(f"{url}: {failure}")
        else:
            os.replace(part, path)
            return path
    raise DownloadError(
        f"cannot download {remote.name} ({megabytes(remote.size)}) ({'; '.join(failures)});"
        f" fetch {remote.urls[0]} by other means, put it at {path} and run the same command again"
    )


def checksum(path: Path, kind: str) -> str:
    """``"kind:hexadecimal digest"`` of a file."""
    with open(path, "rb") as file:
        return f"{kind}:{hashlib.file_digest(file, kind).hexdigest()}"


def megabytes(size: int) -> str:
    """A number of bytes as people write it: ``"99 MB"``."""
    return f"{size / 1e6:,.0f} MB" if size >= 5e5 else f"{size / 1e3:,.1f} kB"


class _AddressFailed(Exception):
    """Why one address was given up."""


def _addresses(remote: RemoteFile) -> tuple[str, ...]:
    mirror = os.environ.get(MIRROR_VARIABLE)
    return (f"{mirror.rstrip('/')}/{remote.name}", *remote.urls) if mirror else remote.urls


def _receive(url: str, part: Path, remote: RemoteFile, bar: "tqdm", patience: Patience) -> None:
    """Fill ``part`` from one address, over as many connections as it takes."""
    fruitless = 0
    started_empty = _size(part) == 0
    while True:
        before = _size(part)
        reason = _append(url, part, remote.size, bar, patience.timeout)
        if _size(part) == remote.size:
            if checksum(part, remote.checksum.partition(":")[0]) == remote.checksum:
                return
            part.unlink()
            _show(bar, 0)
            if started_empty:
                raise _AddressFailed(f"its content is not the published file ({remote.checksum})")
            started_empty = True  # the beginning may be from elsewhere: once more, from zero
            continue
        fruitless = 0 if _size(part) > before else fruitless + 1
        if fruitless == patience.attempts:
            raise _AddressFailed(reason)
        time.sleep(patience.pause * 2**fruitless)


def _append(url: str, part: Path, size: int, bar: "tqdm", timeout: float) -> str:
    """One connection: append to ``part`` what it brings; why it ended before ``size`` bytes."""
    offset = _size(part)
    headers = {"User-Agent": "imagenet-course", "Accept-Encoding": "identity"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    try:
        with urlopen(Request(url, headers=headers), timeout=timeout) as response:
            if not _continues(response, offset):
                offset = 0
            with open(part, "r+b" if offset else "wb") as file:
                file.seek(offset)
                while offset < size and (chunk := response.read1(min(CHUNK, size - offset))):
                    file.write(chunk)
                    offset += len(chunk)
                    _show(bar, offset)
    except HTTPError as error:
        if error.code == 416:  # the part is longer than the file there
            part.unlink(missing_ok=True)
        if 400 <= error.code < 500 and error.code not in (408, 416, 429):
            raise _AddressFailed(f"HTTP {error.code} {error.reason}") from None
        return f"HTTP {error.code} {error.reason}"
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, OSError) and error.errno in _DISK_FULL:
            raise
        return str(getattr(error, "reason", "") or error or type(error).__name__)
    return f"it ends after {offset:,} of {size:,} bytes"


def _continues(response: http.client.HTTPResponse, offset: int) -> bool:
    """Whether the server honored our Range; many ignore it and send the file from its beginning."""
    content_range = response.headers.get("Content-Range", "")
    return response.status == 206 and content_range.startswith(f"bytes {offset}-")


def _check_file(remote: RemoteFile, path: Path) -> None:
    found = checksum(path, remote.checksum.partition(":")[0])
    if found != remote.checksum:
        raise OSError(
            f"{path} is not the published {remote.name}: {found}, published {remote.checksum};"
            " delete it to download it again"
        )


def _check_space(missing: int, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if missing > free:
        raise OSError(
            f"{folder} has {megabytes(free)} free, {megabytes(missing)} are missing; make room or"
            " set IMAGENET_COURSE_DATA to a folder on a larger disk"
        )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _bar(remote: RemoteFile, part: Path, progress: bool) -> "tqdm":
    from tqdm.auto import tqdm

    return tqdm(
        desc=remote.name,
        total=remote.size,
        initial=min(_size(part), remote.size),
        unit="B",
        unit_scale=True,
        disable=not progress,
    )


def _show(bar: "tqdm", size: int) -> None:
    bar.update(size - bar.n)
