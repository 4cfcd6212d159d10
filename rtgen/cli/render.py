"""`rtgen render`: any stretch of the stream to a file."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rtgen.errors import DeviceError, RenderError

if TYPE_CHECKING:
    from rtgen.bundle.load import Bundle
    from rtgen.timeline.events import ControlTimeline

FORMATS = {".wav": ("WAV", "FLOAT"), ".flac": ("FLAC", "PCM_24")}
PIECE_SECONDS = 12.0


def render(
    model: Annotated[str, typer.Option("--model", "-m", help="Name or folder of a bundle")] = "techno",
    seed: Annotated[list[str] | None, typer.Option("--seed", "-s", help="Seeds: 7, or 1-8; repeat")] = None,
    start: Annotated[float, typer.Option("--start", help="Position in seconds")] = 0.0,
    seconds: Annotated[float, typer.Option("--seconds", help="Length in seconds")] = 20.0,
    start_bar: Annotated[int | None, typer.Option("--start-bar", help="Position in bars, from 1")] = None,
    bars: Annotated[int | None, typer.Option("--bars", help="Length in bars")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="NAME=V, NAME=V1:V2 (ramp), NAME=V@SECOND (step); repeat"),
    ] = None,
    style: Annotated[int | None, typer.Option("--style", help="Seed of the style")] = None,
    rate: Annotated[int, typer.Option("--rate", help="Sample rate of the file")] = 44100,
    precision: Annotated[str, typer.Option("--precision", help="fp32 or int8")] = "fp32",
    out: Annotated[str, typer.Option("--out", "-o", help=".wav or .flac, - for raw on stdout")] = "rtgen.wav",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Overwrite")] = False,
) -> None:
    """Render any stretch of the endless stream to WAV or FLAC."""
    from rtgen.bundle.load import load_bundle
    from rtgen.cli import settings as read
    from rtgen.timeline.events import ControlTimeline
    from rtgen.timeline.units import frames_to_seconds

    bundle = load_bundle(model)
    if (start_bar is not None and start_bar < 1) or (bars is not None and bars < 1):
        raise RenderError("bars are counted from 1", value=start_bar, hint="--start-bar 1 --bars 8")
    if start_bar is not None or bars is not None:
        plain = read.timeline(bundle.manifest, settings or [], 0.0, seconds)
        first = plain.clock.frame_of_beat(4.0 * ((start_bar or 1) - 1), 0)
        start = frames_to_seconds(first) if start_bar is not None else start
        if bars is not None:
            begin = round(start * 44100) // 2048
            last = plain.clock.frame_of_beat(plain.clock.beat(begin) + 4.0 * bars, begin)
            seconds = frames_to_seconds(last - begin)
    start, seconds = read.position(start, "--start"), read.position(seconds, "--seconds")
    if seconds == 0:
        raise RenderError("there is nothing to render", value=seconds, hint="--seconds 20")
    timeline = read.timeline(bundle.manifest, settings or [], start, seconds)
    seeds = read_seeds(seed or ["0"])
    assert isinstance(timeline, ControlTimeline)
    paths = {s: numbered(out, s, len(seeds)) for s in seeds}
    for path in paths.values():
        check_target(path, yes)
    jobs = [(bundle, s, style, timeline, start, seconds, rate, precision, paths[s]) for s in seeds]
    if len(jobs) == 1:
        _render_one(*jobs[0], progress=sys.stderr.isatty())
        return
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda job: _render_one(*job), jobs))


def read_seeds(texts: list[str]) -> list[int]:
    """Seeds from words such as 7 or 1-8."""
    seeds = []
    for text in texts:
        low, _, high = text.partition("-")
        if not low.isdigit() or (high and not high.isdigit()) or (not high and "-" in text):
            raise RenderError(f"'{text}' is not a seed", value=text, hint="--seed 7 or --seed 1-8")
        seeds += list(range(int(low), int(high or low) + 1))
    return seeds


def numbered(out: str, seed: int, count: int) -> Path | None:
    """The file of a seed; None is standard output."""
    if out == "-":
        if count > 1:
            raise RenderError("only one seed fits on standard output", value=out)
        return None
    path = Path(out)
    if path.suffix.lower() not in FORMATS:
        raise RenderError(f"'{out}' is not a WAV or FLAC file", value=out, hint="-o music.wav")
    return path if count == 1 else path.with_stem(f"{path.stem}-{seed}")


def check_target(path: Path | None, overwrite: bool) -> None:
    """Refuse a file that is there, and a folder that is not."""
    if path is None:
        return
    if path.exists() and not overwrite:
        raise RenderError(f"{path} is there already", value=str(path), hint="-y overwrites it")
    if not path.parent.is_dir():
        raise RenderError(f"there is no folder {path.parent}", value=str(path.parent))


def _render_one(
    bundle: Bundle,
    seed: int,
    style: int | None,
    timeline: ControlTimeline,
    start: float,
    seconds: float,
    rate: int,
    precision: str,
    path: Path | None,
    progress: bool = False,
) -> None:
    import soundfile
    from rich.console import Console
    from rich.progress import Progress

    from rtgen.stream.offline import pieces
    from rtgen.stream.renderer import Renderer, Voice

    renderer = Renderer(bundle, precision)
    stream = pieces(renderer, Voice(seed, style_a=style), timeline, start, seconds, rate, PIECE_SECONDS)
    if path is None:
        for piece in stream:
            sys.stdout.buffer.write(piece.tobytes())
        return
    container, subtype = FORMATS[path.suffix.lower()]
    try:
        with (
            soundfile.SoundFile(path, "w", rate, 2, subtype, format=container) as file,
            Progress(console=Console(stderr=True), disable=not progress) as bar,
        ):
            task = bar.add_task(path.name, total=round(seconds * rate))
            for piece in stream:
                file.write(piece)
                bar.advance(task, len(piece))
    except (OSError, soundfile.SoundFileError) as error:
        raise DeviceError(
            f"cannot write {path}: {error}", value=str(path), hint="is the disk full?"
        ) from error
