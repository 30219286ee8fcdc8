"""Unpacking archives that may be hostile: nothing lands outside, nothing without bound."""

import gzip
import lzma
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from secrets import token_hex
from typing import BinaryIO, NamedTuple

CHUNK = 1 << 20
_DECOMPRESSION_ERRORS = (zlib.error, lzma.LZMAError, gzip.BadGzipFile)


class _Member(NamedTuple):
    name: str
    kind: str  # "file", "folder" or what is refused
    content: BinaryIO | None


def unpack(archive: Path, folder: Path, *, max_bytes: int, max_files: int = 2_000_000) -> None:
    """Unpack a zip or tar archive (of any compression) into ``folder``, which it creates.

    ``folder`` appears whole or not at all: the work is done beside it, under a temporary name.

    Raises:
        FileExistsError: if ``folder`` exists.
        ValueError: if ``archive`` is no such archive or is damaged, has a member that would land
            outside ``folder``, is a link, a device or encrypted, or comes twice, or holds over
            ``max_bytes`` bytes or ``max_files`` files. Nothing of it remains.
    """
    if folder.exists():
        raise FileExistsError(f"{folder} exists already; unpack to a new folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    stage = folder.with_name(f".{folder.name}-{token_hex(8)}")
    stage.mkdir()
    try:
        _unpack_members(archive, stage, max_bytes, max_files)
        stage.rename(folder)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, *_DECOMPRESSION_ERRORS) as error:
        raise ValueError(f"{archive} is damaged: {error}; download it again") from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _unpack_members(archive: Path, stage: Path, max_bytes: int, max_files: int) -> None:
    written = files = 0
    for member in _members(archive):
        target = stage / _safe_path(member.name, archive)
        if member.kind == "folder":
            target.mkdir(parents=True, exist_ok=True)
            continue
        if member.content is None:
            raise ValueError(f"{archive} holds {member.name!r}, {member.kind}; it is not unpacked")
        files += 1
        if files > max_files:
            raise ValueError(f"{archive} holds more than {max_files:,} files; it is not unpacked")
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            raise ValueError(f"{archive} holds {member.name!r} twice; it is not unpacked")
        with open(target, "xb") as file:
            # The bytes that come count, not those the archive announces.
            while chunk := member.content.read(CHUNK):
                written += len(chunk)
                if written > max_bytes:
                    raise ValueError(
                        f"{archive} unpacks to more than {max_bytes:,} bytes; it is not unpacked"
                    )
                file.write(chunk)


def _members(archive: Path) -> Iterator[_Member]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as file:
            for info in file.infolist():
                yield from _zip_member(file, info)
    elif tarfile.is_tarfile(archive):
        with tarfile.open(archive) as file:
            for info in file:
                if info.isdir():
                    yield _Member(info.name, "folder", None)
                elif info.isfile():
                    yield _Member(info.name, "file", file.extractfile(info))
                else:
                    link = info.issym() or info.islnk()
                    yield _Member(info.name, "a link" if link else "a device", None)
    else:
        raise ValueError(f"{archive} is neither a zip nor a tar archive; download it again")


def _zip_member(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[_Member]:
    mode = info.external_attr >> 16
    if info.is_dir():
        yield _Member(info.filename, "folder", None)
    elif info.flag_bits & 0x1:
        yield _Member(info.filename, "an encrypted file", None)
    elif stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        yield _Member(info.filename, "a link" if stat.S_ISLNK(mode) else "a device", None)
    else:
        with file.open(info) as content:
            yield _Member(info.filename, "file", content)


def _safe_path(name: str, archive: Path) -> PurePosixPath:
    path = PurePosixPath(name)
    # A backslash or a colon would be a separator or a drive on Windows.
    if path.is_absolute() or ".." in path.parts or any(c in name for c in "\\:\0"):
        raise ValueError(f"{archive} holds {name!r}, which leads outside; it is not unpacked")
    return path
