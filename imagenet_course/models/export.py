"""Networks for use without this course: ONNX and torch.export files, checked by running them."""

import json
import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch

from imagenet_course.models.network import Network, misfit_size
from imagenet_course.models.whole_file import whole_file

LIBRARIES = ("onnx", "onnxscript", "onnxruntime")
TOLERANCE = 1e-3  # on logits, relative to the largest
MOST_IMAGES = 2**20  # in a batch; older versions of torch.export want a bound


def export_onnx(
    model: Network, path: str | os.PathLike[str], input_size: int | None = None
) -> float:
    """Write ``model`` in evaluation mode to an ONNX file, and return max |Δlogit| on random images.

    The file takes "images" (N, C, input_size, input_size), float32 and preprocessed, for any N,
    and gives "logits" (N, num_classes); its metadata hold `description`. ``input_size`` defaults to
    what the network was designed for. The file is run in onnxruntime before it appears at ``path``:
    ArithmeticError where it does not give what the network gives. Needs the extra ``export`` and,
    for networks with batch normalization, a newer PyTorch than 2.6 (2.9 will do). Raises ValueError
    for a size that does not fit or a name that does not end in .onnx.
    """
    path = Path(path)
    if path.suffix.lower() != ".onnx":
        raise ValueError(f"an ONNX file is named *.onnx, but got {path.name!r}.")
    size = model.input_size if input_size is None else input_size
    if reason := misfit_size(model, size, size):
        raise ValueError(reason)
    if missing := [name for name in LIBRARIES if find_spec(name) is None]:
        raise OSError(
            f"ONNX files need {', '.join(missing)}, which is not installed; "
            "run: pip install 'imagenet-course[export]'."
        )
    program = export_program(model, size)
    with whole_file(path) as partial:
        onnx_program = torch.onnx.export(
            program, input_names=["images"], output_names=["logits"], dynamo=True, verbose=False
        )
        onnx_program.model.metadata_props.update(description(model))
        onnx_program.save(partial, external_data=False)
        difference = verify_onnx(partial, model, size)
    return difference


def export_program(model: Network, input_size: int | None = None) -> torch.export.ExportedProgram:
    """``torch.export`` of ``model`` in evaluation mode, for any number of square images.

    The program belongs to PyTorch's world: compile it, quantize it, or hand it to ExecuTorch.
    """
    size = model.input_size if input_size is None else input_size
    training = model.training
    images = torch.zeros(2, model.options["in_channels"], size, size)
    try:
        return torch.export.export(
            model.eval(),
            (images,),
            dynamic_shapes=({0: torch.export.Dim("N", min=1, max=MOST_IMAGES)},),
        )
    finally:
        model.train(training)


def save_program(
    model: Network, path: str | os.PathLike[str], input_size: int | None = None
) -> float:
    """Write `export_program` to a .pt2 file, and return max |Δlogit| on random images.

    ``torch.export.load(path).module()`` takes images as the file of `export_onnx` does; the extra
    file "network.json" holds `description`. The file is loaded and run before it appears at
    ``path``: ArithmeticError where it does not give what the network gives. Raises ValueError for a
    size that does not fit or a name that does not end in .pt2.
    """
    path = Path(path)
    if path.suffix.lower() != ".pt2":
        raise ValueError(f"a torch.export file is named *.pt2, but got {path.name!r}.")
    size = model.input_size if input_size is None else input_size
    if reason := misfit_size(model, size, size):
        raise ValueError(reason)
    program = export_program(model, size)
    with whole_file(path) as partial:
        with partial.open("wb") as file:
            extra = {"network.json": json.dumps(description(model))}
            torch.export.save(program, file, extra_files=extra)
        with partial.open("rb") as file:
            module = torch.export.load(file).module()
        with torch.no_grad():
            images, expected = _trial(model, size)
            difference = _difference(module(images).numpy(), expected, path)
    return difference


def description(model: Network) -> dict[str, str]:
    """What a user of the file has to know, in JSON: "name", "classes" and "preprocessing"."""
    seen = model.preprocessing and model.preprocessing.to_dict()
    facts = {"name": model.name, "classes": model.classes, "preprocessing": seen}
    return {key: json.dumps(value, ensure_ascii=False) for key, value in facts.items()}


def verify_onnx(path: str | os.PathLike[str], model: Network, input_size: int) -> float:
    """Max |Δlogit| between an ONNX file in onnxruntime and ``model``, on three random images.

    Raises ArithmeticError where it exceeds 10⁻³ of the largest logit.
    """
    import onnxruntime

    images, expected = _trial(model, input_size)
    session = onnxruntime.InferenceSession(os.fspath(path), providers=["CPUExecutionProvider"])
    (logits,) = session.run(["logits"], {"images": images.numpy()})
    return _difference(logits, expected, path)


def _trial(model: Network, input_size: int) -> tuple[torch.Tensor, np.ndarray]:
    """Three random images, and the logits of ``model`` in evaluation mode for them."""
    shape = (3, model.options["in_channels"], input_size, input_size)
    images = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    training = model.training
    with torch.no_grad():
        expected = model.eval()(images).numpy()
    model.train(training)
    return images, expected


def _difference(logits: np.ndarray, expected: np.ndarray, path: str | os.PathLike[str]) -> float:
    difference = float(np.abs(logits - expected).max())
    if not difference <= TOLERANCE * np.abs(expected).max():
        raise ArithmeticError(
            f"{path} gives logits that differ by {difference} from the network's."
        )
    return difference
