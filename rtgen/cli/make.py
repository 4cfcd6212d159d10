"""`rtgen corpus`, `rtgen train` and `rtgen export`: how a model is made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rtgen.errors import RenderError, RtgenError

corpus_app = typer.Typer(help="The procedural corpus", no_args_is_help=True)
train_app = typer.Typer(help="Train the nets; stops and resumes at any step", no_args_is_help=True)
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder of the run")]
Steps = Annotated[int, typer.Option("--steps", min=1, help="Where to stop")]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Processes that make clips")]
Style = Annotated[str, typer.Option("--style", help="Style of the corpus")]


def _style(name: str) -> str:
    from rtgen.corpus.stream import STYLES

    if name not in STYLES:
        raise RenderError(f"no style '{name}'", value=name, hint="styles are " + ", ".join(STYLES))
    return name


def _need_torch() -> None:
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise RtgenError("training needs torch", hint="pip install 'rtgen[train]'") from error


@corpus_app.command("preview")
def preview(
    style: Style = "techno",
    seed: Annotated[int, typer.Option("--seed", min=0)] = 0,
    seconds: Annotated[float, typer.Option("--seconds", min=1.0, max=600.0)] = 30.0,
    out: Annotated[Path, typer.Option("--out", "-o")] = Path("preview.wav"),
) -> None:
    """Render one clip of the corpus to a WAV file."""
    from rtgen.cli.targets import check_target
    from rtgen.corpus.preview import write_preview

    check_target(out, overwrite=True, suffixes=(".wav",))
    typer.echo(write_preview(_style(style), seed, out, seconds))


@train_app.command("autoencoder")
def autoencoder(
    out: Out = Path("runs/autoencoder"),
    steps: Steps = 4500,
    style: Style = "techno",
    batch: Annotated[int, typer.Option("--batch", min=1)] = 24,
    device: Annotated[str, typer.Option("--device", help="cpu or cuda")] = "cpu",
    clips: Annotated[int, typer.Option("--clips", min=1, help="Clips kept in memory")] = 300,
    workers: Workers = 1,
    refine: Annotated[
        Path | None, typer.Option("--refine", help="Train the decoder of this checkpoint on")
    ] = None,
) -> None:
    """Train the autoencoder in the spectral feature domain."""
    _need_torch()
    from rtgen.train.autoencoder import run

    typer.echo(
        run(
            out,
            style=_style(style),
            steps=steps,
            batch=batch,
            device=device,
            clips=clips,
            workers=workers,
            refine=refine,
        )
    )


@train_app.command("gan")
def gan(
    autoencoder: Annotated[Path, typer.Option("--autoencoder", help="Its checkpoint")] = Path(
        "runs/autoencoder/autoencoder.safetensors"
    ),
    out: Out = Path("runs/gan"),
    steps: Steps = 9000,
    style: Style = "techno",
    batch: Annotated[int, typer.Option("--batch", min=2)] = 16,
    device: Annotated[str, typer.Option("--device", help="cpu or cuda")] = "cpu",
    clips: Annotated[int, typer.Option("--clips", min=1, help="Clips kept in memory")] = 1500,
    workers: Workers = 1,
) -> None:
    """Train the latent GAN on latents of a trained autoencoder."""
    _need_torch()
    if not autoencoder.is_file():
        raise RenderError(
            f"no checkpoint {autoencoder}", value=str(autoencoder), hint="rtgen train autoencoder"
        )
    from rtgen.train.gan import run

    typer.echo(
        run(
            out,
            autoencoder=autoencoder,
            style=_style(style),
            steps=steps,
            batch=batch,
            device=device,
            clips=clips,
            workers=workers,
        )
    )


def export(
    autoencoder: Annotated[Path, typer.Option("--autoencoder")] = Path(
        "runs/autoencoder/autoencoder.safetensors"
    ),
    gan: Annotated[Path, typer.Option("--gan")] = Path("runs/gan/gan.safetensors"),
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the bundle")] = Path(
        "models/techno"
    ),
    style: Style = "techno",
    beat_lead_ms: Annotated[
        float, typer.Option("--beat-lead-ms", help="How late the model plays, as measured")
    ] = 0.0,
    density_guidance: Annotated[
        float, typer.Option("--density-guidance", help="1 is none; 1.5 obeys more")
    ] = 1.0,
) -> None:
    """Export checkpoints to an ONNX bundle."""
    _need_torch()
    for path in (autoencoder, gan):
        if not path.is_file():
            raise RenderError(f"no checkpoint {path}", value=str(path), hint="see `rtgen train`")
    from rtgen.export.bundle import run

    typer.echo(
        run(
            autoencoder,
            gan,
            out,
            style=_style(style),
            beat_lead_ms=beat_lead_ms,
            density_guidance=density_guidance,
        )
    )
