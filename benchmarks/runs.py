"""Train the networks that the course reports on, and record their curves in results/.

    python benchmarks/runs.py imagenette-5 --seeds 3 --out runs

Every run is one that ``imagenet-course train`` makes too; the record gives that command. A run that
was cut off goes on, and one that is finished is only recorded, so the script may be started again
after each. The data must be in the data root: `imagenet-course data get imagenette --size 320`.
"""

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import torch
from record import record

from imagenet_course.training.loop import train
from imagenet_course.training.recipes import recipe


@dataclass(frozen=True)
class Experiment:
    """The networks of one record, trained alike; ``beside`` says what others reached, and where."""

    data: str
    models: tuple[str, ...]
    recipe: str
    changes: dict[str, Any] = field(default_factory=dict)
    beside: str = ""


LEADERBOARD = "the leaderboard of github.com/fastai/imagenette: {}, the mean of 5 runs on a GPU"
EXPERIMENTS = {
    "imagenette-5": Experiment(
        "imagenette", ("pocket_resnet",), "fast-imagenette", beside=LEADERBOARD.format("85.77 %")
    ),
    "imagenette-20": Experiment(
        "imagenette",
        ("pocket_resnet",),
        "fast-imagenette",
        # Crops show objects larger than whole photographs do; trained on smaller ones, the network
        # meets them at the same size in validation (Touvron et al., NeurIPS 2019).
        {"epochs": 20, "size": 112, "validation_size": 128},
        beside=LEADERBOARD.format("91.57 %"),
    ),
    "imagenette-20-at-128": Experiment(  # its first run made the weights that the package ships
        "imagenette",
        ("pocket_resnet",),
        "fast-imagenette",
        {"epochs": 20},
        beside=LEADERBOARD.format("91.57 %"),
    ),
    "cifar10-fast": Experiment(
        "cifar10",
        ("sprint_net",),
        "fast-cifar10",
        beside="airbench94 (Jordan, arXiv:2404.00498) on the JPEG copy: 90.0 % in 625 s on two"
        " cores of another CPU, with AMX",
    ),
    "cifar10-depth": Experiment(
        "cifar10",
        ("resnet20", "plain20", "resnet56", "plain56"),
        "resnet-cifar-2015",
        {"epochs": 12},
        beside="182 epochs on CIFAR-10 itself: 91.25 % (ResNet-20) and 93.03 % (ResNet-56),"
        " He et al. 2016, table 6",
    ),
}


def command(experiment: Experiment, model: str, seed: int) -> str:
    """What the reader types for the same run."""
    changes = experiment.changes | {"seed": seed}
    settings = " ".join(f"--set {key}={value}" for key, value in changes.items())
    return (
        f"imagenet-course train --data {experiment.data} --model {model}"
        f" --recipe {experiment.recipe} {settings} --out DIR"
    )


def run(name: str, model: str, seed: int, out: Path) -> dict[str, Any]:
    """Train one network, or go on with it; its figures, epoch by epoch."""
    experiment = EXPERIMENTS[name]
    config = recipe(
        experiment.recipe,
        data=experiment.data,
        model=model,
        seed=seed,
        **experiment.changes,
    )
    folder = out / f"{name}-{model}-{seed}"
    result = train(config, folder, resume=(folder / "run.json").exists())
    columns = ("loss", "accuracy", "validation_loss", "validation_accuracy", "seconds")
    return {
        "model": model,
        "seed": seed,
        "command": command(experiment, model, seed),
        "parameters": sum(p.numel() for p in result.network.parameters()),
        "accuracy": result.accuracy,
        "seconds": sum(epoch["seconds"] for epoch in result.history),
        "epochs": {key: [epoch[key] for epoch in result.history] for key in columns},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("experiment", choices=EXPERIMENTS)
    parser.add_argument("--seeds", type=int, default=1, help="how many runs of each network")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="where the runs are kept")
    options = parser.parse_args()
    experiment = EXPERIMENTS[options.experiment]
    runs = []
    for seed in range(options.seeds):
        for model in experiment.models:
            runs.append(run(options.experiment, model, seed, options.out))
            print(f"{model}, seed {seed}: {runs[-1]['accuracy']:.2%}, {runs[-1]['seconds']:.0f} s")
            figures = {
                "data": experiment.data,
                "beside": experiment.beside,
                "threads": torch.get_num_threads(),
                "summary": {model: summary(runs, model) for model in experiment.models},
                "runs": runs,
            }
            again = f"python benchmarks/runs.py {options.experiment} --seeds {options.seeds}"
            record(options.experiment, figures, again)
    print(json.dumps(figures["summary"], indent=1))


def summary(runs: list[dict[str, Any]], model: str) -> dict[str, Any]:
    """The mean accuracy of a network over its runs so far, and their deviation if several."""
    accuracies = [run["accuracy"] for run in runs if run["model"] == model]
    if not accuracies:
        return {"runs": 0}
    found = {"runs": len(accuracies), "accuracy": mean(accuracies)}
    return found | ({"deviation": stdev(accuracies)} if len(accuracies) > 1 else {})


if __name__ == "__main__":
    main()
