"""`rtgen encode` and `rtgen finetune`: music of your own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rtgen.cli.make import Device, Devices, Workers, Yes, need_torch
from rtgen.errors import RenderError

MOST_LISTED = 20


def encode(
    folder: Annotated[Path, typer.Argument(help="Folder of sound files, searched to the bottom")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of latents and labels")] = Path(
        "runs/data"
    ),
    model: Annotated[
        str, typer.Option("--model", "-m", help="The bundle whose encoder is used")
    ] = "techno",
    autoencoder: Annotated[
        Path | None, typer.Option("--autoencoder", help="A checkpoint to use instead of a bundle")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Files at once")] = 1,
) -> None:
    """Encode music of your own, to train on; run it again to go on where it stopped."""
    need_torch()
    from rich.console import Console
    from rich.progress import Progress

    from rtgen.train.dataset import describe
    from rtgen.train.encoding import bundle_encoder, checkpoint_encoder, encode_folder
    from rtgen.train.recordings import sound_files

    if autoencoder is not None and not autoencoder.is_file():
        raise RenderError(f"no checkpoint {autoencoder}", value=str(autoencoder))
    source = checkpoint_encoder(autoencoder) if autoencoder else bundle_encoder(model)
    skipped, known, seconds, count = [], 0, 0.0, 0
    console = Console(stderr=True)
    with Progress(console=console, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("encoding", total=len(sound_files(folder)))
        for outcome in encode_folder(folder, out, source, workers):
            bar.advance(task)
            if outcome.skipped is not None:
                skipped.append(f"{outcome.source}: {outcome.skipped}")
                continue
            count += 1
            known += outcome.known
            seconds += outcome.seconds
    for line in sorted(skipped)[:MOST_LISTED]:
        print(f"skipped {line}", file=sys.stderr)
    if len(skipped) > MOST_LISTED:
        print(f"skipped {len(skipped) - MOST_LISTED} more", file=sys.stderr)
    if count == 0:
        raise RenderError(f"nothing in {folder} could be encoded", value=str(folder))
    typer.echo(
        f"{out}: {describe(count, seconds / 60)}"
        f" ({known} were there, {len(skipped)} skipped)"
    )


def finetune(
    bundle: Annotated[str, typer.Argument(help="Name or folder of a bundle")],
    data: Annotated[
        Path | None,
        typer.Option("--data", help="What `rtgen encode` made [default: its style's corpus]"),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the new bundle; its name is the model's")
    ] = Path("models/mine"),
    run: Annotated[
        Path | None, typer.Option("--run", help="Folder of checkpoints [default: runs/NAME]")
    ] = None,
    start: Annotated[
        Path | None, typer.Option("--from", help="The gan.safetensors the bundle was made from")
    ] = None,
    steps: Annotated[int, typer.Option("--steps", min=1, help="Where to stop")] = 600,
    batch: Annotated[int, typer.Option("--batch", min=2, help="Clips a step")] = 16,
    learning_rate: Annotated[
        float, typer.Option("--learning-rate", min=1e-6, max=1e-3, help="How far a step goes")
    ] = 5e-5,
    clips: Annotated[int, typer.Option("--clips", min=1, help="Of a corpus, in memory")] = 1500,
    workers: Workers = 1,
    device: Device = "cpu",
    devices: Devices = 1,
    yes: Yes = False,
) -> None:
    """Train a bundle on with music of your own, and write it as a new bundle."""
    need_torch()
    from rtgen.bundle.load import load_bundle
    from rtgen.export import retuned
    from rtgen.export.place import check_place
    from rtgen.train.dataset import read_data
    from rtgen.train.finetune import run as tune

    retuned.refuse_itself(load_bundle(bundle), out)
    check_place(out, yes)
    checkpoint = tune(
        bundle,
        None if data is None else read_data(data),
        run or Path("runs") / out.name,
        start=start,
        steps=steps,
        batch=batch,
        rate=learning_rate,
        clips=clips,
        workers=workers,
        device=device,
        devices=devices,
    )
    typer.echo(retuned.run(load_bundle(bundle).folder, checkpoint, out, overwrite=yes))
