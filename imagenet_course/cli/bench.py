"""``imagenet-course bench``: what this machine makes of a network, before a long run is begun."""

import json
from statistics import median
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from imagenet_course.training.config import Config

RUNS = (  # what is measured, and its function in imagenet_course.training.throughput
    ("loading", "loading"),
    ("bare step", "bare_step"),
    ("training", "our_loop"),
)


def bench(
    data: Annotated[
        str | None,
        typer.Option(help="A name or an image folder; by default drawings of the network's size."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="A name that `models list` shows; by default resnet50.")
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(help="How to train; by default one that suits the data.")
    ] = None,
    size: Annotated[int | None, typer.Option(min=1, help="Side of the images in pixels.")] = None,
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Images per batch; by default the recipe's.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="As for train; may be repeated."),
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="Batches in a round.")] = 8,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds, after one to warm up.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Measure loading, the bare training step and the whole loop, and estimate a run's hours."""
    from imagenet_course.cli.train import announce, begun
    from imagenet_course.training import throughput
    from imagenet_course.training.config import parse_settings
    from imagenet_course.training.sources import network_for

    changes = parse_settings(settings or [])
    given = {"model": model, "size": size, "batch_size": batch_size}
    changes |= {name: value for name, value in given.items() if value is not None}
    changes.setdefault("model", "resnet50")
    config, source, title = begun(recipe, _with_data(data, changes, steps))
    if config.framework != "pytorch":
        raise ValueError(
            f"bench measures the PyTorch loop, not framework={config.framework}; leave the setting"
            " out, or train for an epoch, whose line in log.jsonl has images_per_second"
        )
    if not as_json:
        announce(config, source, title)
    short = throughput.shortened(source, config, steps)
    found: dict[str, dict[str, Any]] = {}
    for name, function in RUNS:
        rates = getattr(throughput, function)(short, config, rounds)
        found[name] = {"images_per_second": median(rates), "rounds": rates}
        if not as_json:
            spread = f"{rounds} rounds, {min(rates):,.1f} to {max(rates):,.1f}"
            if name == "loading" and not hasattr(source.training, "paths"):
                spread += "; these images lie in memory"
            typer.echo(f"{name:<11}{median(rates):9,.1f} images/s ({spread})")
    costs = _costs(config, network_for(source, config), len(source.training), found)
    if as_json:
        about = {"settings": config.to_dict(), "measured": found, **costs}
        typer.echo(json.dumps(about, indent=2, ensure_ascii=False))
        return
    share = found["training"]["images_per_second"] / found["bare step"]["images_per_second"]
    typer.echo(
        f"training reaches {share:.1%} of the bare step, {costs['flops_per_second'] / 1e9:,.1f}"
        " GFLOP/s"
    )
    for run in costs["runs"]:
        typer.echo(
            f"{run['hours']:9,.2f} hours for {run['epochs']} epochs of {run['images']:,} images"
            f" ({run['name']})"
        )


def _with_data(data: str | None, changes: dict[str, Any], steps: int) -> dict[str, Any]:
    """``changes`` with the data to measure on: those asked for, or drawings of the right size."""
    from imagenet_course import models
    from imagenet_course.cli.train import name_or_path

    if data is not None:
        return changes | {"data": name_or_path(data)}
    size = changes.get("size") or models.create(changes["model"], num_classes=2).input_size
    drawings = {"size": size, "length": steps * changes.get("batch_size", 64)}
    return changes | {"data": "piconet", "data_options": drawings | changes.get("data_options", {})}


def _costs(
    config: "Config", network: Any, images: int, found: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """FLOP/s of the training, and the hours of this run and of one of ImageNet, at its rate."""
    from imagenet_course.training.cost import IMAGENET, Hardware, estimate, train_flops

    size = config.size or network.input_size
    speed = train_flops(network, size) * found["training"]["images_per_second"]
    here = Hardware("this machine, as measured", speed)
    runs = [
        {"name": name, "images": count, "epochs": epochs}
        for name, count, epochs in (
            ("as asked", images, config.epochs),
            (f"the images of ImageNet at {size} pixels", IMAGENET, 90),
        )
    ]
    for run in runs:
        cost = estimate(
            network,
            here,
            images=run["images"],
            epochs=run["epochs"],
            size=size,
            utilization=1.0,
        )
        run["hours"] = cost.hours
    return {"flops_per_second": speed, "runs": runs}
