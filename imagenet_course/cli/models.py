"""``imagenet-course models``: which networks there are, and what is inside them."""

import json
from typing import Annotated

import typer

app = typer.Typer(help="List and inspect the networks.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_models(json_: Json = False) -> None:
    """Print the names of all networks, with what each is."""
    from imagenet_course import models

    about = {name: models.registry.describe(name) for name in models.names()}
    if json_:
        typer.echo(json.dumps(about, indent=2, ensure_ascii=False))
        return
    for name, sentence in about.items():
        typer.echo(f"{name:12} {sentence}")


@app.command()
def summary(
    name: Annotated[str, typer.Argument(help="A name that `models list` prints.")],
    size: Annotated[int | None, typer.Option(help="Side of the square image, in pixels.")] = None,
    classes: Annotated[int | None, typer.Option(help="Number of classes.")] = None,
    channels: Annotated[int | None, typer.Option(help="Number of input channels.")] = None,
    depth: Annotated[int | None, typer.Option(help="Join layers below this many levels.")] = None,
    json_: Json = False,
) -> None:
    """Print layers, output shapes, parameters, multiply-adds, memory and receptive fields."""
    import torch

    from imagenet_course import models

    options = {"num_classes": classes, "in_channels": channels}
    with torch.device("meta"):  # shapes are all we need
        model = models.create(name, **{k: v for k, v in options.items() if v is not None})
    table = models.summary(model, size, depth=depth)
    typer.echo(json.dumps(table.to_dict(), indent=2) if json_ else str(table))
