"""The choice of precision is an honest one: what it promises is what the processor has."""

import subprocess
import sys

import pytest
import torch

from imagenet_course.training import device

SHORTCUT = """
import torch
from torch import nn
from imagenet_course.training import device

network = device.choose("cpu").place(nn.Sequential(nn.Conv2d(8, 16, 1, stride=2, bias=False)))
images = torch.randn(8, 8, 56, 56, generator=torch.Generator().manual_seed(0))
for _ in range(5):
    network.zero_grad()
    network(images.contiguous(memory_format=torch.channels_last)).sum().backward()
expected = images[:, :, ::2, ::2].double().sum((0, 2, 3))
torch.testing.assert_close(network[0].weight.grad[0, :, 0, 0].double(), expected, rtol=0, atol=1e-3)
"""


def test_a_narrow_strided_shortcut_does_not_overwrite_memory():
    """In a process of its own, which oneDNN's issue 6035 would end."""
    done = subprocess.run([sys.executable, "-c", SHORTCUT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_choice_is_explained():
    machine = device.choose()
    assert machine.device.type in machine.reasons[0]
    assert machine.precision in machine.reasons[1]
    assert device.report()["precision"] == machine.precision


@pytest.mark.parametrize(
    ("amx", "avx", "precision"),
    [(True, True, "bfloat16"), (False, True, "bfloat16"), (False, False, "float32")],
)
def test_bfloat16_is_for_processors_that_multiply_it(monkeypatch, amx, avx, precision):
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx, raising=False)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx, raising=False)
    machine = device.choose("cpu")
    assert machine.precision == precision
    with machine.autocast():
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    assert product.dtype == machine.dtype


def test_a_torch_that_does_not_tell_gets_float32(monkeypatch):
    for query in ("_is_amx_tile_supported", "_is_avx512_bf16_supported"):
        monkeypatch.delattr(torch.cpu, query, raising=False)
    assert device.choose("cpu").precision == "float32"


def test_gpus_get_what_their_generation_multiplies(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: "a GPU")
    for capability, precision in {
        (9, 0): "bfloat16",
        (8, 0): "bfloat16",
        (7, 5): "float16",
        (6, 1): "float32",
    }.items():
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda c=capability: c)
        machine = device.choose(local_rank=1)
        assert (machine.precision, machine.device) == (precision, torch.device("cuda", 1))


def test_what_is_asked_for_is_given_or_refused():
    assert device.choose("cpu", "float32").dtype == torch.float32
    with pytest.raises(ValueError, match="not in float16"):
        device.choose("cpu", "float16")
