"""`rtgen devices`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Machine readable")]


def devices(as_json: Json = False) -> None:
    """List output devices."""
    from dataclasses import asdict

    from rtgen.output.devices import output_devices

    found = output_devices()
    if as_json:
        typer.echo(json.dumps([asdict(d) for d in found]))
        return
    for d in found:
        typer.echo(f"{d.index:3} {d.name} ({d.host}, {d.rate} Hz, {d.channels} channels)")
    if not found:
        typer.echo("no output device found; `rtgen play` will run on a null clock", err=True)
