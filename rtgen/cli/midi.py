"""`rtgen midi`: ports, the map, and what arrives."""

from __future__ import annotations

import time
from typing import Annotated

import typer

app = typer.Typer(help="MIDI inputs and what they do", no_args_is_help=True)


@app.command("list")
def list_inputs() -> None:
    """List MIDI inputs."""
    from rtgen.control.midi_system import VIRTUAL_NAME, input_names

    for name in input_names():
        typer.echo(name)
    typer.echo(f"`rtgen play` also opens a virtual input called {VIRTUAL_NAME}", err=True)


@app.command("map")
def show_map() -> None:
    """Print which controller moves what."""
    from rtgen.control.midi_map import DEFAULT_MAPPINGS, FINE

    for mapping in DEFAULT_MAPPINGS:
        kind = "NRPN" if mapping.nrpn else "CC"
        fine = f", fine on CC {mapping.number + FINE}" if mapping.number < FINE else ""
        fine = ", fine on CC 38" if mapping.nrpn else fine
        span = f"{mapping.low:g} to {mapping.high:g}"
        typer.echo(f"{kind:4} {mapping.number:3} {mapping.control} {span}{fine}")
    typer.echo("notes held set the chroma, CC 64 latches them, CC 120 and 123 let go of them")
    typer.echo("MIDI clock sets tempo and phase")


@app.command("monitor")
def monitor(
    port: Annotated[
        str | None, typer.Option("--port", help="Part of a name; all if not given")
    ] = None,
    seconds: Annotated[float, typer.Option("--seconds")] = 3600.0,
) -> None:
    """Print messages as they arrive."""
    import mido

    from rtgen.control.ports import MidiInputs

    def show(message: list[int], _now: float) -> None:
        if message[0] < 0xF4:  # clock ticks would drown the rest, and 0xF4 is no message
            typer.echo(str(mido.Message.from_bytes(message)))

    with MidiInputs(show, port):
        try:
            time.sleep(seconds)
        except KeyboardInterrupt:
            return
