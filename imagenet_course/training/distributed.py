"""One process per GPU, as ``torchrun`` starts them; without it, one process on its own.

>>> # torchrun --nproc-per-node 8 --no-python imagenet-course train --data imagenet …
"""

import atexit
import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from imagenet_course.models.surgery import FrozenBatchNorm2d


@dataclass(frozen=True)
class Ranks:
    """Which process this is (``rank``), among how many, and which on its machine."""

    rank: int = 0
    world_size: int = 1
    local_rank: int = 0

    @property
    def first(self) -> bool:
        """Whether this is the process that logs and saves."""
        return self.rank == 0

    def sum(self, values: Tensor) -> Tensor:
        """The sum over all processes, in place."""
        if self.world_size > 1:
            dist.all_reduce(values)
        return values

    def any(self, flag: object, together: bool) -> bool:
        """Whether ``flag`` is set in any process; asked only when all are ``together``."""
        if self.world_size == 1 or not together:
            return bool(flag) and self.world_size == 1
        return bool(self.sum(torch.tensor(float(bool(flag)), device=self._device())) > 0)

    def _device(self) -> str:
        return "cuda" if dist.get_backend() == "nccl" else "cpu"

    def no_sync(self, model: nn.Module, stepping: bool) -> AbstractContextManager:
        """Leaves gradients to each process but in the batch after which a step is taken."""
        return nullcontext() if stepping or self.world_size == 1 else model.no_sync()

    def wrap(self, model: nn.Module, device: torch.device, sync_batch_norm: bool) -> nn.Module:
        """``model``, with gradients averaged over the processes."""
        if self.world_size == 1:
            return model
        if sync_batch_norm:
            if any(isinstance(module, FrozenBatchNorm2d) for module in model.modules()):
                raise ValueError(
                    "sync_batch_norm would thaw frozen batch normalization, which has no statistics"
                    " to share; use --set sync_batch_norm=false"
                )
            if device.type != "cuda":
                raise ValueError("sync_batch_norm needs CUDA; leave it out on other devices")
            model = nn.SyncBatchNorm.convert_sync_batchnorm(model)
        return DistributedDataParallel(model, [device.index] if device.type == "cuda" else None)

    def share_buffers(self, model: nn.Module) -> None:
        """Give every process the running statistics of the first, which are the ones saved."""
        if self.world_size > 1:
            for buffer in model.buffers():
                dist.broadcast(buffer, src=0)


def join(device: str = "auto") -> Ranks:
    """Join the processes that ``torchrun`` started together with this one, if any.

    They speak by NCCL where ``device`` is or may be CUDA, otherwise by Gloo.
    """
    told = [os.environ.get(key) for key in ("RANK", "WORLD_SIZE", "LOCAL_RANK")]
    if None in told:  # RANK alone is what some schedulers of clusters set
        return Ranks()
    ranks = Ranks(*map(int, told))
    if not dist.is_initialized() and ranks.world_size > 1:
        cuda = torch.cuda.is_available() and device in ("auto", "cuda")
        if cuda:
            torch.cuda.set_device(ranks.local_rank)
        dist.init_process_group("nccl" if cuda else "gloo")
        atexit.register(dist.destroy_process_group)  # the script may train again
    return ranks
