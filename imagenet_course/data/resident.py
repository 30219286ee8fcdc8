"""A loader for sets that fit in memory: they stay on the device, augmented by a few tensor ops.

>>> from imagenet_course.data import load
>>> from imagenet_course.data.resident import ResidentLoader
>>> loader = ResidentLoader(load("digits", "train"), 64, train=True, crop_padding=1)
>>> images, labels = next(iter(loader))
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np
import torch

from imagenet_course.data.dataset import InMemory
from imagenet_course.data.loader import Batch, Loader, to_device
from imagenet_course.data.normalize import Normalize
from imagenet_course.data.order import Order
from imagenet_course.data.recipes import IMAGENET_MEAN, IMAGENET_STD


class ResidentLoader(Loader):
    """Batches of a set of equally sized images, held as uint8 on the device.

    Gives images ``(n, C, H, W)`` of ``dtype``, normalized, channels last, and labels int64
    ``(n,)``, in the order and with the state of `Loader`. Augmentation is that of CIFAR (He et al.
    2016, section 4.2: pad by 4, random crop, flip), with reflected instead of black borders, and
    cutout (DeVries & Taylor 2017). It is drawn for the whole set at the start of an epoch, on the
    CPU, so that every device and every rank sees the same.

    Args:
        dataset: an in-memory data set, or a pair of uint8 images ``(N, H, W, C)`` and labels.
        train: shuffle and augment; otherwise the images as they are, in order.
        crop_padding: pixels of reflected border from which a random window is cut; 0 for none.
        flip: ``"random"`` mirrors each image with probability 1/2; ``"alternate"`` mirrors a random
            half in even epochs and the other half in odd ones, so that two epochs see every image
            both ways (Jordan 2024, arXiv:2404.00498); None for none.
        cutout: side in pixels of a square, centered anywhere, set to the mean; 0 for none.
        mean, std: per channel, for pixels in [0, 1]; by default ImageNet's, for gray images their
            average over the channels.
        batch_size, seed, rank, world_size, drop_last, device, dtype, mix: as in
            `imagenet_course.data.loader.ImageLoader`.

    Raises:
        ValueError: for images of several sizes or wrong type, and sizes out of range.
    """

    def __init__(
        self,
        dataset: InMemory | tuple[np.ndarray, np.ndarray],
        batch_size: int,
        *,
        train: bool,
        crop_padding: int = 0,
        flip: Literal["random", "alternate"] | None = None,
        cutout: int = 0,
        mean: Sequence[float] | None = None,
        std: Sequence[float] | None = None,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
        drop_last: bool | None = None,
        device: str | torch.device = "cpu",
        dtype: torch.dtype = torch.float32,
        mix: Callable[[Batch], Batch] | None = None,
    ) -> None:
        images, labels = dataset if isinstance(dataset, tuple) else (dataset.images, dataset.labels)
        _check(images, labels, crop_padding, flip, cutout)
        drop = train if drop_last is None else drop_last
        super().__init__(Order(len(images), batch_size, train, seed, rank, world_size, drop), mix)
        gray = images.shape[3] == 1
        if mean is None:
            mean = [np.mean(IMAGENET_MEAN)] if gray else IMAGENET_MEAN
        if std is None:
            std = [np.mean(IMAGENET_STD)] if gray else IMAGENET_STD
        self._normalize = Normalize(mean, std, dtype)
        self.device = torch.device(device)
        self.flip = flip if train else None
        self.cutout = cutout if train else 0
        self.crop_padding = crop_padding if train else 0
        self._labels = torch.from_numpy(np.asarray(labels, np.int64)).to(self.device)
        padded = torch.from_numpy(_reflect(images, self.crop_padding)).to(self.device)
        height, width = images.shape[1:3]
        # Every possible crop is a view: (N, tops, lefts, H, W, C), without copying a pixel.
        self._windows = padded.unfold(1, height, 1).unfold(2, width, 1).permute(0, 1, 2, 4, 5, 3)

    def load(self, batches: list[tuple[int, np.ndarray]]) -> Iterator[Batch]:
        count, tops, lefts, height, width, _ = self._windows.shape
        rng = np.random.default_rng((self.order.seed, self.epoch, 1))
        top = self._put(rng.integers(tops, size=count))
        left = self._put(rng.integers(lefts, size=count))
        mirrored = self._put(self._mirrored(count))
        hole = self._put(rng.integers((height, width), size=(count, 2)))
        for _, indices in batches:
            i = self._put(indices)
            images = self._windows[i, top[i], left[i]]
            if self.flip:
                m = mirrored[i, None, None, None]
                images = torch.where(m, images.flip(2), images)
            images = self._normalize(images.permute(0, 3, 1, 2))
            if self.cutout:
                images.masked_fill_(self._hole(hole[i], height, width), 0)
            yield images, self._labels[i]

    def _mirrored(self, count: int) -> np.ndarray:
        if self.flip == "alternate":
            half = np.random.default_rng((self.order.seed, 2)).random(count) < 0.5
            return half ^ bool(self.epoch % 2)
        return np.random.default_rng((self.order.seed, self.epoch, 3)).random(count) < 0.5

    def _hole(self, center: torch.Tensor, height: int, width: int) -> torch.Tensor:
        """Where the squares are, bool ``(n, 1, H, W)``; they may stick out of the image."""
        first = center - self.cutout // 2
        rows = torch.arange(height, device=self.device) - first[:, :1]
        columns = torch.arange(width, device=self.device) - first[:, 1:]
        in_rows = (rows >= 0) & (rows < self.cutout)
        in_columns = (columns >= 0) & (columns < self.cutout)
        return (in_rows[:, :, None] & in_columns[:, None, :])[:, None]

    def _put(self, array: np.ndarray) -> torch.Tensor:
        return to_device(torch.from_numpy(array), self.device)


def _reflect(images: np.ndarray, padding: int) -> np.ndarray:
    border = (padding, padding)
    return np.pad(images, ((0, 0), border, border, (0, 0)), mode="reflect")


def _check(
    images: np.ndarray, labels: np.ndarray, crop_padding: int, flip: str | None, cutout: int
) -> None:
    if not isinstance(images, np.ndarray) or images.ndim != 4 or images.dtype != np.uint8:
        raise ValueError(
            "a resident loader takes images of one size, uint8 (N, H, W, C); use ImageLoader for"
            " images of several sizes"
        )
    if len(images) != len(labels):
        raise ValueError(f"{len(images)} images have {len(labels)} labels; give one for each")
    if images.shape[3] not in (1, 3):
        raise ValueError(f"images must have 1 or 3 channels, got {images.shape[3]}")
    side = min(images.shape[1:3])
    if not 0 <= crop_padding < side:
        raise ValueError(f"crop_padding must be from 0 to {side - 1}, got {crop_padding}")
    if not 0 <= cutout <= side:
        raise ValueError(f"cutout must be from 0 to {side} pixels, got {cutout}")
    if flip not in (None, "random", "alternate"):
        raise ValueError(f'flip must be "random", "alternate" or None, got {flip!r}')
