"""What a worker process of `imagenet_course.data.loader.ImageLoader` does: reads whole batches."""

import os
from typing import NamedTuple

import numpy as np
import torch
from torch.utils.data import Dataset

from imagenet_course.data.dataset import ImageDataset
from imagenet_course.data.image_pipeline import ImagePipeline, collect
from imagenet_course.data.images import ImageFileError

TRIES = 10  # broken images in a row that training steps over; more mean that a disk is missing


class Request(NamedTuple):
    """The images wanted in one batch, and the place in shared memory to put them, if any."""

    epoch: int
    indices: np.ndarray
    place: int | None


class BatchReader(Dataset):
    """Reads one batch: ``reader[request]`` → images, labels, [(name, reason), …].

    The images are None if they lie in ``reader.shared[place]``. The reader is small, picklable and
    has no state but the shared memory: batches sent through a queue would each be written to fresh
    shared memory, which takes about as long as decoding small photographs.
    """

    def __init__(self, dataset: ImageDataset, pipeline: ImagePipeline, train: bool) -> None:
        self.pipeline = pipeline
        self.train = train
        self.labels = dataset.labels
        self.shared: torch.Tensor | None = None
        paths = getattr(dataset, "paths", None)
        # One array of bytes: a million strings would be copied into each worker one by one, as
        # counting references writes to them.
        self.paths = None if paths is None else np.array([os.fsencode(path) for path in paths])
        self.dataset = dataset if paths is None else None

    def share_memory(self, places: int, batch_size: int) -> None:
        """Set up ``places`` batches of shared memory, where the size of images is known."""
        if places and self.pipeline.size:
            room = torch.empty((places, batch_size, *self.pipeline.size, 3), dtype=torch.uint8)
            try:
                self.shared = room.share_memory_()
            except RuntimeError as error:
                raise OSError(
                    f"no {room.nbytes / 1e6:,.0f} MB of shared memory to be had for the workers;"
                    " use fewer workers, a smaller batch_size or, in a container, more --shm-size"
                ) from error

    def batch_in(self, place: int, count: int) -> torch.Tensor:
        """The first ``count`` images in a place, uint8 ``(count, 3, H, W)``, channels last."""
        return self.shared[place, :count].permute(0, 3, 1, 2)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(
        self, request: Request
    ) -> tuple[torch.Tensor | None, torch.Tensor, list[tuple[str, str]]]:
        count = len(request.indices)
        if self.shared is None:
            slots = self.pipeline.slots(count)
        else:
            slots = self.batch_in(request.place, count)
        images, indices, broken = [], [], []
        with torch.random.fork_rng(devices=[]):
            for wanted in request.indices:
                for index in self._candidates(int(wanted)):
                    key, slot = f"{request.epoch} {index}", slots[len(images) : len(images) + 1]
                    try:
                        images.append(
                            self.pipeline(self._source(index), self._name(index), key, slot)
                        )
                        indices.append(index)
                        break
                    except (ImageFileError, OSError) as error:
                        broken.append((self._name(index), str(error)))
                else:
                    if self.train:
                        raise OSError(f"{TRIES} images in a row cannot be read: {broken[-1][1]}")
        batch = collect(images, slots)
        in_place = self.shared is not None and batch.data_ptr() == slots.data_ptr()
        return None if in_place else batch, torch.from_numpy(self.labels[indices]), broken

    def _candidates(self, index: int) -> list[int]:
        """The image asked for, then those that take its place should it be broken."""
        return [(index + k) % len(self) for k in range(TRIES if self.train else 1)]

    def _source(self, index: int) -> bytes | np.ndarray:
        if self.paths is None:
            return self.dataset.image(index)
        with open(self._name(index), "rb") as file:
            return file.read()

    def _name(self, index: int) -> str:
        return f"image {index}" if self.paths is None else os.fsdecode(self.paths[index])
