"""``imagenet-course export``: a trained network in a file for use without this course."""

import json
from pathlib import Path
from typing import Annotated

import typer

from imagenet_course.cli.networks import NetworkArgument


def export(
    network: NetworkArgument,
    out: Annotated[
        list[Path],
        typer.Option(help="A new file: .onnx, or .pt2 for torch.export; may be repeated."),
    ],
    size: Annotated[
        int | None,
        typer.Option(min=1, help="Side of the images in pixels; by default that of validation."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Write a network as ONNX or torch.export, and check the logits that the file gives.

    The file appears only once it has given the network's logits. It also holds the names of the
    classes, and how images are prepared.
    """
    from imagenet_course import models
    from imagenet_course.cli.networks import open_network
    from imagenet_course.cli.outputs import new_file

    files = [new_file(path, ".onnx", ".pt2") for path in out]
    opened = open_network(network)
    size = size or opened.preprocessing.crop
    rows = []
    for path in files:
        write = models.export_onnx if path.suffix.lower() == ".onnx" else models.save_program
        try:
            difference = write(opened, path, size)
        except ArithmeticError as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(1) from None
        rows.append({"file": str(path), "bytes": path.stat().st_size, "difference": difference})
    seen = opened.preprocessing
    images = {
        "channels": len(seen.mean),
        "size": size,
        "mean": list(seen.mean),
        "std": list(seen.std),
    }
    if as_json:
        typer.echo(json.dumps({"network": network, "files": rows, "images": images}, indent=2))
        return
    for row in rows:
        typer.echo(
            f"{row['file']}  {row['bytes'] / 1e6:,.1f} MB, logits within {row['difference']:.1e} of"
            " the network's"
        )
    typer.echo(
        f"takes images (N, {images['channels']}, {size}, {size}), float32, pixels from 0 to 1 minus"
        f" {_numbers(seen.mean)}, divided by {_numbers(seen.std)}"
    )


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.3f}" for value in values)
