"""The order of an epoch: which images make up each batch, on each rank."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Order:
    """Splits ``length`` images into batches, the same for every run with the same ``seed``.

    For training, an epoch is a permutation, a pure function of (``seed``, epoch). It is cut into
    global batches of ``batch_size × world_size`` images, and each rank takes its ``batch_size`` of
    every one. With ``drop_last``, the images that do not fill a global batch sit this epoch out
    (others will the next time); without, they form a last, shorter batch, spread evenly over the
    ranks, unless they are fewer than the ranks: a rank without a batch would stall the others.

    For evaluation the order is that of the data set and every image belongs to exactly one batch of
    one rank; a rank may then have one batch fewer than another.

    Raises:
        ValueError: for a size, rank or seed out of range, or no batch to be had.
    """

    length: int
    batch_size: int
    train: bool
    seed: int = 0
    rank: int = 0
    world_size: int = 1
    drop_last: bool = False

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {self.batch_size}")
        if self.world_size < 1 or not 0 <= self.rank < self.world_size:
            raise ValueError(
                f"rank must be from 0 to world_size - 1, got rank {self.rank} of {self.world_size}"
            )
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, got {self.seed}")
        if self.drop_last and not self.train:
            raise ValueError("drop_last would leave images out of an evaluation; use train=True")
        if self.train and not len(self):
            raise ValueError(
                f"{self.length} images give no batch of {self.batch_size} on {self.world_size}"
                f" rank(s) with drop_last={self.drop_last}; use a smaller batch_size"
                f"{' or drop_last=False' if self.drop_last else ''}"
            )

    def __len__(self) -> int:
        """The number of batches of this rank in an epoch."""
        return self.length // self._global_batch + (self._tail_share() > 0)

    def batches(self, epoch: int) -> list[np.ndarray]:
        """The indices of the images of each batch of this rank, int64 ``(n,)`` each."""
        if self.train:
            images = np.random.default_rng((self.seed, epoch)).permutation(self.length)
        else:
            images = np.arange(self.length)
        whole = self.length // self._global_batch * self._global_batch
        full = images[:whole].reshape(-1, self.world_size, self.batch_size)
        batches = list(full[:, self.rank])
        if self._tail_share():
            batches.append(np.array_split(images[whole:], self.world_size)[self.rank])
        return batches

    @property
    def _global_batch(self) -> int:
        return self.batch_size * self.world_size

    def _tail_share(self) -> int:
        """How many of the images after the last full global batch are this rank's."""
        tail = self.length % self._global_batch
        if self.train and (self.drop_last or tail < self.world_size):
            return 0
        return tail // self.world_size + (self.rank < tail % self.world_size)
