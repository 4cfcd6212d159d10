"""`rtgen render`: any stretch of the stream to a file."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from rtgen.cli.targets import check_room, replacing
from rtgen.errors import DeviceError, RenderError
from rtgen.timeline.seeds import LARGEST_SEED

if TYPE_CHECKING:
    from rtgen.stream.workers import Workers

FORMATS = {".wav": ("WAV", "FLOAT"), ".flac": ("FLAC", "PCM_24")}
LONG_WAV = ("RF64", "FLOAT")
WAV_FRAME_BYTES = 8
SEEDS_AT_ONCE = 2
"""Where one has no block left for a worker, the other has."""
MOST_SEEDS = 1000
CONTROLS = (
    "tempo 60-200 bpm, density 0-18 onsets/s, energy, variation and morph 0-1, "
    "chroma C,Eb,G or any; a model may take less"
)


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


class StoppedError(Exception):
    """Nobody wants the file that is being made any more."""


def render(
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            "-m",
            help="Name or folder; techno if neither this nor --midi says; several with --stems",
        ),
    ] = None,
    seed: Annotated[
        list[str] | None,
        typer.Option(
            "--seed", "-s", help="Seeds: 7, or 1-8; 0 if neither this nor --midi says; repeat"
        ),
    ] = None,
    midi: Annotated[
        Path | None,
        typer.Option("--midi", help="Let a MIDI file steer: tempo map, CCs, chords; a performance"),
    ] = None,
    start: Annotated[
        float | None, typer.Option("--start", help="Position in seconds, 0 if not given")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option("--seconds", help="Length in seconds: 20, or all of --midi")
    ] = None,
    start_bar: Annotated[
        int | None, typer.Option("--start-bar", help="Position in bars, from 1")
    ] = None,
    bars: Annotated[int | None, typer.Option("--bars", help="Length in bars")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help=f"NAME=V, NAME=V1:V2 (ramp), NAME=V@SECOND (step): {CONTROLS}; repeat"
        ),
    ] = None,
    style: Annotated[
        int | None, typer.Option("--style", min=0, max=LARGEST_SEED, help="Seed of the style")
    ] = None,
    style_b: Annotated[
        int | None,
        typer.Option(
            "--style-b", min=0, max=LARGEST_SEED, help="Seed of the style that morph leads to"
        ),
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
    from rtgen.cli import settings as read
    from rtgen.cli.render_jobs import Wanted, batches_of

    _check_one_way("--start", start, "--start-bar", start_bar)
    _check_one_way("--seconds", seconds, "--bars", bars)
    Resampler(rate)  # refuses a rate that cannot be made
    wanted = Wanted(
        models=model or [],
        seeds=read_seeds(seed or []),
        midi=midi,
        start=0.0 if start is None else read.position(start, "--start"),
        seconds=None if seconds is None else read.position(seconds, "--seconds"),
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
    _check_room([job for batch in batches for job in batch.jobs])
    if stems is not None:
        stems.mkdir(exist_ok=True)
    signal.signal(signal.SIGTERM, _end)
    try:
        with _progress() as bar:
            for batch in batches:
                _run(batch, bar)
    except (KeyboardInterrupt, SystemExit):
        print("stopped: nothing unfinished is kept", file=sys.stderr)
        raise


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


def written_as(path: Path, frames: int) -> tuple[str, str]:
    """Container and sample format of a file; RF64 is a WAV that may be longer than 4 GiB."""
    from rtgen.output.recorder import SEGMENT_FRAMES

    container = FORMATS[path.suffix.lower()]
    return LONG_WAV if container[0] == "WAV" and frames > SEGMENT_FRAMES else container


def _check_one_way(name: str, value: float | None, other: str, bars: int | None) -> None:
    if value is not None and bars is not None:
        raise RenderError(
            f"{name} and {other} contradict each other", value=bars, hint="leave out one of them"
        )


def _check_room(jobs: list[Job]) -> None:
    wanted: Counter[Path] = Counter()
    for job in jobs:
        if job.path is not None and job.path.suffix.lower() == ".wav":
            wanted[job.path.parent] += job.total * WAV_FRAME_BYTES
    for folder, size in wanted.items():
        check_room(folder if folder.is_dir() else folder.parent, size)


def _end(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


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
            if stop.is_set():
                raise StoppedError
            yield piece
            bar.advance(task, len(piece))

    if job.path is None:
        _pour(counted())
    else:
        _write(job.path, job.rate, job.total, counted())


def _pour(pieces: Iterator[Any]) -> None:
    try:
        for piece in pieces:
            sys.stdout.buffer.write(piece.tobytes())
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # whoever reads has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(path: Path, rate: int, total: int, pieces: Iterator[Any]) -> None:
    import soundfile

    from rtgen.output.disk import is_full

    container, subtype = written_as(path, total)
    with replacing(path) as part:
        try:
            with soundfile.SoundFile(part, "w", rate, 2, subtype, format=container) as file:
                for piece in pieces:
                    file.write(piece)
        except (OSError, soundfile.SoundFileError) as error:
            full = is_full(path.parent)
            why = "the disk is full" if full else str(error).rstrip(".").lower()
            raise DeviceError(
                f"cannot write {path}: {why}",
                value=str(path),
                hint="make room there, or choose another disk" if full else "choose another folder",
            ) from error
