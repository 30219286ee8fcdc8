"""The command line ``imagenet-course``: a thin skin over the rest of the package."""

import errno
import os
import sys

import typer

from imagenet_course.cli import (
    bench,
    claims,
    curves,
    data,
    doctor,
    evaluate,
    export,
    models,
    predict,
    shard,
    train,
)

app = typer.Typer(
    name="imagenet-course",
    help="Data, models and training of the course ImageNet from Scratch.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

data.app.command()(shard.shard)
app.add_typer(data.app, name="data")
app.add_typer(models.app, name="models")
app.command()(train.train)
app.command()(curves.curves)
app.command()(evaluate.evaluate)
app.command()(predict.predict)
app.command()(export.export)
app.command()(bench.bench)
app.command()(doctor.doctor)
app.command()(claims.claims)


@app.callback()
def version_callback() -> None:
    """Each command explains itself with --help."""


@app.command()
def version() -> None:
    """Print the version of the package."""
    from imagenet_course import __version__

    typer.echo(__version__)


def main() -> None:
    """Run the command line; wrong input ends in one sentence on stderr and exit code 2.

    Set ``IMAGENET_COURSE_DEBUG=1`` to see the whole traceback.
    """
    try:
        app()
    except (ValueError, TypeError, OSError, MemoryError) as error:
        if os.environ.get("IMAGENET_COURSE_DEBUG"):
            raise
        sentence = str(error)
        if isinstance(error, MemoryError):
            sentence = f"this takes more memory than there is ({error})"
        elif isinstance(error, OSError) and error.errno == errno.ENOSPC:
            sentence += "; free some space"
        typer.echo(f"error: {sentence}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        typer.echo("stopped.", err=True)
        sys.exit(130)
