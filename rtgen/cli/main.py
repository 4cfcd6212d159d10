"""The app `rtgen`, and the one way in which it fails: a sentence, a hint, exit code 2."""

from __future__ import annotations

import os
import sys

# The stream's own products are small: threads inside BLAS only make them wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import typer

from rtgen import __version__
from rtgen.cli import bench, listing, make, midi, play, render
from rtgen.errors import RtgenError

app = typer.Typer(
    help="An endless, steerable neural music generator, played like an instrument",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("play")(play.play)
app.command("render")(render.render)
app.command("devices")(listing.devices)
app.command("models")(listing.models)
app.command("export")(make.export)
app.add_typer(bench.app, name="bench")
app.add_typer(midi.app, name="midi")
app.add_typer(make.corpus_app, name="corpus")
app.add_typer(make.train_app, name="train")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", "-V", help="Print the version", callback=_version, is_eager=True
    ),
) -> None:
    """Options before the verb."""


def main() -> None:
    """Run the command line."""
    try:
        app()
    except RtgenError as error:
        print(f"error: {error}", file=sys.stderr)
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


if __name__ == "__main__":
    main()
