"""Streaming WebDataset shards: the loader for what `imagenet_course.data.shards` wrote."""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from imagenet_course.data.image_pipeline import ImagePipeline, collect
from imagenet_course.data.images import ImageFileError
from imagenet_course.data.loader import Batch, Broken, Loader, ToDevice
from imagenet_course.data.shards import ShardIndex, import_webdataset, read_index


@dataclass(frozen=True)
class ShardOrder:
    """Which shards each worker of each rank streams, and the batches that come of it.

    A rank's workers are streams that give a batch each in turn. For training the shards are
    permuted every epoch, and every rank stops after the same number of batches, so what is left of
    each stream sits this epoch out. For evaluation every image is given exactly once.

    Raises:
        ValueError: for a size or rank out of range, or fewer shards than streams.
    """

    shards: dict[str, int]  # images in each
    batch_size: int
    train: bool
    seed: int = 0
    rank: int = 0
    world_size: int = 1
    workers: int = 1

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {self.batch_size}")
        if self.world_size < 1 or not 0 <= self.rank < self.world_size:
            raise ValueError(
                f"rank must be from 0 to world_size - 1, got rank {self.rank} of {self.world_size}"
            )
        streams = self.workers * self.world_size
        if len(self.shards) < streams:
            raise ValueError(
                f"{len(self.shards)} shards cannot feed {self.workers} worker(s) on each of"
                f" {self.world_size} rank(s); use at most {len(self.shards)} in all, or write"
                " smaller shards"
            )
        if not len(self):
            raise ValueError(
                f"the shards of a worker hold fewer images than a batch of {self.batch_size};"
                " use a smaller batch_size or fewer workers"
            )

    def stream(self, epoch: int, rank: int, worker: int) -> list[str]:
        """The names of the shards that a worker reads, in order."""
        names = sorted(self.shards)
        if self.train:
            names = np.random.default_rng((self.seed, epoch)).permutation(names).tolist()
        return names[rank :: self.world_size][worker :: self.workers]

    def batches(self, epoch: int) -> list[tuple[int, int]]:
        """(round, worker) of each batch of this rank, in the order they are given."""
        counts = self._counts(epoch, self.rank)
        turns = [
            (turn, worker)
            for turn in range(max(counts))
            for worker, count in enumerate(counts)
            if turn < count
        ]
        return turns[: len(self)]

    def __len__(self) -> int:
        """The number of batches of this rank, the same in every epoch."""
        if not self.train:
            return sum(self._counts(0, self.rank))
        # Only the last shard is shorter. Wherever it falls in an epoch, this many are there.
        full, short = max(self.shards.values()), min(self.shards.values())
        return min(
            sum(
                (len(self.stream(0, rank, worker)) * full - (full - short) * (worker == unlucky))
                // self.batch_size
                for worker in range(self.workers)
            )
            for rank in range(self.world_size)
            for unlucky in range(self.workers)
        )

    def _counts(self, epoch: int, rank: int) -> list[int]:
        """How many batches each worker has; only an evaluation uses a last, shorter one."""
        images = [
            sum(self.shards[name] for name in self.stream(epoch, rank, worker))
            for worker in range(self.workers)
        ]
        spare = 0 if self.train else self.batch_size - 1
        return [(n + spare) // self.batch_size for n in images]


class ShardLoader(Loader):
    """Batches streamed from shards, with the interface of `imagenet_course.data.loader.Loader`.

    Gives ``(images, labels)`` as `imagenet_course.data.loader.ImageLoader` does; arguments of the
    same name mean the same. The same ``seed`` and number of ``workers`` give the same batches, and
    so does resuming: what was given before is read again, but not decoded. An image that cannot be
    read is noted in ``loader.broken``; in training another of its batch takes its place.

    Args:
        where: the folder or web address of the shards.
        workers: streams that read in processes of their own; 0 is one stream in this process.
        buffer: images that each stream mixes while training.
    """

    def __init__(
        self,
        where: str | os.PathLike[str],
        batch_size: int,
        transform: Callable,
        *,
        train: bool,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
        workers: int = 0,
        buffer: int = 1000,
        device: str | torch.device = "cpu",
        dtype: torch.dtype = torch.float32,
        mix: Callable[[Batch], Batch] | None = None,
        context: str | None = None,
    ) -> None:
        import_webdataset()
        self.index: ShardIndex = read_index(where)
        order = ShardOrder(
            self.index.shards, batch_size, train, seed, rank, world_size, max(1, workers)
        )
        super().__init__(order, mix)
        self.workers, self.context = workers, context
        self.broken = Broken()
        self._where, self._buffer = os.fspath(where), buffer
        self._pipeline = ImagePipeline(transform, seed, exact=not train)
        self._to_device = ToDevice(device, dtype, self._pipeline.plan.normalize)

    def load(self, batches: list[tuple[int, tuple[int, int]]]) -> Iterator[Batch]:
        turns = [turn for _, turn in batches]
        stream = ShardStream(
            self._where, self.order, self._pipeline, self._buffer, self.epoch, turns
        )
        loader = DataLoader(
            stream,
            batch_size=None,
            num_workers=self.workers,
            multiprocessing_context=self.context if self.workers else None,
            generator=torch.Generator(),  # it draws a seed that nothing here uses
        )
        for batch in loader:
            if batch is not None:
                images, labels, broken = batch
                self.broken.note(broken)
                yield self._to_device(images), self._to_device.labels(labels)


class ShardStream(IterableDataset):
    """The batches of one worker: those of ``turns`` that are its own, None for the others' turns.

    The None keep the workers in step, so that the order of batches is known.
    """

    def __init__(
        self,
        where: str,
        order: ShardOrder,
        pipeline: ImagePipeline,
        buffer: int,
        epoch: int,
        turns: list[tuple[int, int]],
    ) -> None:
        self.where, self.order, self.pipeline = where, order, pipeline
        self.buffer, self.epoch, self.turns = buffer, epoch, turns

    def __iter__(self) -> Iterator[tuple | None]:
        info = get_worker_info()
        worker = info.id if info else 0
        records = self._records(worker)
        first, last = (self.turns[0][0], self.turns[-1][0]) if self.turns else (0, -1)
        wanted = set(self.turns)
        for turn in range(last + 1):
            taken = list(islice(records, self.order.batch_size))
            if (turn, worker) in wanted:
                if len(taken) < (self.order.batch_size if self.order.train else 1):
                    raise OSError(
                        f"the shards in {self.where!r} hold fewer images than their index says;"
                        " write or copy them again"
                    )
                yield self._batch(taken)
            elif turn >= first:
                yield None

    def _records(self, worker: int) -> Iterator[dict[str, Any]]:
        wds = import_webdataset()
        names = self.order.stream(self.epoch, self.order.rank, worker)
        base = self.where.rstrip("/\\").replace("\\", "/")
        stages = [wds.SimpleShardList([f"{base}/{name}" for name in names])]
        stages.append(wds.tarfile_to_samples())
        if self.order.train:
            rng = random.Random(f"{self.order.seed} {self.epoch} {self.order.rank} {worker}")
            stages.append(wds.shuffle(self.buffer, initial=self.buffer, rng=rng))
        return iter(wds.DataPipeline(*stages))

    def _batch(
        self, records: list[dict[str, Any]]
    ) -> tuple[torch.Tensor, torch.Tensor, list[tuple[str, str]]]:
        slots = self.pipeline.slots(len(records))
        images, labels, broken = [], [], []
        with torch.random.fork_rng(devices=[]):
            for record in records:
                name = f"{record['__url__']}/{record['__key__']}"
                key, slot = (
                    f"{self.epoch} {record['__key__']}",
                    slots[len(images) : len(images) + 1],
                )
                try:
                    images.append(self.pipeline(_file(record), name, key, slot))
                    labels.append(int(record["cls"]))
                except ImageFileError as error:
                    broken.append((name, str(error)))
        if self.order.train and broken:
            if not images:
                raise OSError(
                    f"none of {len(records)} images in a row can be read: {broken[-1][1]}"
                )
            for k in range(len(broken)):
                images.append(images[k].clone())
                labels.append(labels[k])
        return collect(images, slots), torch.tensor(labels, dtype=torch.int64), broken


def _file(record: dict[str, Any]) -> bytes:
    """The record's image, whatever its extension."""
    return next(v for k, v in record.items() if not k.startswith("__") and k != "cls")
