"""Reading every file of a data set, to name the damaged ones before a training run meets them."""

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

import numpy as np
import simplejpeg
from PIL import Image

from imagenet_course.data.image_folder import (
    ImageFiles,
    check_same_classes,
    class_folders,
    image_files,
    split_folders,
)
from imagenet_course.data.images import EXTENSIONS, MAX_PIXELS, ImageFileError, open_image, to_rgb

# What a training run would stumble over; the other kinds of finding are notes, which it handles.
DAMAGE = ("empty", "not an image", "broken", "oversized", "unreadable", "empty class", "structure")


@dataclass(frozen=True)
class Finding:
    """Something to know about a file or folder; ``kind`` is one of `DAMAGE` or a note's."""

    path: str
    kind: str
    detail: str

    @property
    def is_damage(self) -> bool:
        return self.kind in DAMAGE


@dataclass
class Report:
    """What was read and what was found."""

    source: str
    files: int = 0
    in_memory: int = 0
    bytes: int = 0
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)

    @property
    def damage(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_damage]

    @property
    def notes(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.is_damage]

    def counts(self) -> dict[str, int]:
        """How many findings there are of each kind, the damage first."""
        counts = Counter(finding.kind for finding in self.findings)
        return dict(sorted(counts.items(), key=lambda item: (item[0] not in DAMAGE, item[0])))


def verify_folder(
    path: str | os.PathLike[str], *, workers: int | None = None, progress: bool = False
) -> Report:
    """Read every file of an image folder, and check that its splits and classes are sound.

    Raises:
        FileNotFoundError: if ``path`` is no folder.
    """
    folders = split_folders(path)
    report = Report(str(path))
    try:
        check_same_classes(path, folders)
    except ValueError as error:
        report.findings.append(Finding(str(path), "structure", str(error)))
    for folder in folders.values():
        for name in class_folders(folder):
            if not image_files(folder / name):
                report.findings.append(
                    Finding(str(folder / name), "empty class", "the class folder holds no image")
                )
    _read_all(list(_walk(path)), report, workers, progress)
    return report


def verify_dataset(
    name: str, *, workers: int | None = None, progress: bool = False, **options: object
) -> Report:
    """Read every image of a data set of the catalog, and compare its size with the data card's."""
    from imagenet_course.data.catalog import info, load

    report = Report(name)
    paths: list[str] = []
    for split, size in info(name).splits.items():
        dataset = load(name, split, **options)
        if len(dataset) != size:
            detail = f"split {split} has {len(dataset):,} images, {size:,} are published"
            report.findings.append(Finding(name, "structure", detail))
        if isinstance(dataset, ImageFiles):
            paths += dataset.paths
        else:
            report.in_memory += len(dataset)
            report.bytes += sum(image.nbytes for image, _ in dataset)
    _read_all(paths, report, workers, progress)
    return report


def inspect_file(path: str, max_pixels: int = MAX_PIXELS) -> list[Finding]:
    """Decode one file; what is wrong with it, or what to know about it."""
    name = os.path.basename(path)
    expected = name.lower().endswith(EXTENSIONS)
    try:
        with open(path, "rb") as file, open_image(file, path, max_pixels) as image:
            if not expected:
                return [
                    Finding(path, "ignored", f"{image.format}, but without an image's extension")
                ]
            to_rgb(image)  # a mode that reading refuses is damage too
            if image.format in ("JPEG", "MPO") and _stops_early(file):
                return [Finding(path, "broken", "its pixels stop early; the rest reads as gray")]
            return [Finding(path, kind, detail) for kind, detail in _notes(name, image)]
    except ImageFileError as error:
        if not expected:
            return [Finding(path, "ignored", "no image's extension, and no image")]
        return [Finding(path, error.kind, error.detail)]
    except OSError as error:
        return [Finding(path, "unreadable", error.strerror or str(error))]


def _stops_early(file: BinaryIO) -> bool:
    """Whether a JPEG was cut and then closed by an end marker, which Pillow passes in silence.

    Of libjpeg's warnings only this one counts: others, such as extra bytes between two segments,
    are common in photographs that are whole.
    """
    file.seek(0)
    try:
        simplejpeg.decode_jpeg(file.read(), strict=True)
    except ValueError as error:
        return "premature end" in str(error).lower()
    return False


def _notes(name: str, image: Image.Image) -> Iterator[tuple[str, str]]:
    # MPO is JPEG with a preview or a second view behind it, as many cameras write it.
    format_ = "JPEG" if image.format == "MPO" else image.format
    expected = Image.registered_extensions()[os.path.splitext(name)[1].lower()]
    if format_ != expected:
        yield "misnamed", f"{format_} under the name of a {expected}"
    if image.mode in ("L", "LA", "1"):
        yield "grayscale", f"mode {image.mode}; read as RGB with three equal channels"
    elif image.mode == "RGB" and _is_gray(np.asarray(image)):
        yield "grayscale in disguise", "RGB with three equal channels"
    elif image.mode in ("CMYK", "YCCK"):
        yield "CMYK", "print colors; converted to RGB without a color profile"
    elif image.mode in ("P", "PA"):
        yield "palette", "at most 256 colors"
    elif image.mode.startswith("I"):
        yield "16 bits", "reduced to the upper 8 when read"
    if image.has_transparency_data:
        yield "transparent", "laid on white when read"
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        yield "animated", f"{image.n_frames} frames, of which the first is read"
    try:
        orientation = image.getexif().get(0x0112, 1)
    except Exception:  # malformed EXIF, which reading ignores
        yield "malformed EXIF", "ignored when read"
    else:
        if orientation != 1:
            yield "rotated", f"EXIF orientation {orientation}, applied when read"


def _is_gray(image: np.ndarray) -> bool:
    """Whether the channels of an RGB image are equal; a coarse grid decides nearly always."""
    return all(
        np.array_equal(part[..., 0], part[..., 1]) and np.array_equal(part[..., 1], part[..., 2])
        for part in (image[::16, ::16], image)
    )


def _walk(path: str | os.PathLike[str]) -> Iterator[str]:
    for folder, folders, names in os.walk(path, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (os.path.join(folder, n) for n in sorted(names) if not n.startswith("."))


def _read_all(paths: list[str], report: Report, workers: int | None, progress: bool) -> None:
    from tqdm.auto import tqdm

    report.files = len(paths)
    start = time.perf_counter()
    # Threads suffice: Pillow decodes outside the interpreter lock.
    with (
        ThreadPoolExecutor(workers or os.cpu_count()) as pool,
        tqdm(
            total=len(paths), unit=" files", desc="reading", disable=not (progress and paths)
        ) as bar,
    ):
        for size, findings in _in_order(pool, paths):
            report.bytes += size
            report.findings += findings
            bar.update()
    report.seconds = time.perf_counter() - start


def _in_order(
    pool: ThreadPoolExecutor, paths: Iterable[str], ahead: int = 1024
) -> Iterator[tuple[int, list[Finding]]]:
    """Results in the order of ``paths``, with a bounded number of files submitted ahead."""
    remaining = iter(paths)
    while block := list(islice(remaining, ahead)):
        yield from pool.map(_inspect, block)


def _inspect(path: str) -> tuple[int, list[Finding]]:
    try:
        size = os.path.getsize(path)
    except OSError:
        size = 0
    return size, inspect_file(path)
