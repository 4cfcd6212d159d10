"""What `rtgen render` was asked for, checked, as files to be made."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtgen.cli.render import FORMATS, Batch, Job
from rtgen.cli.targets import check_target, numbered
from rtgen.errors import RenderError

if TYPE_CHECKING:
    from rtgen.bundle.load import Bundle
    from rtgen.stream.workers import Workers
    from rtgen.timeline.passage import Passage
    from rtgen.timeline.voice import Voice

DEFAULT_MODEL = "techno"
DEFAULT_SECONDS = 20.0


@dataclass(frozen=True)
class Wanted:
    """The options of `rtgen render`; what was not given is empty or None."""

    models: list[str]
    seeds: list[int]
    midi: Path | None
    start: float
    seconds: float | None
    start_bar: int | None
    bars: int | None
    settings: list[str]
    style: int | None
    style_b: int | None
    rate: int
    precision: str
    out: str
    stems: Path | None
    overwrite: bool

    def voice(self, seed: int) -> Voice:
        """What plays for a seed."""
        from rtgen.timeline.voice import Voice

        return Voice(seed, style_a=self.style, style_b=self.style_b)


def batches_of(wanted: Wanted) -> list[Batch]:
    """Files to be made, by model.

    Raises
    ------
    RtgenError for anything that cannot be made or written.
    """
    from rtgen.bundle.load import load_bundle
    from rtgen.stream.renderer import BLOCK_FRAMES, LONG_BLOCK_FRAMES
    from rtgen.stream.workers import Workers, workers_here

    # A performance is made again on the grid on which it was heard.
    grid = LONG_BLOCK_FRAMES if wanted.midi is None else BLOCK_FRAMES
    make = _of_stretch if wanted.midi is None else _of_midi
    if wanted.stems is None and len(wanted.models) > 1:
        raise RenderError(
            "several models need a folder to go to", value=wanted.models, hint="--stems FOLDER"
        )
    batches = []
    for model in wanted.models or [_played(wanted)]:
        bundle = load_bundle(model)
        workers = Workers(bundle, wanted.precision, workers_here(), grid)
        made, jobs = make(wanted, bundle, workers), []
        for seed, (pieces, seconds) in made.items():
            path = _path(wanted, bundle.manifest.name, seed, len(made))
            check_target(path, wanted.overwrite, tuple(FORMATS))
            jobs.append(Job(pieces, round(seconds * wanted.rate), wanted.rate, path))
        batches.append(Batch(workers, jobs))
    return batches


Made = dict[int, tuple[Callable[[], Iterator[Any]], float]]
"""By seed: what makes the pieces, and how many seconds."""


def _path(wanted: Wanted, model: str, seed: int, count: int) -> Path | None:
    if wanted.stems is None:
        return numbered(wanted.out, seed, count)
    wanted.stems.mkdir(exist_ok=True)
    suffix = Path(wanted.out).suffix or ".wav"
    return wanted.stems / f"{model}-{seed}{suffix}"


def _of_stretch(wanted: Wanted, bundle: Bundle, workers: Workers) -> Made:
    from rtgen.cli import settings as read
    from rtgen.stream.offline import pieces

    start = read.position(wanted.start, "--start")
    length = DEFAULT_SECONDS if wanted.seconds is None else wanted.seconds
    length = read.position(length, "--seconds")
    manifest = bundle.manifest
    if wanted.start_bar is not None or wanted.bars is not None:
        start, length = read.stretch(
            manifest, wanted.settings, start, length, wanted.start_bar, wanted.bars
        )
    if round(length * wanted.rate) == 0:
        raise RenderError("there is nothing to render", value=length, hint="--seconds 20")
    timeline = read.timeline(manifest, wanted.settings, start, length)

    def of(seed: int) -> Callable[[], Iterator[Any]]:
        return lambda: pieces(workers, wanted.voice(seed), timeline, start, length, wanted.rate)

    return {seed: (of(seed), length) for seed in wanted.seeds or [0]}


def _of_midi(wanted: Wanted, bundle: Bundle, workers: Workers) -> Made:
    from rtgen.cli import settings as read
    from rtgen.control.performance_reader import read_midi
    from rtgen.stream.performed import performed
    from rtgen.timeline.controls import TABLE

    assert wanted.midi is not None
    if wanted.start_bar is not None or wanted.bars is not None:
        raise RenderError("a MIDI file is cut by seconds", hint="--start 10 --seconds 20")
    spans = {name: (s.low, s.high) for name in TABLE if (s := bundle.manifest.span(name))}
    given = read.defaults(bundle.manifest, wanted.settings)
    song = read_midi(wanted.midi, spans, given, wanted.voice(0))
    if song.more_meters:
        print("only the first time signature is followed", file=sys.stderr)
    passages = _cut(song.passages, wanted.start, wanted.seconds)
    seconds = sum(p.seconds for p in passages)

    def of(voice: Voice | None) -> Callable[[], Iterator[Any]]:
        return lambda: performed(workers, passages, wanted.rate, voice)

    if wanted.seeds:
        return {seed: (of(wanted.voice(seed)), seconds) for seed in wanted.seeds}
    return {passages[0].voices[0][1].seed: (of(None), seconds)}


def _cut(passages: list[Passage], start: float, seconds: float | None) -> list[Passage]:
    """What is heard from `start` on, for so many seconds, or to the end."""
    out, heard = [], 0.0
    end = sum(p.seconds for p in passages) if seconds is None else start + seconds
    for p in passages:
        low, high = max(start - heard, 0.0), min(end - heard, p.seconds)
        if low < high:
            out.append(p.part(low, high - low))
        heard += p.seconds
    if not out:
        raise RenderError("there is nothing to render", value=start, hint=f"it lasts {heard:.1f} s")
    return out


def _played(wanted: Wanted) -> str:
    """The model that a performance was played with, if it says so."""
    from rtgen.control.performance_reader import played_model

    said = None if wanted.midi is None else played_model(wanted.midi)
    return said or DEFAULT_MODEL
