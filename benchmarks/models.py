"""Every network beside its twins: parameters, multiply-adds, largest difference of a logit.

    python benchmarks/models.py [NAME ...]

Full width, the input size each network was designed for, four random images, float32, evaluation
mode. The weights are random, scaled so that logits are of order one. Writes results/models.json.
"""

import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import torch
from record import record, recorded
from rich.console import Console
from rich.table import Table
from torch import nn
from torchvision import models as torchvision_models

from imagenet_course import models
from imagenet_course.models import keras as mirrors
from imagenet_course.models.keras.bridge import carry_to_keras

IMAGES = 4
APPLICATIONS = {"vgg16": "VGG16", "vgg19": "VGG19", "densenet121": "DenseNet121"}
APPLICATIONS |= {"densenet169": "DenseNet169", "densenet201": "DenseNet201"}


def scale_to_order_one(model: nn.Module, images: torch.Tensor) -> None:
    """Random weights that keep the signal alive through any depth, and running statistics to fit.

    Small scales and positive shifts in batch normalization keep deep plain networks from being
    chaotic, which would magnify the rounding of float32 and measure that.
    """
    norms = []
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                module.weight.normal_(std=(2 / module.weight[0].numel()) ** 0.5)
            elif isinstance(module, nn.BatchNorm2d):
                module.weight.uniform_(0.2, 0.6)
                module.bias.uniform_(0.0, 1.0)
                module.momentum = 1.0
                norms.append(module)
        model.train()(images)
    for module in norms:
        module.momentum = 0.1
    model.eval()


def compare(name: str) -> dict[str, object]:
    """The figures of one network."""
    started = time.perf_counter()
    torch.manual_seed(0)
    model = models.create(name)
    size, channels = model.input_size, model.options["in_channels"]
    scale_to_order_one(model, torch.randn(IMAGES, channels, size, size))
    images = torch.randn(IMAGES, channels, size, size)
    last = images.permute(0, 2, 3, 1).numpy()
    with torch.inference_mode():
        logits = model(images)
    table = models.summary(model)
    figures: dict[str, object] = {
        "input": [channels, size, size],
        "parameters": sum(p.numel() for p in model.parameters()),
        "parameters_in_evaluation": table.parameters,  # without auxiliary heads
        "multiply_adds": table.macs,
        "activation_bytes": table.memory,
        "smallest_input": models.smallest_input(model),
        "largest_logit": float(logits.abs().max()),
    }

    def difference(others: np.ndarray) -> float:
        return float(np.abs(logits.numpy() - np.asarray(others)).max())

    if name in torchvision_models.list_models(module=torchvision_models):
        options = {"init_weights": False, "aux_logits": True} if name == "googlenet" else {}
        with torch.device("meta"):
            theirs = torchvision_models.get_model(name, weights=None, **options)
        theirs.load_state_dict(model.state_dict(), strict=True, assign=True)
        with torch.inference_mode():
            figures["torchvision"] = difference(theirs.eval()(images).numpy())
    outputs = mirrors.to_keras(model)(last)
    figures["keras"] = difference(outputs[0] if isinstance(outputs, list) else outputs)
    if name in APPLICATIONS:
        import keras

        build = getattr(keras.applications, APPLICATIONS[name])
        application = build(weights=None, classifier_activation=None)
        carry_to_keras(model, application, by_order=True)
        figures["keras_applications"] = difference(application(last))
    figures["seconds"] = round(time.perf_counter() - started, 1)
    return figures


def show(results: dict[str, dict[str, object]]) -> None:
    """Print the table."""
    table = Table("network", title="max |Δlogit| against the same weights elsewhere")
    for heading in ("parameters", "multiply-adds", "torchvision", "Keras", "keras.applications"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, figures in results.items():
        differences = [
            f"{figures[key]:.1e}" if key in figures else "–"
            for key in ("torchvision", "keras", "keras_applications")
        ]
        counts = (f"{figures[key]:,}" for key in ("parameters", "multiply_adds"))
        table.add_row(name, *counts, *differences)
    Console(width=110).print(table)


def main() -> None:
    wanted = sys.argv[1:] or list(models.names())
    results = recorded("models") if sys.argv[1:] else {}
    for name in wanted:
        results[name] = compare(name)
        print(name, results[name], flush=True)
    results = {name: results[name] for name in models.names() if name in results}
    show(results)
    record("models", results, command="python benchmarks/models.py")


if __name__ == "__main__":
    main()
