"""Weights in files: safetensors, with all that is needed to build the network around them.

Formats that run code when they are opened (pickle: .pt, .pth, .pkl, .ckpt, .bin) are refused.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from imagenet_course.models.network import Network
from imagenet_course.models.preprocess import Preprocessing
from imagenet_course.models.registry import create
from imagenet_course.models.whole_file import whole_file

PICKLES = {".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".bin"}
MOST_KEYS_LISTED = 6
SHIPPED = Path(__file__).parent / "shipped"


def save(
    model: Network,
    path: str | os.PathLike[str],
    *,
    dtype: torch.dtype | None = None,
    **metadata: Any,
) -> Path:
    """Write weights, name, options, classes and preprocessing of ``model`` to ``path``.

    ``dtype`` converts floating-point weights (torch.float16 halves the file). ``metadata`` is
    anything else that JSON can hold, such as ``accuracy=0.91``. The file appears whole or not at
    all. Returns the path; raises ValueError unless it ends in .safetensors.
    """
    path = Path(path)
    if path.suffix != ".safetensors":
        raise ValueError(f"weights are saved as .safetensors, but got {path.name!r}.")
    state = {
        key: tensor.detach().cpu().contiguous().to(dtype if tensor.is_floating_point() else None)
        for key, tensor in model.state_dict().items()
    }
    described = {"name": model.name, "options": model.options, **metadata}
    if model.classes is not None:
        described["classes"] = list(model.classes)
    if model.preprocessing is not None:
        described["preprocessing"] = model.preprocessing.to_dict()
    header = {key: json.dumps(value) for key, value in described.items()}
    try:
        with whole_file(path) as partial:
            save_file(state, partial, metadata=header)
    except SafetensorError as error:  # which is no OSError, even if the disk is full
        raise OSError(f"{path} cannot be written ({error}); free some space") from error
    return path


def shipped() -> tuple[str, ...]:
    """The names of the trained networks that come with the package."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.safetensors")))


def is_file(weights: str) -> bool:
    """Whether ``weights`` is what :func:`load` takes, a file or a shipped network."""
    return weights in shipped() or Path(weights).suffix in {".safetensors", *PICKLES}


def load(path: str | os.PathLike[str]) -> Network:
    """Build the network that :func:`save` wrote to ``path``, in evaluation mode.

    ``path`` may also be one of the names that :func:`shipped` gives. Raises ValueError for a file
    that is damaged, of another format, or not one of ours.
    """
    if str(path) in shipped():
        path = SHIPPED / f"{path}.safetensors"
    state, metadata = read(path)
    if "name" not in metadata or "options" not in metadata:
        raise ValueError(
            f"{path} does not say which network it belongs to; build that network and use "
            "load_weights(model, path)."
        )
    model = _described(metadata["name"], metadata["options"], path)
    check_state(model, state, str(path))
    model.load_state_dict(state, assign=True)
    for parameter in model.parameters():
        parameter.requires_grad_(True)
    if "classes" in metadata:
        model.classes = tuple(metadata["classes"])
    if "preprocessing" in metadata:
        model.preprocessing = Preprocessing.from_dict(metadata["preprocessing"])
    return model.eval()


def _described(name: Any, options: Any, path: str | os.PathLike[str]) -> Network:
    """The network of a header, which may be forged: nothing is downloaded and no memory taken."""
    if not isinstance(name, str) or not isinstance(options, dict) or "weights" in options:
        raise ValueError(f"{path} holds no usable description of a network.")
    try:
        with torch.device("meta"):
            return create(name, **options)
    except TypeError as error:
        raise ValueError(f"{path} holds no usable description of a network: {error}.") from error


def load_weights(
    model: nn.Module, source: str | os.PathLike[str] | Mapping[str, Tensor]
) -> nn.Module:
    """Load a safetensors file or a state dict into ``model``, in place; returns ``model``.

    Raises ValueError that lists every missing, unexpected and mis-shaped key; nothing is loaded
    then.
    """
    if isinstance(source, Mapping):
        state, origin = source, "the state dict"
    else:
        state, origin = read(source)[0], str(source)
    check_state(model, state, origin)
    model.load_state_dict(state)
    return model


def read(path: str | os.PathLike[str]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors of a safetensors file, floating-point ones as float32, and its metadata.

    Raises FileNotFoundError where there is none and ValueError for another or a damaged format.
    """
    path = Path(path)
    if path.suffix.lower() in PICKLES:
        raise ValueError(
            f"{path.name} may be a pickle, which can run any code when it is opened, so it is not "
            "read. If you trust it, convert it once: safetensors.torch.save_file("
            "torch.load(path, weights_only=True), 'weights.safetensors')."
        )
    if not path.is_file():
        known = f"; shipped networks are {', '.join(shipped())}" if shipped() else ""
        raise FileNotFoundError(f"there is no file {path}{known}.")
    try:
        with safe_open(path, framework="pt") as file:
            # Copied, so that the file is free again and the weights lie aligned in memory.
            state = {key: file.get_tensor(key).clone() for key in file.keys()}  # noqa: SIM118
            metadata = {key: json.loads(value) for key, value in (file.metadata() or {}).items()}
    except (SafetensorError, ValueError) as error:
        raise ValueError(f"{path} is no whole safetensors file of this course: {error}.") from error
    return {
        key: tensor.float() if tensor.is_floating_point() else tensor
        for key, tensor in state.items()
    }, metadata


def check_state(model: nn.Module, state: Mapping[str, Tensor], origin: str) -> None:
    """Raise ValueError that lists all that keeps ``state`` from fitting ``model``."""
    expected = {key: tuple(tensor.shape) for key, tensor in model.state_dict().items()}
    given = {key: tuple(tensor.shape) for key, tensor in state.items()}
    problems = {
        "missing": [key for key in expected if key not in given],
        "unexpected": [key for key in given if key not in expected],
        "of another shape": [
            f"{key} {given[key]} instead of {shape}"
            for key, shape in expected.items()
            if key in given and given[key] != shape
        ],
    }
    listed = [
        f"{len(keys)} {kind}: {', '.join(keys[:MOST_KEYS_LISTED])}"
        + (f" and {len(keys) - MOST_KEYS_LISTED} more" if len(keys) > MOST_KEYS_LISTED else "")
        for kind, keys in problems.items()
        if keys
    ]
    if listed:
        title = getattr(model, "name", "") or type(model).__name__
        raise ValueError(f"{origin} does not fit {title}; {'; '.join(listed)}.")
