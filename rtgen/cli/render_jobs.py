"""What `rtgen render` was asked for, checked, as files to be made."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtgen.cli.render import FORMATS, Batch, Job
from rtgen.cli.targets import check_target, numbered
from rtgen.errors import BundleError, ControlError, RenderError

if TYPE_CHECKING:
    from rtgen.bundle.load import Bundle
    from rtgen.control.performance_reader import Song
    from rtgen.control.played import Played
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
    from rtgen.control.played import played_model
    from rtgen.stream.renderer import BLOCK_FRAMES, LONG_BLOCK_FRAMES
    from rtgen.stream.workers import Workers, workers_here

    # A performance is made again on the grid on which it was heard.
    grid = LONG_BLOCK_FRAMES if wanted.midi is None else BLOCK_FRAMES
    make = _of_stretch if wanted.midi is None else _of_midi
    if wanted.stems is None and len(wanted.models) > 1:
        raise RenderError(
            "several models need a folder to go to", value=wanted.models, hint="--stems FOLDER"
        )
    if wanted.stems is not None:
        _check_stems(wanted.stems)
    played = None if wanted.midi is None else played_model(wanted.midi)
    batches, names, others = [], set(), []
    for model in wanted.models or [_model(wanted.midi, played)]:
        bundle = load_bundle(model)
        name = os.path.basename(os.path.abspath(bundle.folder))
        if name in names:
            raise RenderError(
                f"two models are called {name}: they would share their files",
                value=name,
                hint="render one after the other, each with a --stems FOLDER of its own",
            )
        names.add(name)
        if played is not None and played.checksum not in ("", bundle.checksum):
            others.append(name)
        workers = Workers(bundle, wanted.precision, workers_here(), grid)
        made, jobs = make(wanted, bundle, workers), []
        for seed, (pieces, seconds) in made.items():
            path = _path(wanted, name, seed, len(made))
            _check(path, wanted)
            jobs.append(Job(pieces, round(seconds * wanted.rate), wanted.rate, path))
        batches.append(Batch(workers, jobs))
    if others:
        said = f"{wanted.midi} was played with another model than this {', '.join(others)}"
        print(f"{said}: it sounds different", file=sys.stderr)
    return batches


Made = dict[int, tuple[Callable[[], Iterator[Any]], float]]
"""By seed: what makes the pieces, and how many seconds."""


def _path(wanted: Wanted, model: str, seed: int, count: int) -> Path | None:
    if wanted.stems is None:
        return numbered(wanted.out, seed, count)
    suffix = Path(wanted.out).suffix or ".wav"
    return wanted.stems / f"{model}-{seed}{suffix}"


def _check_stems(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise RenderError(
            f"{folder} is a file", value=str(folder), hint="--stems FOLDER, or -o for a file"
        )
    if not folder.parent.is_dir():
        raise RenderError(
            f"there is no folder {folder.parent}",
            value=str(folder.parent),
            hint="make it first, or choose another --stems",
        )


def _check(path: Path | None, wanted: Wanted) -> None:
    if path is not None and wanted.stems is not None and not wanted.stems.is_dir():
        # Whoever renders makes the folder when nothing is refused any more.
        check_target(wanted.stems.with_name(path.name), True, tuple(FORMATS))
    else:
        check_target(path, wanted.overwrite, tuple(FORMATS))


def _of_stretch(wanted: Wanted, bundle: Bundle, workers: Workers) -> Made:
    from rtgen.cli import settings as read
    from rtgen.stream.offline import pieces

    start = wanted.start
    length = DEFAULT_SECONDS if wanted.seconds is None else wanted.seconds
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
    given = read.defaults(bundle.manifest, wanted.settings, "and with --midi the file moves it")
    song = read_midi(wanted.midi, spans, given, wanted.voice(0))
    _check_said(wanted, song, list(given))
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


def _check_said(wanted: Wanted, song: Song, names: list[str]) -> None:
    """Refuse to be told what a file says itself."""
    for name in names:
        if name in song.says:
            raise ControlError(
                f"{wanted.midi} sets the {name} itself from its start",
                value=name,
                hint=f"leave out --set {name}: it is for what the file does not say",
            )
    if song.kept and not wanted.seeds and (wanted.style, wanted.style_b) != (None, None):
        raise RenderError(
            f"{wanted.midi} says itself which styles play",
            value=wanted.style,
            hint="leave out --style and --style-b, or choose another piece with --seed too",
        )


def _model(midi: Path | None, played: Played | None) -> str:
    """The model to render with when none was asked for: that of a performance, if it says so.

    Raises
    ------
    BundleError when the one of that name is another than what was played, and no other is the same.
    """
    from rtgen.bundle.library import find, installed
    from rtgen.bundle.origin import digest

    if played is None:
        return DEFAULT_MODEL
    if not played.checksum:
        return played.name
    for folder in sorted(installed(), key=lambda folder: folder.name != played.name):
        if digest(folder) == played.checksum:
            return str(folder)
    if digest(find(played.name)) != played.checksum:
        raise BundleError(
            f"{midi} was played with another {played.name} than the one here",
            value=played.checksum,
            hint="name the folder of the one that it was played with by --model",
        )
    return played.name
