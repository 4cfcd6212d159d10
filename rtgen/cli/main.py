"""The app `rtgen`, and the one way in which it fails: a sentence, a hint, exit code 2."""

from __future__ import annotations

import os
import sys
from typing import Any

# The stream's own products are small: threads inside BLAS only make them wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import typer

from rtgen import __version__
from rtgen.cli import (
    attuning,
    bench,
    doctor,
    evaluate,
    importing,
    listing,
    make,
    midi,
    models,
    osc,
    own,
    play,
    plugin,
    presets,
    render,
    serve,
    settling,
)
from rtgen.errors import RtgenError

UsageError: Any = typer.BadParameter.__mro__[1]
"""Typer brings its own click in some versions and asks for it in others."""
INTERRUPTED = 130

app = typer.Typer(
    help="An endless, steerable neural music generator, played like an instrument",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("play", cls=play.PlayCommand)(play.play)
app.command("render")(render.render)
app.command("devices")(listing.devices)
app.command("doctor")(doctor.doctor)
app.command("export")(make.export)
app.command("evaluate")(evaluate.evaluate)
app.command("encode")(own.encode)
app.command("finetune")(own.finetune)
app.command("attune")(attuning.attune)
app.command("settle")(settling.settle)
app.add_typer(models.app, name="models")
app.add_typer(importing.app, name="import")
app.add_typer(bench.app, name="bench")
app.add_typer(presets.app, name="presets")
app.add_typer(serve.app, name="serve")
app.add_typer(plugin.app, name="plugin")
app.add_typer(midi.app, name="midi")
app.add_typer(osc.app, name="osc")
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
        code = app(standalone_mode=False)
    except RtgenError as error:
        sys.exit(_refuse(str(error), error.hint))
    except UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error.format_message(), file=sys.stderr)
            sys.exit(2)
        verb = error.ctx.command_path if error.ctx else "rtgen"
        sys.exit(_refuse(error.format_message().rstrip("."), f"see `{verb} --help`"))
    except OSError as error:
        what = f": {error.filename}" if error.filename else ""
        sys.exit(_refuse(f"{error.strerror or error}{what}".lower(), None))
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(INTERRUPTED)
    sys.exit(code if isinstance(code, int) else 0)


def _refuse(sentence: str, hint: str | None) -> int:
    print(f"error: {sentence}", file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
