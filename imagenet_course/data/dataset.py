"""The protocol every data set shares, and the data set that lives in memory."""

import operator
from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from imagenet_course.data.card import DataCard
from imagenet_course.errors import unknown_name


class ImageDataset(ABC):
    """Labeled images: ``len(ds)`` of them, each ``ds[i] -> (image, label)``.

    An image is a uint8 array ``(H, W, C)`` with ``C`` = 1 (gray) or 3 (RGB), a label an int that
    indexes ``ds.classes``. ``ds.labels`` holds all labels, int64 ``(N,)``; ``ds.info`` the data
    card; ``ds.split`` the name of the split. It is a map-style data set for
    ``torch.utils.data.DataLoader``.
    """

    def __init__(
        self, labels: np.ndarray, classes: Sequence[str], info: DataCard, split: str
    ) -> None:
        self.labels = np.asarray(labels, dtype=np.int64)
        self.classes = tuple(classes)
        self.info = info
        self.split = split

    @abstractmethod
    def image(self, index: int) -> np.ndarray:
        """Image ``index``, counted from 0, uint8 ``(H, W, C)``."""

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[np.ndarray, int]:
        i = operator.index(index)
        if not -len(self) <= i < len(self):
            raise IndexError(f"image {i} of {self.info.name!r}, which has {len(self)} images")
        i %= len(self)
        return self.image(i), int(self.labels[i])

    def named(self, name: str) -> np.ndarray:
        """The first image of the class ``name``, as in ``load("photos").named("chelsea")``."""
        if name not in self.classes:
            raise unknown_name(f"class of {self.info.name!r}", name, self.classes)
        found = np.flatnonzero(self.labels == self.classes.index(name))
        if not found.size:
            raise ValueError(f"split {self.split!r} of {self.info.name!r} has no image of {name!r}")
        return self.image(int(found[0]))

    def __repr__(self) -> str:
        return f"<{self.info.name} {self.split}: {len(self):,} images, {len(self.classes)} classes>"


class InMemory(ImageDataset):
    """Images held in memory.

    ``ds.images`` is uint8 ``(N, H, W, C)``, or a list of ``N`` arrays ``(H, W, C)`` where sizes
    differ (`photos`).
    """

    def __init__(
        self,
        images: np.ndarray | list[np.ndarray],
        labels: np.ndarray,
        classes: Sequence[str],
        info: DataCard,
        split: str,
    ) -> None:
        super().__init__(labels, classes, info, split)
        self.images = images

    def image(self, index: int) -> np.ndarray:
        return self.images[index]
