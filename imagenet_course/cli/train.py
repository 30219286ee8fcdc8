"""``imagenet-course train``: train a network on a data set of the catalog or an image folder."""

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from imagenet_course.training.config import Config
    from imagenet_course.training.sources import Source
    from imagenet_course.training.watch import Watcher


def train(
    out: Annotated[Path, typer.Option(help="The folder of the run; new, unless --resume.")],
    data: Annotated[
        str | None, typer.Option(help="A name that `data list` shows, or an image folder.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="A name that `models list` shows.")] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            help="Begin with trained weights: imagenet, which torchvision publishes, or"
            " pocket_resnet_imagenette, which comes with the package, or a .safetensors file of a"
            " run; the head is new where the number of classes is."
        ),
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(help="How to train; by default one that suits the data.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training set.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Change a setting, such as lr=0.01, batch_size=32, seed=1, model.width=32 or"
            " data.size=160; framework=keras trains with Keras; may be repeated.",
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")] = False,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Write curves for TensorBoard into --out.")
    ] = False,
    wandb: Annotated[
        str | None,
        typer.Option(metavar="PROJECT", help="Send curves to a project of Weights & Biases."),
    ] = None,
) -> None:
    """Train a network, and leave it in OUT/model.safetensors.

    On several GPUs: torchrun --nproc-per-node 8 --no-python imagenet-course train …
    """
    from imagenet_course.training.config import parse_settings
    from imagenet_course.training.interrupt import Interrupted

    start = [] if weights is None else [f"model.weights={_name_or_file(weights)}"]
    changes = parse_settings([*(settings or []), *start])
    given = {"data": None if data is None else name_or_path(data), "model": model, "epochs": epochs}
    changes |= {name: value for name, value in given.items() if value is not None}
    if resume:
        config, source, title = _resumed(out, recipe, changes)
    else:
        config, source, title = begun(recipe, changes)
    watchers = _watchers(out, tensorboard, wandb)
    announce(config, source, title)
    if config.framework == "keras":
        from imagenet_course.training.keras import train as run
    else:
        from imagenet_course.training.loop import train as run
    try:
        result = run(config, out, resume=resume, source=source, watchers=watchers)
    except Interrupted as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(128 + error.signal) from None
    if _first():
        typer.echo(f"validation accuracy {result.accuracy:.1%}, {result.folder}/model.safetensors")
        typer.echo(f"look closer: imagenet-course evaluate {shlex.quote(str(result.folder))}")


def name_or_path(data: str) -> str:
    """``data`` if it is a name of `data list`, otherwise its whole path."""
    from imagenet_course.data import names

    if not data:
        raise ValueError("--data is empty; give an image folder or a name of `data list`")
    if data in names():
        if Path(data).is_dir():
            typer.echo(f"{data} is the set of that name; for the folder, write ./{data}", err=True)
        return data
    return str(Path(data).expanduser().resolve())  # a run may be resumed from elsewhere


def _name_or_file(weights: str) -> str:
    """``weights`` if it is a name, otherwise the whole path of that file."""
    from imagenet_course.models import shipped
    from imagenet_course.models.weights import is_file

    if weights in shipped() or not is_file(weights):
        return weights
    return str(Path(weights).expanduser().resolve())


def begun(recipe: str | None, changes: dict[str, Any]) -> "tuple[Config, Source, str]":
    """The settings of a new run, its data, and a line on the recipe."""
    from imagenet_course import models
    from imagenet_course.errors import unknown_name
    from imagenet_course.training.config import Config, check_names
    from imagenet_course.training.recipes import RECIPES, suitable
    from imagenet_course.training.recipes import recipe as settings_of
    from imagenet_course.training.sources import check_heard, open_source

    if "data" not in changes:
        raise ValueError("--data is missing; give an image folder or a name of `data list`")
    if "model" not in changes:
        raise ValueError("--model is missing; give a name of `models list`")
    if recipe is not None:
        config = settings_of(recipe, **changes)
        why = "as asked"
    else:  # the other settings may only make sense with the recipe, which depends on the data
        check_names(changes)
        chosen = ("data", "data_options", "model", "model_options", "patience")
        config = Config(**{name: changes[name] for name in chosen if name in changes})
    if config.model not in models.names():
        raise unknown_name("model", config.model, models.names())
    source = open_source(config)
    if recipe is None:
        in_files, trained = hasattr(source.training, "paths"), "weights" in config.model_options
        recipe, fitted, why = suitable(len(source.training), in_files, trained)
        config = settings_of(recipe, **fitted | changes)
        if fitted:
            why += f", with epochs={config.epochs} and batch_size={config.batch_size}, because the"
            why += " images are few" + ("" if trained else "; try trained weights, too (--weights)")
    check_heard(changes, config, source)
    return config, source, f"{recipe}, {why}: {RECIPES[recipe].citation}"


def _resumed(
    out: Path, recipe: str | None, changes: dict[str, Any]
) -> "tuple[Config, Source, str]":
    """The settings of the run in ``out``, its data, and a line on where they come from."""
    from imagenet_course.training.run_folder import RunFolder
    from imagenet_course.training.sources import open_source

    if recipe is not None:
        raise ValueError(f"the run in {out} keeps its settings; leave --recipe out of --resume")
    folder = RunFolder(out)
    config = folder.config().changed(**changes)
    folder.check(config)
    title = "finished before, nothing more is trained" if folder.finished else "as begun"
    return config, open_source(config), f"{title}, from {folder.run}"


def _watchers(out: Path, tensorboard: bool, wandb: str | None) -> "list[Watcher]":
    """The watchers that were asked for; OSError where one is not installed."""
    from imagenet_course.training.watch_tensorboard import TensorBoard
    from imagenet_course.training.watch_wandb import WandB

    watchers: list[Watcher] = [TensorBoard(out)] if tensorboard else []
    return [*watchers, WandB(out, wandb)] if wandb is not None else watchers


def announce(config: "Config", source: "Source", title: str) -> None:
    """Say what is about to be trained on what, how, and on which machine."""
    if config.framework == "keras":
        from imagenet_course.training.keras import choose
    else:
        from imagenet_course.training.device import choose

    if not _first():
        return
    reasons = choose(config.device, config.precision).reasons
    images = f"{len(source.training):,} images of {len(source.classes):,} classes, {source.note}"
    for name, text in {
        "data": f"{config.data}: {images} ({len(source.validation):,} images)",
        "model": config.model,
        "recipe": title,
        "machine": "; ".join(reasons),
    }.items():
        typer.echo(f"{name:<8}{text}")


def _first() -> bool:
    """Whether this process speaks for all that torchrun started."""
    return os.environ.get("RANK", "0") == "0"
