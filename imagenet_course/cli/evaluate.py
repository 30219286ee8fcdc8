"""``imagenet-course evaluate``: how good a trained network is, how sure that is, where it fails."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from imagenet_course.cli.networks import NetworkArgument

if TYPE_CHECKING:
    import numpy as np

    from imagenet_course.data import ImageDataset
    from imagenet_course.models import Network
    from imagenet_course.training.config import Config

VIEWS = ("flip", "ten-crop")
SETTINGS = ("data_options", "batch_size", "workers", "device", "precision")


def evaluate(
    network: NetworkArgument,
    data: Annotated[
        str | None,
        typer.Option(
            help="A name that `data list` shows, or an image folder; by default the images that the"
            " run was validated on."
        ),
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="Of the data; by default validation, or else test.")
    ] = None,
    tta: Annotated[
        str | None,
        typer.Option(help="Average the predictions for several views: flip or ten-crop."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="batch_size, workers, device, precision or data.OPTION; may be repeated.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="A new folder for the figures and evaluation.json.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Print accuracy with its uncertainty, calibration, each class's scores, and confusions.

    The temperature that calibrates the network is fitted on one half of the images and judged on
    the other, and the reverse.
    """
    from imagenet_course.cli.images_to_judge import images_to_judge, labels_of
    from imagenet_course.cli.networks import open_network, run_config
    from imagenet_course.cli.outputs import unused_folder
    from imagenet_course.errors import unknown_name
    from imagenet_course.evaluation import assess

    if tta not in (None, *VIEWS):
        raise unknown_name("--tta", tta, VIEWS)
    config = _config(run_config(network), data, network, settings or [])
    opened = open_network(network)
    dataset, note = images_to_judge(config, data, split)
    labels = labels_of(opened, dataset, network)
    out = out and unused_folder(out)
    judged = _predict(opened, dataset, labels, config, tta)
    classes = opened.classes or dataset.classes
    found = assess(judged.logits, judged.labels, classes)
    about = {
        "network": network,
        "model": opened.name,
        "data": data or config.data,
        "split": dataset.split,
        "note": note,
        "views": tta,
        "unreadable": judged.broken,
    }
    document = json.dumps(about | found.to_dict(), indent=2, ensure_ascii=False)
    if out:
        _write(out, judged, dataset, classes, document)
    if hasattr(sys.stdout, "reconfigure"):  # class names may be in any language
        sys.stdout.reconfigure(errors="replace")
    if as_json:
        typer.echo(document)
        return
    typer.echo(f"network   {opened.name}, {network}")
    typer.echo(f"data      {about['data']}: {found.images:,} images, {note}")
    if tta:
        typer.echo(f"views     averaged over {tta} views")
    if judged.broken:
        typer.echo(f"left out  {len(judged.broken):,} images that cannot be read")
    typer.echo(str(found))
    if out:
        typer.echo(f"\nfigures and evaluation.json are in {out}")


def _config(
    config: "Config | None", data: str | None, network: str, settings: list[str]
) -> "Config":
    """The run's settings, or the default ones, with those changed that ``--set`` names."""
    from imagenet_course.errors import unknown_name
    from imagenet_course.training.config import Config, parse_settings

    if config is None and data is None:
        raise ValueError(f"--data is missing; {network} is no run, which would know its own images")
    changes = parse_settings(settings)
    for name in changes:
        if name not in SETTINGS:
            raise unknown_name("setting of evaluate", name, SETTINGS)
    config = config or Config()
    # What the run's own data took means nothing to other data.
    kept = config.data_options if data is None else {}
    changes["data_options"] = {**kept, **changes.get("data_options", {})}
    return config.changed(**changes)


class Judged(NamedTuple):
    """Predictions for the images ``readable`` of a data set; ``broken`` ones have a reason."""

    logits: "np.ndarray"
    labels: "np.ndarray"
    readable: "np.ndarray"
    broken: dict[str, str]


def _predict(
    network: "Network",
    dataset: "ImageDataset",
    labels: "np.ndarray",
    config: "Config",
    tta: str | None,
) -> Judged:
    import numpy as np
    import torch
    from tqdm import tqdm

    from imagenet_course.evaluation import flip_views, predict
    from imagenet_course.training.device import choose
    from imagenet_course.training.validation import validation_loader

    machine = choose(config.device, config.precision)
    loader = validation_loader(
        dataset,
        network.preprocessing,
        machine,
        batch_size=config.batch_size,
        workers=config.workers,
        in_memory=config.in_memory,
        ten_crop=tta == "ten-crop",
        central_square=config.photographs == "alexnet-2012",
    )
    logits, _ = predict(
        machine.place(network),
        tqdm(loader, unit=" batches", leave=False, disable=None),
        autocast=None if machine.dtype == torch.float32 else machine.dtype,
        views=flip_views if tta == "flip" else None,
    )
    broken = dict(getattr(loader, "broken", {}))
    lost = [i for i, path in enumerate(dataset.paths) if path in broken] if broken else []
    readable = np.delete(np.arange(len(dataset)), lost)
    return Judged(logits, labels[readable], readable, broken)


def _write(
    out: Path, judged: Judged, dataset: "ImageDataset", classes: tuple[str, ...], document: str
) -> None:
    """Draw confusion.png, reliability.png and mistakes.png, and write evaluation.json."""
    import matplotlib as mpl

    from imagenet_course import evaluation
    from imagenet_course.models.whole_file import whole_file
    from imagenet_course.viz import evaluation as viz
    from imagenet_course.viz import use_style

    out.mkdir(parents=True, exist_ok=True)
    mpl.use("agg")
    use_style()
    logits, labels = judged.logits, judged.labels
    matrix = evaluation.confusion_matrix(logits, labels)
    figures: dict[str, Any] = {
        "confusion": viz.draw_confusion_matrix(matrix, classes),
        "reliability": viz.draw_reliability(evaluation.reliability(logits, labels)),
    }
    worst = evaluation.worst_examples(logits, labels, 24, by="confidence")
    if worst:
        worst = [replace(example, index=int(judged.readable[example.index])) for example in worst]
        figures["mistakes"] = viz.draw_examples(dataset, worst, classes)
    for name, figure in figures.items():
        with whole_file(out / f"{name}.png") as partial:
            figure.savefig(partial, format="png", dpi=150)
    with whole_file(out / "evaluation.json") as partial:
        partial.write_text(document + "\n", "utf-8")
