"""What is known about a data set: where it comes from, who may use it, and what is in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class DataCard:
    """The card of a data set, as `imagenet_course.data.info` returns it.

    ``splits`` maps the name of each split to its number of images. ``image_shape`` is
    ``(height, width, channels)``, with ``None`` for what differs between images. ``rung`` is
    ``"embedded"`` (nothing to fetch), ``"download"`` or ``"bring your own"``. ``wnids`` holds the
    WordNet ids of ImageNet classes, in the order of ``classes``; it is empty for other sets.
    """

    name: str
    title: str
    rung: str
    origin: str
    license: str
    citation: str
    classes: tuple[str, ...]
    splits: Mapping[str, int]
    image_shape: tuple[int | None, int | None, int | None]
    notes: str = ""
    wnids: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        shape = " × ".join("varies" if side is None else str(side) for side in self.image_shape)
        sizes = ", ".join(f"{split} {size:,}" for split, size in self.splits.items())
        rows = {
            "origin": self.origin,
            "license": self.license,
            "citation": self.citation,
            "classes": _abbreviate(self.classes),
            "images": sizes or "as found",
            "shape": f"{shape} (height × width × channels)",
            "notes": self.notes,
        }
        lines = [f"{self.name}: {self.title} ({self.rung})"]
        lines += [f"  {key:<9}{value}" for key, value in rows.items() if value]
        return "\n".join(lines)


def _abbreviate(classes: tuple[str, ...], most: int = 10) -> str:
    if not classes:
        return "as found"
    shown = ", ".join(classes[:most])
    return shown if len(classes) <= most else f"{shown}, … ({len(classes)} in all)"
