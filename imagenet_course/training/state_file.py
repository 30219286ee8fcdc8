"""Nested Python values with tensors inside, in a safetensors file and a JSON file beside it.

No pickle: reading a file runs no code. ``write(path, state)`` makes ``path.safetensors``, then
``path.json``, which holds the SHA-256 of both, so that damage is found when they are read.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from imagenet_course.models.whole_file import whole_file

TAG = "$"  # marks what JSON has no notation for


def write(path: Path, state: Any) -> None:
    """Write ``state`` so that a cut at any moment leaves a whole pair of files or no JSON file.

    ``state`` is made of dicts, lists, tuples, numbers, strings, None, tensors and NumPy arrays.
    Raises OSError where the files cannot be written.
    """
    tensors: dict[str, Tensor] = {}
    described = json.dumps(_encode(state, "", tensors))
    try:
        with whole_file(path.with_suffix(".safetensors")) as partial:
            save_file(tensors, partial)
            _to_disk(partial)
            digest = file_digest(partial)
    except SafetensorError as error:  # which is no OSError, even if the disk is full
        raise OSError(str(error)) from error
    sums = {"tensors": digest, "state": hashlib.sha256(described.encode()).hexdigest()}
    with whole_file(path.with_suffix(".json")) as partial:
        partial.write_text(json.dumps({"sha256": sums, "state": described}))
        _to_disk(partial)
    _to_disk(path.parent)  # the names, too


def read(path: Path) -> Any:
    """What `write` was given. Raises ValueError where the files are damaged or incomplete."""
    try:
        document = json.loads(path.with_suffix(".json").read_text())
        sums, described = document["sha256"], document["state"]
        if hashlib.sha256(described.encode()).hexdigest() != sums["state"]:
            raise ValueError("its JSON file has a wrong checksum")
        file = path.with_suffix(".safetensors")
        if file_digest(file) != sums["tensors"]:
            raise ValueError("its safetensors file has a wrong checksum")
        return _decode(json.loads(described), load_file(file))
    except (OSError, KeyError, TypeError, AttributeError, SafetensorError, ValueError) as error:
        reason = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        raise ValueError(f"{path} is damaged ({reason})") from error


def file_digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _encode(value: Any, path: str, tensors: dict[str, Tensor]) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case np.ndarray():
            return {TAG: "array", "of": _encode(torch.from_numpy(value), path, tensors)}
        case Tensor():
            copy = value.detach().to("cpu", copy=True)
            last = copy.ndim == 4 and not copy.is_contiguous()
            tensors[path] = copy.contiguous()
            return {TAG: "tensor", "at": path, "channels_last": last}
        case list():
            return [_encode(item, f"{path}/{i}", tensors) for i, item in enumerate(value)]
        case tuple():
            return {TAG: "tuple", "of": _encode(list(value), path, tensors)}
        case dict():  # pairs, because the keys of an optimizer's state are integers
            pairs = [[key, _encode(item, f"{path}/{key}", tensors)] for key, item in value.items()]
            return {TAG: "dict", "of": pairs}
    raise TypeError(f"{path} is a {type(value).__name__}, which a checkpoint cannot hold")


def _decode(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, list):
        return [_decode(item, tensors) for item in value]
    if not isinstance(value, dict):
        return value
    match value[TAG]:
        case "array":
            return _decode(value["of"], tensors).numpy()
        case "tensor":
            # Steps of an optimizer round differently in another memory layout.
            layout = torch.channels_last if value["channels_last"] else torch.contiguous_format
            return tensors[value["at"]].contiguous(memory_format=layout)
        case "tuple":
            return tuple(_decode(value["of"], tensors))
        case "dict":
            return {key: _decode(item, tensors) for key, item in value["of"]}
    raise ValueError(f"unknown mark {value[TAG]!r}")


def _to_disk(path: Path) -> None:
    """Have the system write what it holds back in memory, so that a power cut loses nothing."""
    if path.is_dir() and os.name == "nt":  # Windows does not open folders
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
