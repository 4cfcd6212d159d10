"""What was heard as a standard MIDI file: tempo map, controllers, notes, markers for the rest."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rtgen.control.performance_marks import NONE, TICKS_PER_BEAT, mark
from rtgen.control.tempo_map import TempoMap
from rtgen.timeline.controls import CHROMA, TABLE, chroma_of
from rtgen.timeline.passage import Passage, changes, resets
from rtgen.timeline.units import HOP, RATE
from rtgen.timeline.voice import Voice

if TYPE_CHECKING:
    import mido

FINE = 32
OCTAVE = 60
LOUDEST = 127
TOP = 2**14 - 1


@dataclass
class _Tracks:
    """Messages with their ticks, by track; of equal ticks the first written comes first."""

    map: TempoMap = field(default_factory=lambda: TempoMap(TICKS_PER_BEAT))
    song: list[tuple[int, mido.MetaMessage]] = field(default_factory=list)
    knobs: list[tuple[int, mido.Message]] = field(default_factory=list)
    notes: list[tuple[int, mido.Message]] = field(default_factory=list)

    def mark(self, seconds: float, **facts: object) -> None:
        """Set a marker."""
        import mido

        text = mark(**facts)
        self.song.append((self.map.tick(seconds), mido.MetaMessage("marker", text=text)))


def midi_file(passages: Sequence[Passage], model: str, checksum: str = "") -> mido.MidiFile:
    """A file of type 1 in whose time the passages follow one another.

    Parameters
    ----------
    passages : what was heard, in order.
    model : name of the bundle that played.
    checksum : of its manifest; empty leaves it out.
    """
    import mido

    tracks = _Tracks()
    played = {"model": model, **({"checksum": checksum} if checksum else {})}
    begins = np.cumsum([0.0, *(p.seconds for p in passages)]).tolist()
    for passage, begin in zip(passages, begins, strict=False):
        for k in [0, *changes(passage.lanes["tempo"])]:
            bpm = float(passage.lanes["tempo"][k])
            tick, micros = tracks.map.add(_when(passage, begin, k), bpm)
            tracks.song.append((tick, mido.MetaMessage("set_tempo", tempo=micros)))
    for passage, begin in zip(passages, begins, strict=False):
        _voices(tracks, passage, begin, played)
        _beats(tracks, passage, begin)
        for name in TABLE:
            if name != "tempo":
                _knob(tracks, name, passage, begin)
        _chords(tracks, passage, begin)
    tracks.mark(begins[-1], heard=repr(begins[-1]), end=1)
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT, charset="utf-8")
    for name, messages in (
        ("rtgen", tracks.song),
        ("controls", tracks.knobs),
        ("chords", tracks.notes),
    ):
        file.tracks.append(_track(name, messages))
    return file


def _track(name: str, messages: Sequence[tuple[int, object]]) -> mido.MidiTrack:
    import mido

    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
    before = 0
    for tick, message in sorted(messages, key=lambda pair: pair[0]):
        track.append(message.copy(time=tick - before))  # type: ignore[attr-defined]
        before = tick
    return track


def _when(passage: Passage, begin: float, k: int) -> float:
    """The time in the file of a passage's k-th frame."""
    return begin + max((passage.first + k) * HOP / RATE - passage.start, 0.0)


def _voices(tracks: _Tracks, passage: Passage, begin: float, played: dict[str, str]) -> None:
    for k, (position, voice) in enumerate(passage.voices):
        heard = begin + position - passage.start
        facts: dict[str, object] = {"heard": repr(heard), **played, **_facts(voice)}
        if k == 0:
            facts |= {"position": repr(position), "beat": repr(_first_beat(passage))}
        tracks.mark(heard, **facts)


def _facts(voice: Voice) -> dict[str, object]:
    loop = voice.loop
    return {
        "seed": voice.seed,
        "style": NONE if voice.style_a is None else voice.style_a,
        "style_b": NONE if voice.style_b is None else voice.style_b,
        "loop": NONE if loop is None else f"{loop.start}:{loop.length!r}",
        "shift": voice.shift,
    }


def _first_beat(passage: Passage) -> float:
    """Beat position at the passage's start, which may lie inside a frame."""
    inside = passage.start - passage.first * HOP / RATE
    return float(passage.beats[0] + inside * passage.lanes["tempo"][0] / 60)


def _beats(tracks: _Tracks, passage: Passage, begin: float) -> None:
    """Say the beat again where the file's own count leaves it."""
    times = begin + (passage.first + np.arange(len(passage.beats))) * HOP / RATE - passage.start
    for k, beat in resets(passage.beats, tracks.map.beats(times)):
        tracks.mark(_when(passage, begin, k), beat=repr(beat))


def _knob(tracks: _Tracks, name: str, passage: Passage, begin: float) -> None:
    lane = passage.lanes[name]
    for k in [0, *changes(lane)]:
        when, value = _when(passage, begin, k), float(lane[k])
        if math.isnan(value):
            tracks.mark(when, auto=name)
        else:
            tick = tracks.map.tick(when)
            tracks.knobs += [(tick, message) for message in _turned(name, value)]


def _turned(name: str, value: float) -> Iterator[mido.Message]:
    """A controller in 14 bits, as its fine byte or as a non-registered parameter."""
    import mido

    control = TABLE[name]
    number = control.cc
    assert number is not None
    raw = round((value - control.low) / (control.high - control.low) * TOP)
    high, low = divmod(min(max(raw, 0), TOP), 128)
    said = [(number, high), (number + FINE, low)]
    if number >= FINE:
        said = [(99, number // 128), (98, number % 128), (6, high), (38, low)]
    for cc, data in said:
        yield mido.Message("control_change", control=cc, value=data)


def _chords(tracks: _Tracks, passage: Passage, begin: float) -> None:
    import mido

    lane = passage.lanes[CHROMA]
    for k in [0, *changes(lane)]:
        when, tick = _when(passage, begin, k), tracks.map.tick(_when(passage, begin, k))
        down = _pitches(lane[k - 1]) if k else set()
        up = _pitches(lane[k])
        for kind, pitches in (("note_off", down), ("note_on", up)):
            tracks.notes += [
                (tick, mido.Message(kind, note=OCTAVE + p, velocity=LOUDEST * (kind == "note_on")))
                for p in sorted(pitches)
            ]
        if not np.array_equal(chroma_of(up), lane[k], equal_nan=True):
            tracks.mark(when, chroma=",".join(repr(float(w)) for w in lane[k]))
    end = tracks.map.tick(begin + passage.seconds)
    tracks.notes += [
        (end, mido.Message("note_off", note=OCTAVE + p, velocity=0))
        for p in sorted(_pitches(lane[-1]))
    ]


def _pitches(weights: npt.NDArray[np.float64]) -> set[int]:
    return set() if np.isnan(weights).any() else {int(k) for k in np.flatnonzero(weights)}
