"""`rtgen attune`: a bundle that is heard as it is asked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rtgen.cli.make import Guidance, Taught, Yes, need_torch, taught_slots


def attune(
    bundle: Annotated[str, typer.Argument(help="Name or folder of a bundle")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the new bundle; its name is the model's")
    ] = Path("models/attuned"),
    steps: Annotated[int, typer.Option("--steps", min=1, help="Of the generator")] = 1500,
    learning_rate: Annotated[
        float, typer.Option("--learning-rate", min=1e-6, max=1e-3, help="How far a step goes")
    ] = 2e-4,
    density: Annotated[
        float, typer.Option("--density", min=0, max=100, help="Weight of the onsets heard")
    ] = 2.0,
    tempo: Annotated[
        float, typer.Option("--tempo", min=0, max=100, help="Weight of the tempo heard")
    ] = 0.5,
    clips: Annotated[
        int, typer.Option("--clips", min=8, help="What the ear learns from to begin with")
    ] = 640,
    ear_steps: Annotated[
        int, typer.Option("--ear-steps", min=1, help="How long it learns to begin with")
    ] = 1200,
    guidance: Guidance = None,
    taught: Taught = "density,chroma",
    yes: Yes = False,
) -> None:
    """Teach a bundle to be heard as it is asked: how busy, and at which tempo.

    It needs no music: an ear learns from the bundle's own clips what librosa hears in them, and the
    generator from that ear. Guidance is taught along.
    """
    need_torch()
    from rtgen.bundle.load import load_bundle
    from rtgen.export.attune import Attunement, run

    plan = Attunement(
        steps=steps,
        rate=learning_rate,
        density=density,
        tempo=tempo,
        clips=clips,
        ear_steps=ear_steps,
    )
    typer.echo(
        run(
            load_bundle(bundle).folder,
            out,
            plan,
            guidance=guidance,
            slots=taught_slots(taught),
            overwrite=yes,
            report=lambda line: print(line, file=sys.stderr, flush=True),
        )
    )
