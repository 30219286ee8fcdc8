"""``imagenet-course data``: list, describe, fetch and verify data sets."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from imagenet_course.data.verify import Report

app = typer.Typer(help="List, describe, fetch and verify data sets.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A name that `imagenet-course data list` shows.")]
Size = Annotated[
    str | None, typer.Option(help="imagenette: 160, 320 or full (pixels of the shorter side).")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]

SHOWN = 20  # findings of a kind that are named on the terminal; --json names all


@app.command("list")
def list_sets(as_json: Json = False) -> None:
    """List the data sets, and which of them are here."""
    from imagenet_course.data import data_root, find, info, names

    cards = [info(name) for name in names()]
    where = {card.name: find(card.name) for card in cards}
    if as_json:
        rows = [
            {**asdict(card), "folder": str(where[card.name]) if where[card.name] else None}
            for card in cards
        ]
        return _print_json({"data_root": str(data_root()), "sets": rows})
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "what", "images", "classes", "here")
    for card in cards:
        images = f"{sum(card.splits.values()):,}" if card.splits else "as found"
        classes = f"{len(card.classes):,}" if card.classes else "as found"
        here = {"embedded": "yes", "bring your own": "yours"}.get(card.rung)
        folder = where[card.name]
        here = here or (folder.name if folder else f"get {card.name}")
        table.add_row(card.name, card.title, images, classes, here)
    Console().print(table)
    typer.echo(f"data root: {data_root()} (IMAGENET_COURSE_DATA sets it)")


@app.command()
def info(name: Name, as_json: Json = False) -> None:
    """Print the data card: origin, license, citation, classes, sizes."""
    from imagenet_course.data import info as card_of

    card = card_of(name)
    _print_json(asdict(card)) if as_json else typer.echo(str(card))


@app.command()
def get(name: Name, size: Size = None) -> None:
    """Download a data set into the data root, verify it and unpack it; a cut is resumed."""
    from imagenet_course.data import download

    typer.echo(f"{name} is in {download(name, **({'size': size} if size else {}))}")


@app.command()
def verify(
    source: Annotated[
        str,
        typer.Argument(help="A name, a folder, or a folder of the data root.", metavar="SOURCE"),
    ],
    workers: Annotated[
        int | None, typer.Option(min=1, help="Threads; by default one per core.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read every image. Exits with 1 if any is damaged: empty, truncated, no image, oversized.

    Gray, CMYK, palette, 16-bit, animated, rotated and misnamed images are reported as notes: they
    are read correctly, and published sets contain them.
    """
    from imagenet_course.data import data_root, names
    from imagenet_course.data.verify import verify_dataset, verify_folder

    progress = not as_json
    if source in names():
        report = verify_dataset(source, workers=workers, progress=progress)
    else:
        path = Path(source).expanduser()
        if not path.is_dir() and (data_root() / source).is_dir():
            path = data_root() / source
        report = verify_folder(path, workers=workers, progress=progress)
    _print_json(_as_dict(report)) if as_json else _print_report(report)
    if report.damage:
        raise typer.Exit(1)


def _print_report(report: "Report") -> None:
    for kind, count in report.counts().items():
        found = [finding for finding in report.findings if finding.kind == kind]
        typer.secho(
            f"{kind}: {count:,} {'damaged' if found[0].is_damage else 'to note'}",
            fg="red" if found[0].is_damage else None,
            bold=True,
        )
        for finding in found[:SHOWN]:
            typer.echo(f"  {finding.path}: {finding.detail}")
        if count > SHOWN:
            typer.echo(f"  … and {count - SHOWN:,} more; --json names them all")
    read = [f"{report.files:,} files"] if report.files else []
    read += [f"{report.in_memory:,} images in memory"] if report.in_memory else []
    typer.echo(
        f"{report.source}: {' and '.join(read) or 'nothing'} ({report.bytes / 1e6:,.1f} MB) read in"
        f" {report.seconds:.1f} s; {len(report.damage):,} damaged, {len(report.notes):,} to note"
    )


def _as_dict(report: "Report") -> dict[str, Any]:
    return {
        "source": report.source,
        "files": report.files,
        "in_memory": report.in_memory,
        "bytes": report.bytes,
        "seconds": round(report.seconds, 3),
        "damaged": len(report.damage),
        "counts": report.counts(),
        "findings": [asdict(f) | {"damage": f.is_damage} for f in report.findings],
    }


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
