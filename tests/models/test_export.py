"""ONNX files give what the networks give, for any number of images."""

import numpy as np
import pytest
import torch

from imagenet_course import models
from imagenet_course.models import export

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")


@pytest.mark.parametrize("name", ["lenet5", "alexnet2012", "vgg11_bn", "resnet18"])
def test_onnx_files_give_the_same_logits(name, slim, tmp_path):
    model = slim(name).train()
    size = 64 if model.input_size > 32 else 32
    path = tmp_path / "model.onnx"
    assert models.export_onnx(model, path, size) <= 1e-4
    assert model.training  # as it was
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for count in (1, 5):
        images = torch.randn(count, model.options["in_channels"], size, size)
        (logits,) = session.run(["logits"], {"images": images.numpy()})
        with torch.no_grad():
            np.testing.assert_allclose(logits, model.eval()(images), atol=1e-4)


def test_a_file_that_gives_other_logits_never_appears(slim, tmp_path, monkeypatch):
    other = slim("resnet20", num_classes=7)
    torch.nn.init.normal_(other.fc.weight)
    program = export.export_program(other)
    monkeypatch.setattr(export, "export_program", lambda model, size: program)
    with pytest.raises(ArithmeticError, match="logits that differ by"):
        models.export_onnx(slim("resnet20"), tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_programs_of_torch_export_give_the_same_logits(slim):
    model = slim("densenet121")
    program = models.export_program(model, 64)
    images = torch.randn(5, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(program.module()(images), model(images))


def test_wrong_names_and_sizes_are_refused(slim, tmp_path):
    with pytest.raises(ValueError, match=r"named \*\.onnx, but got 'model\.pt'"):
        models.export_onnx(slim("resnet20"), tmp_path / "model.pt")
    with pytest.raises(ValueError, match="too small for alexnet"):
        models.export_onnx(slim("alexnet"), tmp_path / "model.onnx", 32)


def test_missing_libraries_are_named_with_the_remedy(slim, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "find_spec", lambda name: None if name == "onnxscript" else name)
    with pytest.raises(OSError, match=r"need onnxscript, .* pip install 'imagenet-course\[export"):
        models.export_onnx(slim("resnet20"), tmp_path / "model.onnx")
