"""`rtgen midi`: ports, the map, and what arrives."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated

import typer

MOVED = 3
"""Values that a knob must send before it counts as turned: one alone may be noise."""
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


@app.command("learn")
def learn_knob(
    control: Annotated[str, typer.Argument(help="What the knob is to move")],
    port: Annotated[str | None, typer.Option("--port", help="Part of a device's name")] = None,
    encoding: Annotated[
        str, typer.Option("--encoding", help="absolute, twos, offset or sign")
    ] = "absolute",
    pick_up: Annotated[bool, typer.Option("--pickup", help="Move nothing until it passes")] = False,
    seconds: Annotated[float, typer.Option("--seconds", help="How long to wait")] = 30.0,
) -> None:
    """Turn a knob, and from now on it moves that control."""
    import queue

    from rtgen.control.learnt import learn
    from rtgen.control.midi_map import FIRST_MODE_CC, parse_mapping
    from rtgen.control.ports import MidiInputs
    from rtgen.errors import MidiError

    how = f"{control}:{encoding}" + (":pickup" if pick_up else "")
    parse_mapping(f"0={how}")  # refuses what no knob can move before one is turned
    turned: queue.SimpleQueue[tuple[str, int, int]] = queue.SimpleQueue()

    def of_port(name: str) -> Callable[[list[int], float], None]:
        def heard(message: list[int], _now: float) -> None:
            if message[0] & 0xF0 == 0xB0 and len(message) == 3 and message[1] < FIRST_MODE_CC:
                turned.put((name, message[1], message[2]))

        return heard

    values: dict[tuple[str, int], set[int]] = {}
    deadline = time.monotonic() + seconds
    with MidiInputs(lambda _message, _now: None, port, of_port=of_port):
        typer.echo(f"turn the knob that is to move {control}", err=True)
        while True:
            try:
                name, number, data = turned.get(timeout=max(deadline - time.monotonic(), 0.01))
            except queue.Empty:
                raise MidiError(
                    "no knob was turned",
                    value=seconds,
                    hint="`rtgen midi monitor` shows what comes",
                ) from None
            seen = values.setdefault((name, number), set())
            seen.add(data)
            if len(seen) >= MOVED or encoding != "absolute":
                break
    path = learn(name, f"{number}={how}")
    typer.echo(f"CC {number} of {name} moves {control}; kept in {path}")


@app.command("forget")
def forget_knobs(
    port: Annotated[str | None, typer.Option("--port", help="A device's name; all if none")] = None,
) -> None:
    """Forget what was learnt."""
    from rtgen.control.learnt import forget

    typer.echo(f"forgotten in {forget(port)}")
