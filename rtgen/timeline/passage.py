"""A stretch of a stream as it was heard: what every control was in each of its frames."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rtgen.timeline.controls import CHROMA, NAMES, Value
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import FRAMES_PER_SECOND, HOP, RATE
from rtgen.timeline.voice import Voice

SAME_BEAT = 2e-4
"""Beats by which a clock may be off before it is set right; a tenth of a millisecond."""
_LOOK_AHEAD = 64
"""Frames looked at first; twice as many each time nothing is found, so that neither a steady clock
nor one that is always off costs more than in proportion to its length."""


@dataclass(frozen=True)
class Passage:
    """Positions that follow one another without a jump.

    Attributes
    ----------
    start, seconds : where in the stream it lies.
    lanes : values (n,) or (n, 12) by control, from `first_frame(start)` on.
    beats : beat positions (n,) of the same frames.
    voices : each with the position in seconds from which it is heard; the first is at `start`.
    bar_beats : beats in a bar.
    """

    start: float
    seconds: float
    lanes: dict[str, npt.NDArray[np.float64]]
    beats: npt.NDArray[np.float64]
    voices: tuple[tuple[float, Voice], ...]
    bar_beats: float = 4.0

    @property
    def first(self) -> int:
        """The frame of the first values."""
        return first_frame(self.start)

    def part(self, low: float, seconds: float) -> Passage:
        """What is heard from `low` seconds after the start on, for so many seconds."""
        start = self.start + low
        first = first_frame(start) - self.first
        last = first_frame(start + seconds) + 1 - self.first
        sounding = [voice for at, voice in self.voices if at <= start][-1]
        later = [(at, voice) for at, voice in self.voices if start < at < start + seconds]
        return Passage(
            start,
            seconds,
            {name: lane[first:last] for name, lane in self.lanes.items()},
            self.beats[first:last],
            ((start, sounding), *later),
            self.bar_beats,
        )

    def timeline(self) -> ControlTimeline:
        """The same as events; before the passage all was as in its first frame."""
        tempo = self.lanes["tempo"][0]
        origin = self.beats[0] - self.first * tempo / 60 / FRAMES_PER_SECOND
        first = {name: _value(name, self.lanes[name][0]) for name in NAMES}
        timeline = ControlTimeline(first, float(origin), self.bar_beats)
        for name in NAMES:
            for k in changes(self.lanes[name]):
                timeline.set(name, _value(name, self.lanes[name][k]), self.first + k)
        for k, beat in resets(self.beats, ran_by(self.lanes["tempo"])):
            timeline.clock.rebase(self.first + k, beat)
        return timeline


def first_frame(position: float) -> int:
    """The frame that holds a position in seconds."""
    return math.floor(round(position * RATE, 3) / HOP)


def changes(lane: npt.NDArray[np.float64]) -> list[int]:
    """Indices of the values (n,) or (n, m) that differ from the one before; the first is none."""
    rows = lane.reshape(len(lane), -1)
    same = (rows[1:] == rows[:-1]) | (np.isnan(rows[1:]) & np.isnan(rows[:-1]))
    return [int(k) + 1 for k in np.flatnonzero(~same.all(axis=1))]


def resets(beats: npt.NDArray[np.float64], ran: npt.NDArray[np.float64]) -> list[tuple[int, float]]:
    """Where beats (n,) leave a clock (n,) that starts with them, and what they are there."""
    out: list[tuple[int, float]] = []
    offset, k, ahead = beats[0] - ran[0], 0, _LOOK_AHEAD
    while k < len(beats):
        off = np.abs(offset + ran[k : k + ahead] - beats[k : k + ahead]) > SAME_BEAT
        if not off.any():
            k += ahead
            ahead *= 2
            continue
        k, ahead = k + int(off.argmax()), _LOOK_AHEAD
        out.append((k, float(beats[k])))
        offset = beats[k] - ran[k]
    return out


def ran_by(tempo: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Beats (n,) since the first frame, as tempi (n,) add up."""
    steps = tempo / 60 / FRAMES_PER_SECOND
    return np.concatenate([[0.0], np.cumsum(steps[:-1])])


def _value(name: str, row: npt.NDArray[np.float64]) -> Value:
    return tuple(float(v) for v in row) if name == CHROMA else float(row)
