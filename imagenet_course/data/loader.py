"""Loaders: ``for images, labels in loader``, an epoch at a time, resumable anywhere.

>>> from imagenet_course.data.loader import ImageLoader
>>> from imagenet_course.data.recipes import recipe
>>> loader = ImageLoader(dataset, 64, recipe("standard", train=True), train=True)
>>> for epoch in range(90):
...     for images, labels in loader:  # normalized, channels last, on the device
...         ...

`ImageLoader` reads any data set of the catalog, a photograph at a time, in worker processes;
`imagenet_course.data.resident.ResidentLoader` serves sets of small images from memory. Both give
the same batches again for the same ``seed``, whatever the number of workers: what happens to image
``i`` in epoch ``e`` is a function of ``(seed, e, i)`` alone, what happens to a batch as a whole
(mixup) of ``(seed, e, batch, rank)``.
"""

import logging
import os
import random
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader
from torchvision.transforms import v2

from imagenet_course.data.batch_reader import BatchReader, Request
from imagenet_course.data.dataset import ImageDataset
from imagenet_course.data.image_pipeline import ImagePipeline
from imagenet_course.data.normalize import Normalize
from imagenet_course.data.order import Order

log = logging.getLogger(__name__)


Batch = tuple[torch.Tensor, torch.Tensor]


class Loader(ABC):
    """Counts epochs and batches, mixes them, and can stop and go on anywhere.

    ``loader.epoch`` is the epoch that the next ``for`` gives; it advances when one is finished. A
    ``for`` that was left early starts the same epoch again, unless `load_state_dict` says where to
    go on. Order, sharding and ``drop_last`` are those of `Order`.

    ``mix`` is applied to each batch on the device, such as `imagenet_course.data.recipes.mixing`.
    """

    def __init__(self, order: Order, mix: Callable[[Batch], Batch] | None = None) -> None:
        self.order = order
        self.mix = mix
        self.epoch = 0
        self.batch = 0  # of this epoch given so far
        self._resume_at = 0

    def __len__(self) -> int:
        """The number of batches in an epoch."""
        return len(self.order)

    def __iter__(self) -> Iterator[Batch]:
        start, self._resume_at = self._resume_at, 0
        batches = list(enumerate(self.order.batches(self.epoch)))[start:]
        self.batch = start
        for (number, _), batch in zip(batches, self.load(batches), strict=True):
            self.batch = number + 1
            if len(batch[1]):
                yield self._mixed(number, batch) if self.mix else batch
        self.set_epoch(self.epoch + 1)

    def close(self) -> None:  # noqa: B027 - most loaders have nothing to end
        """End what reads in the background, if anything does; another epoch would begin it anew."""

    @abstractmethod
    def load(self, batches: list[tuple[int, np.ndarray]]) -> Iterator[Batch]:
        """The batches with the given numbers and indices, on the device, without mixing."""

    def _mixed(self, number: int, batch: Batch) -> Batch:
        with torch.random.fork_rng(devices=[]):
            seed = f"mix {self.order.seed} {self.epoch} {number} {self.order.rank}"
            torch.default_generator.manual_seed(random.Random(seed).getrandbits(63))
            return self.mix(*batch)

    def set_epoch(self, epoch: int) -> None:
        """Let the next ``for`` give ``epoch``, from its first batch."""
        self.epoch, self.batch, self._resume_at = epoch, 0, 0

    def state_dict(self) -> dict[str, Any]:
        """Where the loader is, as JSON can hold it: batches already given count as done."""
        order = asdict(self.order)
        del order["rank"]  # the same for all, so that one rank can save for every rank
        return {"epoch": self.epoch, "batch": self.batch, "order": order}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on after the batch at which ``state`` was taken; the rest is the same to the bit.

        Raises:
            ValueError: if the state belongs to another order, whose remaining batches differ.
        """
        mine = self.state_dict()["order"]
        for name, value in state["order"].items():
            if mine.get(name) != value:
                if name == "world_size":
                    raise ValueError(
                        f"cannot resume with {mine.get(name)} processes: start {value} by torchrun,"
                        " as before, or begin anew"
                    )
                raise ValueError(
                    f"cannot resume: {name} was {value} and is {mine.get(name)}; bring data and"
                    " settings back to what they were, or begin anew"
                )
        self.set_epoch(state["epoch"])
        self.batch = self._resume_at = state["batch"]


class Broken(dict[str, str]):
    """The images that could not be read: name → reason. Each is logged once."""

    def note(self, broken: list[tuple[str, str]]) -> None:
        for name, reason in broken:
            if name not in self:
                self[name] = reason
                log.warning("skipped an image that cannot be read: %s", reason)


class ToDevice:
    """Copies a batch from the host's memory to ``device``, and normalizes it there."""

    def __init__(
        self, device: str | torch.device, dtype: torch.dtype, normalize: v2.Normalize | None
    ) -> None:
        self.device = torch.device(device)
        self._normalize = normalize and Normalize(normalize.mean, normalize.std, dtype)

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        if self.device.type == "cuda":
            images = images.pin_memory()
        images = to_device(images, self.device)
        if not self._normalize:
            return images.clone()  # the workers use the original again
        normalized = self._normalize(images.flatten(0, -4))
        return normalized.unflatten(0, images.shape[:-3])  # ten views have shape (n, 10, 3, …)

    def labels(self, labels: torch.Tensor) -> torch.Tensor:
        return to_device(labels, self.device)


def to_device(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    """A copy of ``tensor`` on ``device``, without waiting for it where that is safe.

    On Apple GPUs it is not: the copy would read memory that is in use for the next batch by then
    (github.com/pytorch/pytorch/issues/139550).
    """
    return tensor.to(device, non_blocking=device.type == "cuda")


def _ignore_ctrl_c(worker: int) -> None:
    """A terminal sends Ctrl-C to all processes; whoever reads the batches decides what it means."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class ImageLoader(Loader):
    """Batches of a data set's images, read and transformed in worker processes.

    ``loader`` gives ``(images, labels)``: images ``(n, 3, height, width)`` in channels-last memory,
    on ``device``, normalized to ``dtype`` if ``transform`` ends in ``ToDtype`` and ``Normalize``;
    labels int64 ``(n,)``.

    An image that cannot be read does not end the epoch. In training the next readable image of the
    data set takes its place, in evaluation its batch is shorter. Either way it is logged once and
    kept in ``loader.broken``, file name to reason.

    Args:
        dataset: any data set of the catalog; files are read at full speed through ``paths``.
        batch_size: images per batch and rank.
        transform: for one image, such as `imagenet_course.data.recipes.recipe` gives. Random
            transforms draw from torch's generator, as all of torchvision's do.
        train: shuffle, and repair batches with broken images.
        seed, rank, world_size, drop_last: see `Order`; ``drop_last`` defaults to ``train``.
        workers: processes; 0 reads in this one. By default one per processor beyond the first, at
            most 8.
        device, dtype: of the images given.
        mix: see `Loader`.
        context: how to start workers, ``"fork"``, ``"spawn"`` or ``"forkserver"``; by default as
            the platform does.

    Raises:
        ValueError: for a bad size, rank or number of workers.
        OSError: while iterating, if ten images in a row cannot be read.
    """

    def __init__(
        self,
        dataset: ImageDataset,
        batch_size: int,
        transform: Callable,
        *,
        train: bool,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
        drop_last: bool | None = None,
        workers: int | None = None,
        device: str | torch.device = "cpu",
        dtype: torch.dtype = torch.float32,
        mix: Callable[[Batch], Batch] | None = None,
        context: str | None = None,
    ) -> None:
        drop = train if drop_last is None else drop_last
        super().__init__(Order(len(dataset), batch_size, train, seed, rank, world_size, drop), mix)
        if workers is None:
            from joblib import cpu_count  # what this process may use; takes a moment to import

            here = int(os.environ.get("LOCAL_WORLD_SIZE", 1))  # processes that share this machine
            workers = max(0, min(8, cpu_count() // here - 1))
        if workers < 0:
            raise ValueError(f"workers must not be negative, got {workers}")
        self.broken = Broken()
        pipeline = ImagePipeline(transform, seed, exact=not train)
        self._to_device = ToDevice(device, dtype, pipeline.plan.normalize)
        self._reader = BatchReader(dataset, pipeline, train)
        # Each worker has two requests before it, and one batch may be in use here.
        self._places = 2 * workers + 1 if workers else 0
        self._reader.share_memory(self._places, batch_size)
        self._requests: list[Request] = []
        self._loader = DataLoader(
            self._reader,
            batch_size=None,  # a request is a whole batch
            sampler=self._requests,
            num_workers=workers,
            prefetch_factor=2 if workers else None,
            persistent_workers=workers > 0,
            multiprocessing_context=context if workers else None,
            generator=torch.Generator(),  # it draws a seed that nothing here uses
            worker_init_fn=_ignore_ctrl_c,
        )

    def close(self) -> None:
        # PyTorch ends its workers when their iterator is forgotten, which a traceback can delay for
        # ever; and they no longer die of Ctrl-C.
        iterator, self._loader._iterator = self._loader._iterator, None
        if iterator is not None:
            iterator._shutdown_workers()

    def load(self, batches: list[tuple[int, np.ndarray]]) -> Iterator[Batch]:
        self._requests[:] = [
            Request(self.epoch, indices, k % self._places if self._places else None)
            for k, (_, indices) in enumerate(batches)
        ]
        for request, (images, labels, broken) in zip(self._requests, self._loader, strict=True):
            self.broken.note(broken)
            if images is None:
                images = self._reader.batch_in(request.place, len(labels))
            yield self._to_device(images), self._to_device.labels(labels)
