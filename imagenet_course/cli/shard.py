"""``imagenet-course data shard``: store a data set as WebDataset shards."""

from pathlib import Path
from typing import Annotated

import typer


def shard(
    source: Annotated[str, typer.Argument(help="A name, or an image folder.", metavar="SOURCE")],
    out: Annotated[Path, typer.Option(help="The folder to write; it must not exist.")],
    split: Annotated[str | None, typer.Option(help="By default the set's first.")] = None,
    images_per_shard: Annotated[int, typer.Option(min=1, help="Images in each tar file.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Of the order they are stored in.")] = 0,
) -> None:
    """Write a data set as tar files that can be streamed, from a disk or over the web.

    Exits with 1 if some files could not be read; they are named and left out.
    """
    from imagenet_course.data import load, names
    from imagenet_course.data.shards import import_webdataset, write_shards

    try:
        import_webdataset()
    except ImportError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    from tqdm import tqdm

    options = {"split": split} if split else {}
    if source not in names():
        source, options = "folder", {"path": source, **options}
    dataset = load(source, **options)

    def progress(indices):
        return tqdm(indices, unit="image", desc="sharding", total=len(dataset))

    index, broken = write_shards(
        dataset, out, images_per_shard=images_per_shard, seed=seed, progress=progress
    )
    size = sum(path.stat().st_size for path in out.iterdir())
    typer.echo(
        f"{out}: {index.images:,} images of {len(index.classes):,} classes in"
        f" {len(index.shards):,} shards ({size / 1e6:,.1f} MB)"
    )
    for name, reason in broken.items():
        typer.secho(f"  left out {name}: {reason}", fg="red")
    if broken:
        raise typer.Exit(1)
