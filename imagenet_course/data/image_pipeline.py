"""One pipeline applied to one image after another, in place where possible."""

import io
import random
from collections.abc import Callable

import numpy as np
import torch

from imagenet_course.data.images import decode_image
from imagenet_course.data.normalize import empty
from imagenet_course.data.view_reader import decode_view, render
from imagenet_course.data.views import plan


class ImagePipeline:
    """What a transform does to single images: all of its `plan` but the normalization.

    Randomness comes from ``(seed, key)`` alone, where the key names the image and the epoch.
    ``exact`` forbids to decode large photographs at a smaller scale.
    """

    def __init__(self, transform: Callable, seed: int, *, exact: bool) -> None:
        self.plan = plan(transform)
        self.seed = seed
        self.exact = exact

    @property
    def size(self) -> tuple[int, int] | None:
        """(height, width) of the images, where it is known beforehand."""
        return self.plan.choose.size if self.plan.choose else None

    def slots(self, count: int) -> torch.Tensor:
        """Room for ``count`` images, uint8 ``(count, 3, H, W)``, channels last."""
        return empty((count, *(self.size or (0, 0)), 3), torch.uint8).permute(0, 3, 1, 2)

    def __call__(
        self, source: bytes | np.ndarray, name: str, key: str, slot: torch.Tensor
    ) -> torch.Tensor:
        """The image in the file ``source`` or the uint8 array ``(H, W, C)``, transformed.

        ``slot`` is a batch of one that `slots` gave, where the view is drawn. Gray images become
        RGB. Call it within ``torch.random.fork_rng()``, as it seeds torch's generator.

        Raises:
            ImageFileError: which names ``name``, if the file cannot be read.
        """
        rng = random.Random(f"{self.seed} {key}")
        choose = self.plan.choose
        if choose is None:
            pixels = decode_image(io.BytesIO(source), name) if _is_file(source) else _rgb(source)
            image = torch.from_numpy(pixels).permute(2, 0, 1)
        else:
            if _is_file(source):
                pixels, view = decode_view(source, name, choose, rng, exact=self.exact)
            else:
                pixels, view = _rgb(source), choose(*source.shape[:2], rng)
            render(pixels, view, rng.random() < self.plan.flip, self.plan.interpolation, slot)
            image = slot[0]
        if self.plan.per_image:
            torch.default_generator.manual_seed(rng.getrandbits(63))
            for step in self.plan.per_image:
                image = step(image)
        return image


def collect(images: list[torch.Tensor], slots: torch.Tensor) -> torch.Tensor:
    """The images as one batch: the first of ``slots`` if they fit in them, otherwise stacked."""
    if any(image.shape != slots.shape[1:] or image.dtype != slots.dtype for image in images):
        return torch.stack(images)
    for slot, image in zip(slots, images, strict=False):
        if slot.data_ptr() != image.data_ptr():
            slot.copy_(image)
    return slots[: len(images)]


def _is_file(source: bytes | np.ndarray) -> bool:
    return isinstance(source, bytes)


def _rgb(pixels: np.ndarray) -> np.ndarray:
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
