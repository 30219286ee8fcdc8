"""Which device, precision and memory layout to train with, and why."""

import ctypes
import platform
from dataclasses import dataclass

import joblib
import torch
from torch import nn

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True)
class Machine:
    """The settings for this machine; ``reasons`` says in words why.

    ``dtype`` is what matrix products and convolutions are computed in, under autocast; weights
    stay float32.
    """

    device: torch.device
    dtype: torch.dtype
    channels_last: bool
    reasons: tuple[str, ...]

    @property
    def memory_format(self) -> torch.memory_format:
        return torch.channels_last if self.channels_last else torch.contiguous_format

    @property
    def precision(self) -> str:
        return str(self.dtype).removeprefix("torch.")

    def autocast(self) -> torch.autocast:
        """The context in which the network computes."""
        enabled = self.dtype != torch.float32
        return torch.autocast(self.device.type, self.dtype if enabled else None, enabled=enabled)

    def place(self, network: nn.Module) -> nn.Module:
        """Move ``network`` to the device, in its memory layout; the network itself."""
        network.to(self.device, memory_format=self.memory_format)
        if self.device.type == "cpu":
            for module in network.modules():
                if isinstance(module, nn.Conv2d) and _overruns(module):
                    _keep_channels_first(module)
        return network

    def grad_scaler(self) -> torch.amp.GradScaler:
        """Keeps gradients within the range of float16; with other precisions it does nothing."""
        return torch.amp.GradScaler(self.device.type, enabled=self.dtype == torch.float16)


def choose(device: str = "auto", precision: str = "auto", local_rank: int = 0) -> Machine:
    """The fastest settings that train as well as float32, for the device asked for.

    Raises:
        ValueError: if the machine has no such device, or the device no such precision.
    """
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    reasons = []
    if device == "auto":
        device = next((name for name, here in present.items() if here), "cpu")
        if device == "cpu":
            reasons.append("cpu, because PyTorch finds no CUDA or Apple GPU here")
        else:
            reasons.append(f"{device}, because PyTorch finds {_gpu(device)}")
    elif not present.get(device, True):
        raise ValueError(f"PyTorch finds no {device} device here; use device=auto or device=cpu")
    else:
        reasons.append(f"{device}, because it was asked for")
    if precision == "auto":
        precision, reason = _fastest(device)
        reasons.append(f"{precision}, because {reason}")
    else:
        reasons.append(f"{precision}, because it was asked for")
    if precision == "float16" and device == "cpu":
        raise ValueError("the CPU trains in float32 or bfloat16, not in float16")
    # On the CPU, float32 convolutions gain from channels last too, if less than bfloat16 ones.
    channels_last = device != "mps"
    reasons.append(
        "channels last, because convolutions are fastest in this memory layout"
        if channels_last
        else "channels first, because that is the layout of Apple's kernels"
    )
    index = local_rank if device == "cuda" else None
    return Machine(torch.device(device, index), DTYPES[precision], channels_last, tuple(reasons))


def _overruns(conv: nn.Conv2d) -> bool:
    """Whether the gradient of ``conv`` in channels last overwrites memory that is not its own.

    Those of strided 1×1 convolutions with fewer input channels than a vector register holds do, in
    oneDNN 3.12: github.com/uxlfoundation/oneDNN/issues/6035.
    """
    return conv.kernel_size == (1, 1) and conv.stride != (1, 1) and conv.in_channels < 16


def _keep_channels_first(conv: nn.Conv2d) -> None:
    conv.weight.data = conv.weight.data.clone(memory_format=torch.contiguous_format)
    if _channels_first not in conv._forward_pre_hooks.values():
        conv.register_forward_pre_hook(_channels_first)


def _channels_first(conv: nn.Module, inputs: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
    return (inputs[0].contiguous(),)


def _gpu(device: str) -> str:
    return torch.cuda.get_device_name(0) if device == "cuda" else "an Apple GPU"


def _fastest(device: str) -> tuple[str, str]:
    """The precision for a device, and the reason."""
    if device == "cuda":
        if torch.cuda.get_device_capability() >= (8, 0):
            return "bfloat16", "this GPU multiplies bfloat16 matrices in hardware"
        if torch.cuda.get_device_capability() >= (7, 0):
            return "float16", "this GPU multiplies float16 matrices in hardware, not bfloat16 ones"
        return "float32", "this GPU has no tensor cores"
    if device == "mps":
        return "float32", "Apple GPUs gain little from fewer bits in training"
    found = bfloat16_instructions()
    if found:
        return "bfloat16", f"this processor multiplies bfloat16 numbers in hardware ({found})"
    return "float32", "this processor has no instructions for bfloat16 (AMX or AVX512-BF16)"


def bfloat16_instructions() -> str | None:
    """The processor's instructions for products of bfloat16, by name, or None."""
    # Not public in PyTorch, hence asked for with care; an unknown processor gets float32.
    for name, query in (
        ("AMX", "_is_amx_tile_supported"),
        ("AVX512-BF16", "_is_avx512_bf16_supported"),
    ):
        if getattr(torch.cpu, query, bool)():
            return name
    return None


def keep_memory() -> None:
    """Have glibc keep freed memory for the next step, instead of returning it to the system.

    A step on the CPU frees and takes gigabytes of activations. Pages that come back from the system
    are zeroed first, a few kB at a time, which costs about a tenth of a step. Where there is no
    glibc, nothing happens.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(-4, 0)  # M_MMAP_MAX: no block of its own for a large tensor
        libc.mallopt(-1, 2**31 - 1)  # M_TRIM_THRESHOLD, in bytes


def report() -> dict[str, object]:
    """What this machine has and what training will use, as JSON can hold it."""
    machine = choose()
    return {
        "torch": torch.__version__,
        "processor_cores": joblib.cpu_count(),  # that this process may use
        "threads": torch.get_num_threads(),
        "bfloat16_instructions": bfloat16_instructions(),
        "gpus": [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())],
        "device": machine.device.type,
        "precision": machine.precision,
        "channels_last": machine.channels_last,
        "reasons": list(machine.reasons),
    }
