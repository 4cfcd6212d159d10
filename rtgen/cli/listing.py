"""`rtgen devices` and `rtgen models`."""

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


def models(
    name: Annotated[str | None, typer.Argument(help="Check and describe one model")] = None,
    as_json: Json = False,
) -> None:
    """List models, or check one: every file against its checksum."""
    from rtgen.bundle.library import installed
    from rtgen.bundle.load import load_bundle, read_manifest
    from rtgen.errors import BundleError

    if name is not None:
        manifest = load_bundle(name).manifest
        typer.echo(manifest.model_dump_json(indent=2))
        return
    found, damaged = [], []
    for folder in installed():
        try:
            found.append((folder, read_manifest(folder)))
        except BundleError as error:
            damaged.append(str(error))
    if as_json:
        rows = [
            {"name": f.name, "folder": str(f), "style": m.style, "licence": m.licence}
            for f, m in found
        ]
        typer.echo(json.dumps(rows))
    else:
        for folder, manifest in found:
            size = sum(facts.bytes for facts in manifest.files.values()) / 2**20
            typer.echo(f"{folder.name:16} {manifest.style}, {manifest.licence}, {size:.1f} MiB")
    for sentence in damaged:
        typer.echo(f"left out: {sentence}", err=True)
    if not found:
        typer.echo("no model found", err=True)
