"""`rtgen corpus`, `rtgen train` and `rtgen export`: how a model is made."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from rtgen.errors import RenderError, RtgenError

corpus_app = typer.Typer(help="The procedural corpus", no_args_is_help=True)
train_app = typer.Typer(help="Train the nets; stops and resumes at any step", no_args_is_help=True)
AUTOENCODER = Path("runs/autoencoder/autoencoder.safetensors")
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder of the run")]
Steps = Annotated[int, typer.Option("--steps", min=1, help="Where to stop")]
Device = Annotated[str, typer.Option("--device", help="cpu or cuda")]
Devices = Annotated[int, typer.Option("--devices", min=1, help="Processes, one to a device")]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Processes that make clips")]
PhaseSteps = Annotated[int | None, typer.Option(min=0, help="Steps of this phase")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Overwrite")]
Style = Annotated[str, typer.Option("--style", help="Style of the corpus")]
Guidance = Annotated[
    float | None,
    typer.Option("--guidance", min=1, max=3, help="1 is none; 1.5 obeys more [default: 1]"),
]
Taught = Annotated[
    str, typer.Option("--taught", help="What is guided: density,chroma or one of them")
]


def _style(name: str) -> str:
    from rtgen.corpus.stream import STYLES

    if name not in STYLES:
        raise RenderError(f"no style '{name}'", value=name, hint="styles are " + ", ".join(STYLES))
    return name


def need_torch() -> None:
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise RtgenError("training needs torch", hint="pip install 'rtgen[train]'") from error


@corpus_app.command("preview")
def preview(
    style: Style = "techno",
    seed: Annotated[int, typer.Option("--seed", "-s", min=0, help="Which clip")] = 0,
    seconds: Annotated[
        float, typer.Option("--seconds", min=1.0, max=600.0, help="Its length")
    ] = 30.0,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file")] = Path("preview.wav"),
    yes: Yes = False,
) -> None:
    """Render one clip of the corpus to a WAV file."""
    from rtgen.cli.targets import check_target
    from rtgen.corpus.preview import write_preview

    check_target(out, overwrite=yes, suffixes=(".wav",))
    typer.echo(write_preview(_style(style), seed, out, seconds))


@train_app.command("autoencoder")
def autoencoder(
    out: Out = Path("runs/autoencoder"),
    style: Annotated[
        str, typer.Option("--style", help="A style of the corpus, or all of them and studies")
    ] = "all",
    steps: Annotated[
        int | None, typer.Option("--steps", min=5, help="Of all phases, shared out as usual")
    ] = None,
    reconstruct: PhaseSteps = None,
    adversarial: PhaseSteps = None,
    compress: PhaseSteps = None,
    refine: PhaseSteps = None,
    settle: PhaseSteps = None,
    until: Annotated[str, typer.Option("--until", help="The last phase to do")] = "settle",
    batch: Annotated[int, typer.Option("--batch", min=1, help="Clips a step")] = 24,
    device: Device = "cpu",
    devices: Devices = 1,
    clips: Annotated[int, typer.Option("--clips", min=1, help="Clips kept in memory")] = 300,
    workers: Workers = 1,
) -> None:
    """Train the autoencoder: reconstruct, adversarial, compress, refine, settle."""
    need_torch()
    from rtgen.corpus.stream import ALL
    from rtgen.train.autoencoder import run
    from rtgen.train.schedule import PHASES, Schedule

    if until not in PHASES:
        raise RenderError(
            f"no phase '{until}'", value=until, hint="phases are " + ", ".join(PHASES)
        )
    schedule = Schedule() if steps is None else Schedule.shared_out(steps)
    given = zip(PHASES, (reconstruct, adversarial, compress, refine, settle), strict=True)
    schedule = schedule.model_copy(update={p: n for p, n in given if n is not None})
    typer.echo(
        run(
            out,
            schedule,
            until=until,
            style=style if style == ALL else _style(style),
            batch=batch,
            device=device,
            devices=devices,
            clips=clips,
            workers=workers,
        )
    )


@train_app.command("gan")
def gan(
    autoencoder: Annotated[
        Path | None, typer.Option("--autoencoder", help=f"Its checkpoint [default: {AUTOENCODER}]")
    ] = None,
    out: Out = Path("runs/gan"),
    steps: Steps = 9000,
    style: Style = "techno",
    data: Annotated[
        Path | None, typer.Option("--data", help="Music of your own, from `rtgen encode`")
    ] = None,
    batch: Annotated[int, typer.Option("--batch", min=2, help="Clips a step")] = 16,
    device: Device = "cpu",
    devices: Devices = 1,
    clips: Annotated[int, typer.Option("--clips", min=1, help="Clips kept in memory")] = 1500,
    workers: Workers = 1,
) -> None:
    """Train the latent GAN on latents of a trained autoencoder."""
    need_torch()
    from rtgen.train.dataset import encoder_of, read_data
    from rtgen.train.gan import run
    from rtgen.train.plan import Plan

    learnt = bundle = None
    if data is not None:
        learnt = read_data(data)
        autoencoder, bundle = encoder_of(learnt, autoencoder)
        style = out.name
    else:
        autoencoder, style = autoencoder or AUTOENCODER, _style(style)
        _need_checkpoint(autoencoder, "rtgen train autoencoder")
    plan = Plan(
        out,
        autoencoder=autoencoder,
        bundle=bundle,
        style=style,
        data=learnt,
        steps=steps,
        batch=batch,
        clips=clips,
        workers=workers,
    )
    typer.echo(run(plan, device, devices))


@train_app.command("recipe")
def recipe(
    style: Style = "techno",
    runs: Annotated[
        Path | None, typer.Option("--runs", help="Folder of both runs [default: runs/STYLE]")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The bundle [default: models/STYLE]")
    ] = None,
    autoencoder_steps: Annotated[
        int, typer.Option("--autoencoder-steps", min=5, help="Of the autoencoder, all phases")
    ] = 8000,
    gan_steps: Annotated[
        int, typer.Option("--gan-steps", min=1, help="Where to stop the GAN")
    ] = 9000,
    device: Device = "cpu",
    devices: Devices = 1,
    clips: Annotated[int, typer.Option("--clips", min=1, help="Clips kept in memory")] = 300,
    workers: Workers = 1,
    yes: Yes = False,
) -> None:
    """Do it all: train both nets on music made on the spot, and export the bundle.

    What is done already is not done again, and checkpoints are written every minute.
    """
    need_torch()
    runs, out = runs or Path("runs") / _style(style), out or Path("models") / style
    from rtgen.export import bundle
    from rtgen.export.place import check_place
    from rtgen.train import autoencoder, gan
    from rtgen.train.plan import Plan
    from rtgen.train.schedule import Schedule

    check_place(out, yes)
    net = autoencoder.run(
        runs / "autoencoder",
        Schedule.shared_out(autoencoder_steps),
        style=style,
        device=device,
        devices=devices,
        clips=clips,
        workers=workers,
    )
    plan = Plan(runs / "gan", net, style=style, steps=gan_steps, clips=5 * clips, workers=workers)
    learnt = gan.run(plan, device, devices)
    typer.echo(bundle.run(net, learnt, out, style=style, overwrite=yes))


def _need_checkpoint(path: Path, hint: str) -> None:
    if not path.is_file():
        raise RenderError(f"no checkpoint {path}", value=str(path), hint=hint)


def _finite(value: float | None) -> float | None:
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is not a finite number")
    return value


def export(
    autoencoder: Annotated[
        Path | None, typer.Option("--autoencoder", help="The one the GAN was trained with")
    ] = None,
    gan: Annotated[Path, typer.Option("--gan", help="Its checkpoint")] = Path(
        "runs/gan/gan.safetensors"
    ),
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the bundle")] = Path(
        "models/techno"
    ),
    style: Style = "techno",
    beat_lead_ms: Annotated[
        float | None,
        typer.Option(
            "--beat-lead-ms",
            callback=_finite,
            help="How late the model plays, as measured [default: 0]",
        ),
    ] = None,
    guidance: Guidance = None,
    distil: Annotated[
        int,
        typer.Option("--distil", min=0, help="Teach it the guidance in so many steps"),
    ] = 0,
    taught: Taught = "density,chroma",
    weights: Annotated[
        bool, typer.Option("--weights", help="Put in what `rtgen finetune` goes on from")
    ] = False,
    yes: Yes = False,
) -> None:
    """Export checkpoints to an ONNX bundle."""
    need_torch()
    _need_checkpoint(gan, "see `rtgen train`")
    from rtgen.export import bundle, retuned
    from rtgen.nets.checkpoint_file import open_checkpoint
    from rtgen.timeline.conditioning import GUIDED_SLOTS

    slots = taught_slots(taught)
    if slots != GUIDED_SLOTS and not distil:
        raise RenderError(
            "players guide density and chroma together",
            value=taught,
            hint="add --distil 1000, or leave --taught out",
        )
    learnt = open_checkpoint(gan).facts
    if autoencoder is None and learnt.get("bundle"):
        if weights:
            raise RenderError(
                "--weights is for a generator that was trained with its autoencoder",
                value="--weights",
                hint="leave it out: `rtgen finetune` goes on from the graph",
            )
        typer.echo(
            retuned.run(
                Path(learnt["bundle"]),
                gan,
                out,
                beat_lead_ms=beat_lead_ms,
                guidance=guidance,
                distil_steps=distil,
                taught_slots=slots,
                overwrite=yes,
            )
        )
        return
    autoencoder = autoencoder or Path(learnt.get("autoencoder") or AUTOENCODER)
    _need_checkpoint(autoencoder, "see `rtgen train`")
    typer.echo(
        bundle.run(
            autoencoder,
            gan,
            out,
            style=_style(style),
            beat_lead_ms=beat_lead_ms or 0.0,
            guidance=guidance or 1.0,
            distil_steps=distil,
            taught_slots=slots,
            weights=weights,
            overwrite=yes,
        )
    )


def taught_slots(taught: str) -> tuple[int, ...]:
    """Where the conditioning speaks of what is named.

    Raises
    ------
    RenderError when it is not among what can be guided.
    """
    from rtgen.timeline.conditioning import CHROMA_SLOTS, DENSITY_SLOTS

    known = {"density": DENSITY_SLOTS, "chroma": CHROMA_SLOTS}
    names = taught.split(",")
    if not set(names) <= set(known):
        raise RenderError(
            f"{taught} cannot be taught", value=taught, hint="density, chroma, or density,chroma"
        )
    return tuple(slot for name in known if name in names for slot in known[name])
