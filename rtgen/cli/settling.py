"""`rtgen settle`: a bundle whose decoder was trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rtgen.cli.make import Device, Devices, Workers, Yes, need_torch


def settle(
    bundle: Annotated[str, typer.Argument(help="Name or folder of a bundle")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the new bundle; its name is the model's")
    ] = Path("models/settled"),
    run: Annotated[
        Path | None, typer.Option("--run", help="Folder of checkpoints [default: runs/NAME]")
    ] = None,
    steps: Annotated[int, typer.Option("--steps", min=1, help="Where to stop")] = 3000,
    batch: Annotated[int, typer.Option("--batch", min=1, help="Clips a step")] = 24,
    clips: Annotated[int, typer.Option("--clips", min=1, help="Clips kept in memory")] = 300,
    workers: Workers = 1,
    device: Device = "cpu",
    devices: Devices = 1,
    yes: Yes = False,
) -> None:
    """Train a bundle's decoder on, mostly with held chords, and write it as a new bundle.

    Encoder and generator stay as they are, and the latents mean what they meant: bundles of the
    same autoencoder can share the --run.
    """
    need_torch()
    from rtgen.bundle.load import load_bundle
    from rtgen.corpus.stream import SETTLING
    from rtgen.export import settled
    from rtgen.export.place import check_place
    from rtgen.export.retuned import refuse_itself
    from rtgen.train.autoencoder import run as train
    from rtgen.train.schedule import Schedule

    base = load_bundle(bundle)
    refuse_itself(base, out)
    check_place(out, yes)
    checkpoint = train(
        run or Path("runs") / out.name,
        Schedule(settle=steps),
        style=SETTLING,
        bundle=base.folder.resolve(),
        batch=batch,
        clips=clips,
        workers=workers,
        device=device,
        devices=devices,
    )
    typer.echo(settled.run(base.folder, checkpoint, out, overwrite=yes))
