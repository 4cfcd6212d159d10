"""A MIDI file as passages: tempo map, controllers and notes steer, our own markers say the rest.

Any standard MIDI file will do. Notes of channel 10, the drums, say nothing of harmony and are
passed over; of several time signatures the first counts.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rtgen.control.midi_file import in_order, open_midi
from rtgen.control.midi_map import GAIN, SUSTAIN_CC, MidiMap
from rtgen.control.notes import HeldNotes
from rtgen.control.performance_marks import NONE, read_mark
from rtgen.control.tempo_map import DEFAULT_BPM, TempoMap
from rtgen.errors import MidiError
from rtgen.timeline.controls import ANY_CHROMA, AUTO, CHROMA, NAMES, TABLE, Span, Value
from rtgen.timeline.coordinates import Loop
from rtgen.timeline.passage import Passage, first_frame
from rtgen.timeline.seeds import LARGEST_SEED
from rtgen.timeline.units import FRAMES_PER_SECOND, HOP, RATE, octave
from rtgen.timeline.voice import Voice

if TYPE_CHECKING:
    import mido

LONGEST_SECONDS = 12 * 3600.0
FARTHEST = 2**40
DRUMS = 9
FINEST_METER = 128
EARLY_FRAMES = 0.1
"""So much earlier than a frame an event may be and still be meant for it: ticks are rounded."""
Floats = npt.NDArray[np.float64]


@dataclass
class Song:
    """What a MIDI file says.

    Attributes
    ----------
    more_meters : whether it changes its time signature, which is not followed.
    kept : whether it is a performance, which says all itself.
    says : controls that it sets at its start, so that nothing before counts.
    """

    passages: list[Passage]
    more_meters: bool
    kept: bool
    says: frozenset[str]


@dataclass
class _Part:
    """A passage in the making: `heard` is its time in the file."""

    heard: float
    start: float
    beat: float
    voices: list[tuple[float, Voice]]
    resets: list[tuple[float, float]] = field(default_factory=list)


def read_midi(path: Path, spans: dict[str, Span], given: dict[str, Value], voice: Voice) -> Song:
    """Read a standard MIDI file.

    Parameters
    ----------
    spans : ends of each control's range in the model that will play; values are held to them.
    given : values of controls before the file sets them.
    voice : what plays where the file names no seed.

    Raises
    ------
    MidiError for what is no MIDI file, has no tempo map, or is too long.
    """
    return _Reading(path, spans, given, voice).song()


class _Reading:
    def __init__(
        self, path: Path, spans: dict[str, Span], given: dict[str, Value], voice: Voice
    ) -> None:
        self._path, self._spans = path, spans
        file = open_midi(path)
        self._messages = in_order(file)
        tempi = [(t, m.tempo) for t, m in self._messages if m.type == "set_tempo"]
        bpm = given.get("tempo", DEFAULT_BPM)
        assert not isinstance(bpm, tuple)
        self._map = TempoMap.of_ticks(file.ticks_per_beat, tempi, bpm)
        self._end = self._map.seconds(self._messages[-1][0]) if self._messages else 0.0
        if not 0 < self._end <= LONGEST_SECONDS:
            raise MidiError(
                f"{path} lasts {self._end:g} s",
                value=str(path),
                hint=f"up to {LONGEST_SECONDS / 3600:g} hours can be played, and no empty file",
            )
        self._moves: dict[str, list[tuple[float, Value]]] = {
            name: [(-1.0, given.get(name, TABLE[name].default if name in TABLE else ANY_CHROMA))]
            for name in NAMES
        }
        self._parts = [_Part(0.0, 0.0, 0.0, [(0.0, voice)])]
        self._map_of_knobs, self._held = MidiMap(), HeldNotes()
        self._marked_chroma = -1
        self._ended: float | None = None
        self._tempo_said = any(_is_early(self._map.seconds(tick)) for tick, _ in tempi)
        self._kept = False

    def song(self) -> Song:
        meters = [m for _, m in self._messages if m.type == "time_signature" and _sane(m)]
        for tick, message in self._messages:
            self._take(tick, self._map.seconds(tick), message)
        bar = 4 * meters[0].numerator / meters[0].denominator if meters else 4.0
        ends = [part.heard for part in self._parts[1:]]
        ends.append(self._end if self._ended is None else self._ended)
        passages = [
            self._passage(part, end - part.heard, bar)
            for part, end in zip(self._parts, ends, strict=True)
            if end > part.heard
        ]
        differ = any((m.numerator, m.denominator) != (meters[0].numerator, meters[0].denominator)
                     for m in meters)  # fmt: skip
        return Song(passages, differ, self._kept, self._says())

    def _says(self) -> frozenset[str]:
        if self._kept:
            return frozenset(NAMES)
        said = {
            name
            for name, moves in self._moves.items()
            if any(_is_early(when) for when, _ in moves[1:])
        }
        return frozenset({*said, "tempo"} if self._tempo_said else said)

    def _take(self, tick: int, now: float, message: mido.Message) -> None:
        if message.type == "marker":
            self._mark(tick, now, read_mark(message.text))
        elif message.type == "control_change":
            turned = self._map_of_knobs.turn(
                message.control, message.value, self._here, message.channel
            )
            if turned is None:
                if message.control == SUSTAIN_CC:
                    self._chord(tick, now, self._held.sustain(message.value >= 64))
            elif turned[0] != GAIN:
                self._moves[turned[0]].append((now, turned[1]))
        elif message.type in ("note_on", "note_off") and message.channel != DRUMS:
            on = message.type == "note_on" and message.velocity > 0
            self._chord(tick, now, self._held.note(message.channel, message.note, on))

    def _chord(self, tick: int, now: float, chroma: Value) -> None:
        if tick != self._marked_chroma:
            self._moves[CHROMA].append((now, chroma))

    def _here(self, name: str) -> float:
        value = 0.0 if name == GAIN else self._moves[name][-1][1]
        assert not isinstance(value, tuple)
        return TABLE[name].default if math.isnan(value) else value

    def _mark(self, tick: int, now: float, facts: dict[str, str]) -> None:
        if not facts:
            return
        try:
            self._follow(tick, now, facts)
        except (ValueError, KeyError) as error:
            raise MidiError(
                f"a marker of {self._path} at {now:.3f} s cannot be read",
                value=" ".join(f"{name}={value}" for name, value in facts.items()),
                hint="remove the marker, or take the file as it was recorded",
            ) from error

    def _follow(self, tick: int, now: float, facts: dict[str, str]) -> None:
        heard = _number(facts["heard"], LONGEST_SECONDS) if "heard" in facts else now
        if "position" in facts:
            start = _number(facts["position"], 1e9)
            part = _Part(heard, start, _beat(facts), [(start, _voice(facts))])
            if heard <= self._parts[-1].heard:
                self._parts.clear()
            self._parts.append(part)
            self._kept = True
        elif "seed" in facts:
            part = self._parts[-1]
            part.voices.append((part.start + heard - part.heard, _voice(facts)))
        elif "beat" in facts:
            self._parts[-1].resets.append((now, _beat(facts)))
        elif "auto" in facts:
            if not TABLE[facts["auto"]].auto:
                raise ValueError
            self._moves[facts["auto"]].append((now, AUTO))
        elif "chroma" in facts:
            weights = tuple(float(w) for w in facts["chroma"].split(","))
            if len(weights) != 12 or not all(0 <= w <= 1 or math.isnan(w) for w in weights):
                raise ValueError
            self._moves[CHROMA].append((now, weights))
            self._marked_chroma = tick
        elif "end" in facts:
            self._ended = heard

    def _passage(self, part: _Part, seconds: float, bar_beats: float) -> Passage:
        first = first_frame(part.start)
        n = first_frame(part.start + seconds) + 1 - first
        times = part.heard + (first + np.arange(n)) * HOP / RATE - part.start
        tempo = self._map.bpm(np.maximum(times, part.heard) + 1e-4)
        ran = self._map.beats(np.maximum(times, part.heard))
        ran -= self._map.beats(np.asarray([part.heard]))[0]
        early = np.minimum(times - part.heard, 0.0)  # the first frame began before the passage
        beats = part.beat + ran + early * tempo / 60
        beats = self._reset(part, beats, first)
        span = self._spans["tempo"]
        tempi, which = np.unique(tempo, return_inverse=True)
        factor = np.asarray([octave(bpm, *span) for bpm in tempi])[which]
        until = part.heard + seconds
        lanes = {name: self._lane(name, part, until, n) for name in NAMES if name != "tempo"}
        lanes["tempo"] = np.clip(tempo * factor, TABLE["tempo"].low, TABLE["tempo"].high)
        voices = tuple((at, voice) for at, voice in part.voices if at < part.start + seconds)
        bars = bar_beats * float(factor[0])
        return Passage(part.start, seconds, lanes, beats * factor, voices, bars)

    def _reset(self, part: _Part, beats: Floats, first: int) -> Floats:
        """Beats (n,) of a passage, from each reset on counted from the beat that it says."""
        resets = [(self._frame(part, when, first), beat) for when, beat in part.resets]
        at = np.asarray([0, *(k for k, _ in resets if k < len(beats))])
        said = np.asarray([beats[0], *(beat for k, beat in resets if k < len(beats))])
        last = np.searchsorted(at, np.arange(len(beats)), side="right") - 1
        return np.asarray(beats + (said - beats[at])[last])

    def _lane(self, name: str, part: _Part, until: float, n: int) -> Floats:
        first, moves = first_frame(part.start), self._moves[name]
        # Of a file of many parts, each looks only at its own moves and the last one before.
        begun = bisect_right(moves, part.heard, key=itemgetter(0)) - 1
        ended = bisect_right(moves, until + 1 / FRAMES_PER_SECOND, key=itemgetter(0))
        moves = moves[begun:ended]
        at = np.asarray([self._frame(part, when, first) for when, _ in moves])
        values = np.asarray([value for _, value in moves], float)
        if name in self._spans:
            values = np.clip(values, *self._spans[name])
        return np.asarray(values[np.searchsorted(at, np.arange(n), side="right") - 1])

    def _frame(self, part: _Part, when: float, first: int) -> int:
        """From which frame of a passage on something holds."""
        since = when - part.heard
        if _is_early(since):
            return 0
        return math.ceil((part.start + since) * FRAMES_PER_SECOND - EARLY_FRAMES) - first


def _is_early(seconds: float) -> bool:
    """Whether what comes so long after the start of a passage holds from its first frame on."""
    return seconds <= EARLY_FRAMES / FRAMES_PER_SECOND


def _voice(facts: dict[str, str]) -> Voice:
    def whole(name: str) -> int | None:
        return None if facts.get(name, NONE) == NONE else int(facts[name])

    seed = int(facts["seed"])
    styles = whole("style"), whole("style_b")
    if not all(0 <= s <= LARGEST_SEED for s in (seed, *styles) if s is not None):
        raise ValueError
    loop, shift = None, int(facts.get("shift", "0"))
    if facts.get("loop", NONE) != NONE:
        start, _, length = facts["loop"].partition(":")
        loop = Loop(int(start), float(length))
        if not (abs(loop.start) < FARTHEST and 1 <= loop.length < FARTHEST):
            raise ValueError
    if abs(shift) >= FARTHEST:
        raise ValueError
    return Voice(seed, *styles, loop, shift)


def _sane(meter: mido.MetaMessage) -> bool:
    return bool(meter.numerator > 0 and meter.denominator <= FINEST_METER)


def _beat(facts: dict[str, str]) -> float:
    beat = float(facts["beat"])
    if not abs(beat) <= FARTHEST:
        raise ValueError
    return beat


def _number(text: str, most: float) -> float:
    number = float(text)
    if not 0 <= number <= most:
        raise ValueError
    return number
