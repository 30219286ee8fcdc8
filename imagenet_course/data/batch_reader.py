"""What a worker process of `imagenet_course.data.loader.ImageLoader` does: reads whole batches."""

import os
import random
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch.utils.data import Dataset

from imagenet_course.data.dataset import ImageDataset
from imagenet_course.data.images import ImageFileError, read_image
from imagenet_course.data.normalize import empty
from imagenet_course.data.view_reader import read_view, render
from imagenet_course.data.views import plan

TRIES = 10  # broken images in a row that training steps over; more mean that a disk is missing


class Request(NamedTuple):
    """The images wanted in one batch, and the place in shared memory to put them, if any."""

    epoch: int
    indices: np.ndarray
    place: int | None


class BatchReader(Dataset):
    """Reads one batch: ``reader[request]`` → images, labels, [(file, reason), …].

    The images are uint8 ``(n, 3, H, W)``, or None if they lie in ``reader.shared[place]``, or
    whatever the transform makes of them, stacked. The reader is small, picklable and has no state
    but the shared memory: batches sent through a queue would each be written to fresh shared
    memory, which takes about as long as decoding small photographs.
    """

    def __init__(self, dataset: ImageDataset, transform: Callable, train: bool, seed: int) -> None:
        self.plan = plan(transform)
        self.train = train
        self.seed = seed
        self.labels = dataset.labels
        self.shared: torch.Tensor | None = None
        paths = getattr(dataset, "paths", None)
        # One array of bytes: a million strings would be copied into each worker one by one, as
        # counting references writes to them.
        self.paths = None if paths is None else np.array([os.fsencode(path) for path in paths])
        self.dataset = dataset if paths is None else None

    def share_memory(self, places: int, batch_size: int) -> None:
        """Set up ``places`` batches of shared memory, where the size of images is known."""
        if places and self.plan.choose:
            shape = (places, batch_size, *self.plan.choose.size, 3)
            self.shared = torch.empty(shape, dtype=torch.uint8).share_memory_()

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(
        self, request: Request
    ) -> tuple[torch.Tensor | None, torch.Tensor, list[tuple[str, str]]]:
        slots = self._slots(request)
        images, indices, broken = [], [], []
        with torch.random.fork_rng(devices=[], enabled=bool(self.plan.per_image)):
            for wanted in request.indices:
                for index in self._candidates(int(wanted)):
                    slot = slots[len(images) : len(images) + 1]
                    try:
                        images.append(self._image(request.epoch, index, slot))
                        indices.append(index)
                        break
                    except (ImageFileError, OSError) as error:
                        broken.append((self._name(index), str(error)))
                else:
                    if self.train:
                        raise OSError(f"{TRIES} images in a row cannot be read: {broken[-1][1]}")
        labels = torch.from_numpy(self.labels[indices])
        if any(image.shape != slots.shape[1:] or image.dtype != slots.dtype for image in images):
            return torch.stack(images), labels, broken
        for slot, image in zip(slots, images, strict=False):
            if slot.data_ptr() != image.data_ptr():
                slot.copy_(image)
        return None if self.shared is not None else slots[: len(images)], labels, broken

    def _slots(self, request: Request) -> torch.Tensor:
        """Room for the batch, uint8 ``(n, 3, H, W)``, channels last."""
        if self.shared is not None:
            batch = self.shared[request.place, : len(request.indices)]
        else:
            size = self.plan.choose.size if self.plan.choose else (0, 0)
            batch = empty((len(request.indices), *size, 3), torch.uint8)
        return batch.permute(0, 3, 1, 2)

    def _candidates(self, index: int) -> list[int]:
        """The image asked for, then those that take its place should it be broken."""
        return [(index + k) % len(self) for k in range(TRIES if self.train else 1)]

    def _image(self, epoch: int, index: int, slot: torch.Tensor) -> torch.Tensor:
        """Image ``index`` as the plan wants it; its view is drawn in ``slot``."""
        rng = random.Random(f"{self.seed} {epoch} {index}")
        choose = self.plan.choose
        if choose is None:
            image = torch.from_numpy(self._pixels(index)).permute(2, 0, 1)
        else:
            if self.paths is not None:
                pixels, view = read_view(self._name(index), choose, rng)
            else:
                pixels = self._pixels(index)
                view = choose(*pixels.shape[:2], rng)
            render(pixels, view, rng.random() < self.plan.flip, self.plan.interpolation, slot)
            image = slot[0]
        if self.plan.per_image:
            torch.default_generator.manual_seed(rng.getrandbits(63))
            for step in self.plan.per_image:
                image = step(image)
        return image

    def _pixels(self, index: int) -> np.ndarray:
        """The whole image, RGB ``(H, W, 3)``."""
        if self.paths is not None:
            return read_image(self._name(index))
        pixels = self.dataset.image(index)
        return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels

    def _name(self, index: int) -> str:
        return f"image {index}" if self.paths is None else os.fsdecode(self.paths[index])
