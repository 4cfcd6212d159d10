"""`rtgen doctor`: whether it can play here, and what stands in the way."""

from __future__ import annotations

import json
from typing import Annotated

import typer

DEFAULT_MODEL = "techno"


def doctor(
    model: Annotated[
        str, typer.Option("--model", "-m", help="Name or folder of what is to play")
    ] = DEFAULT_MODEL,
    as_json: Annotated[bool, typer.Option("--json", help="Machine readable")] = False,
) -> None:
    """Look at models, speed, sound, MIDI, plugin and engine; exit code 1 if it cannot play."""
    from dataclasses import asdict

    from rtgen.cli.checks import all_findings

    found = []
    for finding in all_findings(model):
        found.append(finding)
        if not as_json:
            to_do = f" - {finding.to_do}" if finding.to_do else ""
            typer.echo(f"{finding.word:4}  {finding.subject}: {finding.found}{to_do}")
    broken = any(finding.word == "bad" for finding in found)
    if as_json:
        typer.echo(json.dumps({"can_play": not broken, "checks": [asdict(f) for f in found]}))
    if broken:
        raise typer.Exit(1)
