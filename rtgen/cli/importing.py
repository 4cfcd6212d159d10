"""`rtgen import`: models of others as bundles."""

from __future__ import annotations

import math
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rtgen.cli.models_view import progress
from rtgen.errors import ControlError, RtgenError

if TYPE_CHECKING:
    from rtgen.bundle.half_windows import Condition
    from rtgen.bundle.places import HubPlace

UNKNOWN = "unknown"
app = typer.Typer(help="Import models that were trained elsewhere", no_args_is_help=True)
NEEDED = ("torch", "onnx", "onnxscript", "h5py")


@app.callback()
def _kinds() -> None:
    """Import models that were trained elsewhere."""


@app.command("musika")
def musika(
    folder: Annotated[str, typer.Argument(help="Folder with gen_ema.h5, or owner/name on the hub")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the bundle")],
    decoders: Annotated[
        str | None,
        typer.Option("--decoders", help="Where dec.h5 and dec2.h5 are, if not in or beside it"),
    ] = None,
    licence: Annotated[
        str | None, typer.Option("--licence", help="What the bundle says; else what the hub says")
    ] = None,
    revision: Annotated[
        str | None, typer.Option("--revision", help="Of a hub: branch, tag or commit")
    ] = None,
    condition: Annotated[
        str | None,
        typer.Option("--condition", help="Of a conditional model: density=0:1, tempo or energy"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Overwrite a bundle")] = False,
) -> None:
    """Import a checkpoint of Musika: Keras weights in HDF5."""
    meant = None if condition is None else read_condition(condition)
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise RtgenError(f"importing needs {missing[0]}", hint="pip install 'rtgen[musika]'")
    from rtgen.export.place import check_place
    from rtgen.musika.convert import run
    from rtgen.musika.fetching import checkpoint

    check_place(out, yes)
    beside = None if decoders is None else _place(decoders)
    with (
        progress("checkpoint", 0) as told,
        checkpoint(_place(folder, revision), beside, out.parent, told) as here,
    ):
        made = run(
            *(here.folder, out),
            decoders=here.decoders,
            licence=licence or here.licence or UNKNOWN,
            condition=meant,
            overwrite=yes,
            origin=here.said,
        )
    typer.echo(made)


def _place(text: str, revision: str | None = None) -> HubPlace | Path:
    """A repository, where that is what the text names; else a folder, there or not."""
    from rtgen.bundle.places import HubPlace, place_of
    from rtgen.errors import LibraryError

    try:
        place = place_of(text, revision)
    except LibraryError:
        if "://" in text:
            raise
        return Path(text)
    return place if isinstance(place, HubPlace) else Path(text)


def read_condition(text: str) -> Condition:
    """What CONTROL=LOW:HIGH says.

    Raises
    ------
    ControlError for anything else.
    """
    from pydantic import ValidationError

    from rtgen.bundle.half_windows import Condition

    name, _, span = text.partition("=")
    low, _, high = (span or "0:1").partition(":")
    try:
        ends = float(low), float(high)
        if not all(map(math.isfinite, ends)):
            raise ValueError
        return Condition.model_validate({"control": name, "low": ends[0], "high": ends[1]})
    except (ValidationError, ValueError):
        raise ControlError(
            f"'{text}' is not a condition",
            value=text,
            hint="tempo, density or energy, and what its ends mean: density=0:1",
        ) from None
