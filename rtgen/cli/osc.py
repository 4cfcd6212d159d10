"""`rtgen osc`: the addresses."""

from __future__ import annotations

import typer

app = typer.Typer(help="What can be steered by OSC", no_args_is_help=True)


@app.callback()
def _verbs() -> None:
    """Keeps `map` a verb of its own."""


@app.command("map")
def show_map() -> None:
    """Print every address, what it takes and what it does."""
    from rtgen.control.osc import FEEDBACK
    from rtgen.control.osc_addresses import ADDRESSES

    for row in ADDRESSES.values():
        typer.echo(f"{row.path:24} {row.takes:32} {row.says}")
    typer.echo(f"{FEEDBACK:24} {'1, 0, or a port':32} tell changes back to who sends, or nobody")
    typer.echo("changes are told by the same addresses, with /rtgen/bar, beat and underruns")
