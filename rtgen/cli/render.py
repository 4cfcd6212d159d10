"""`rtgen render`: any stretch of the stream to a file."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rtgen.cli.targets import is_disk_full
from rtgen.errors import DeviceError, RenderError

if TYPE_CHECKING:
    from rtgen.stream.workers import Workers

FORMATS = {".wav": ("WAV", "FLOAT"), ".flac": ("FLAC", "PCM_24")}
SEEDS_AT_ONCE = 2
"""Where one has no block left for a worker, the other has."""
MOST_SEEDS = 1000
LARGEST_SEED = 2**64 - 1


@dataclass(frozen=True)
class Job:
    """One file: whose samples, in pieces, and how many."""

    pieces: Callable[[], Iterator[Any]]
    total: int
    rate: int
    path: Path | None


@dataclass(frozen=True)
class Batch:
    """The files of one model, and who makes their blocks."""

    workers: Workers
    jobs: list[Job]


def render(
    model: Annotated[
        list[str] | None, typer.Option("--model", "-m", help="Name or folder; several with --stems")
    ] = None,
    seed: Annotated[
        list[str] | None, typer.Option("--seed", "-s", help="Seeds: 7, or 1-8; repeat")
    ] = None,
    midi: Annotated[
        Path | None,
        typer.Option("--midi", help="Let a MIDI file steer: tempo map, CCs, chords; a performance"),
    ] = None,
    start: Annotated[float, typer.Option("--start", help="Position in seconds")] = 0.0,
    seconds: Annotated[
        float | None, typer.Option("--seconds", help="Length in seconds: 20, or all of --midi")
    ] = None,
    start_bar: Annotated[
        int | None, typer.Option("--start-bar", help="Position in bars, from 1")
    ] = None,
    bars: Annotated[int | None, typer.Option("--bars", help="Length in bars")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="NAME=V, NAME=V1:V2 (ramp), NAME=V@SECOND (step); repeat"),
    ] = None,
    style: Annotated[int | None, typer.Option("--style", min=0, help="Seed of the style")] = None,
    style_b: Annotated[
        int | None, typer.Option("--style-b", min=0, help="Seed of the style that morph leads to")
    ] = None,
    rate: Annotated[int, typer.Option("--rate", help="Sample rate of the file")] = 44100,
    precision: Annotated[str, typer.Option("--precision", help="fp32 or int8")] = "fp32",
    out: Annotated[
        str, typer.Option("--out", "-o", help=".wav or .flac; - for raw float32 on stdout")
    ] = "rtgen.wav",
    stems: Annotated[
        Path | None,
        typer.Option("--stems", help="A folder for one file per model and seed, instead of -o"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Overwrite")] = False,
) -> None:
    """Render any stretch of the endless stream to WAV or FLAC."""
    from rtgen.audio.resample import Resampler
    from rtgen.cli.render_jobs import Wanted, batches_of

    Resampler(rate)  # refuses a rate that cannot be made
    wanted = Wanted(
        models=model or [],
        seeds=read_seeds(seed or []),
        midi=midi,
        start=start,
        seconds=seconds,
        start_bar=start_bar,
        bars=bars,
        settings=settings or [],
        style=style,
        style_b=style_b,
        rate=rate,
        precision=precision,
        out=out,
        stems=stems,
        overwrite=yes,
    )
    batches = batches_of(wanted)
    with _progress() as bar:
        for batch in batches:
            _run(batch, bar)


def read_seeds(texts: list[str]) -> list[int]:
    """Seeds from words such as 7 or 1-8; each seed once."""
    seeds: dict[int, None] = {}
    for text in texts:
        low, dash, high = text.partition("-")
        ends = [low, high if dash else low]
        if not all(end.isascii() and end.isdigit() and len(end) <= 20 for end in ends):
            raise RenderError(f"'{text}' is not a seed", value=text, hint="--seed 7 or --seed 1-8")
        first, last = map(int, ends)
        if last < first or last > LARGEST_SEED:
            raise RenderError(
                f"'{text}' holds no seeds", value=text, hint=f"seeds go from 0 to {LARGEST_SEED}"
            )
        if last - first >= MOST_SEEDS:
            raise RenderError(
                f"'{text}' is too many seeds", value=text, hint=f"at most {MOST_SEEDS} in one go"
            )
        seeds |= dict.fromkeys(range(first, last + 1))
    return list(seeds)


def _progress() -> Any:
    from rich.console import Console
    from rich.progress import Progress

    return Progress(console=Console(stderr=True), disable=not sys.stderr.isatty())


def _run(batch: Batch, bar: Any) -> None:
    stop = threading.Event()
    with batch.workers, ThreadPoolExecutor(SEEDS_AT_ONCE) as pool:
        futures = [pool.submit(_make, job, bar, stop) for job in batch.jobs]
        try:
            for future in futures:
                future.result()
        finally:
            stop.set()


def _make(job: Job, bar: Any, stop: threading.Event) -> None:
    if stop.is_set():
        return
    samples = job.pieces()
    first = list(islice(samples, 1))  # what cannot be made is refused before a file is opened
    name = "standard output" if job.path is None else job.path.name
    task = bar.add_task(name, total=job.total)

    def counted() -> Iterator[Any]:
        for piece in chain(first, samples):
            yield piece
            bar.advance(task, len(piece))
            if stop.is_set():
                return

    if job.path is None:
        _pour(counted())
    else:
        _write(job.path, job.rate, counted())


def _pour(pieces: Iterator[Any]) -> None:
    try:
        for piece in pieces:
            sys.stdout.buffer.write(piece.tobytes())
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # whoever reads has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(path: Path, rate: int, pieces: Iterator[Any]) -> None:
    import soundfile

    container, subtype = FORMATS[path.suffix.lower()]
    try:
        with soundfile.SoundFile(path, "w", rate, 2, subtype, format=container) as file:
            for piece in pieces:
                file.write(piece)
    except (OSError, soundfile.SoundFileError) as error:
        full = is_disk_full(path)
        raise DeviceError(
            f"cannot write {path}: {'the disk is full' if full else str(error).rstrip('.')}",
            value=str(path),
            hint="what was written is readable" if full else "is the folder writable?",
        ) from error
