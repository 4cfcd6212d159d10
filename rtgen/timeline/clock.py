"""Beats per frame: the tempo lane integrated in closed form, at any frame, without a walk to it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rtgen.timeline.units import HOP, RATE

_BEATS_PER_FRAME = HOP / RATE / 60.0


class TempoEvent(Protocol):
    """When the tempo starts to move, and for how long."""

    @property
    def frame(self) -> int: ...
    @property
    def ramp_frames(self) -> int: ...


class TempoLane(Protocol):
    """What the clock needs of the tempo lane."""

    @property
    def events(self) -> Sequence[TempoEvent]: ...

    def values(self, first: int, n: int) -> npt.NDArray[np.float64]:
        """Tempo (n, 1) of frames."""


class Clock:
    """Beat position of every frame's first sample.

    Parameters
    ----------
    origin : beat position of frame 0, unless rebased.

    Between frames the tempo is the earlier frame's. Sums over long ramps walk the ramp once;
    steady stretches cost nothing. Many threads may ask at once while none changes it.
    """

    def __init__(self, tempo: TempoLane, origin: float = 0.0) -> None:
        self._tempo, self._origin = tempo, origin
        self._marks: list[tuple[int, float]] = [(0, origin)]
        self._rebased: list[tuple[int, float]] = []

    def rebase(self, frame: int, beat: float) -> None:
        """From a frame on, count from this beat (a jump of phase)."""
        self.forget(frame)
        at = bisect_left(self._rebased, frame, key=_frame_of_mark)
        same = at < len(self._rebased) and self._rebased[at][0] == frame
        self._rebased[at : at + same] = [(frame, beat)]

    def copy(self, tempo: TempoLane) -> Clock:
        """One that changes by itself, over a copy of the tempo lane."""
        out = Clock(tempo, self._origin)
        out._marks, out._rebased = self._marks, self._rebased[:]
        return out

    def forget_before(self, frame: int) -> int:
        """Drop what no beat from a frame on is counted from; the frame they are counted from."""
        past = bisect_right(self._rebased, frame, key=_frame_of_mark) - 1
        if past < 0:
            return 0
        del self._rebased[:past]
        return self._rebased[0][0]

    def forget(self, frame: int) -> None:
        """Drop what was summed after a frame: the tempo there has changed."""
        self._marks = [m for m in self._marks if m[0] < frame or m[0] == 0]

    def beats(self, first: int, n: int) -> npt.NDArray[np.float64]:
        """Beat positions (n,) of frames first .. first + n - 1."""
        out = np.empty(n, np.float64)
        tempo = self._tempo.values(first, n)[:, 0]
        out[0] = self.beat(first)
        np.cumsum(tempo[:-1] * _BEATS_PER_FRAME, out=out[1:])
        out[1:] += out[0]
        inside = bisect_right(self._rebased, first, key=_frame_of_mark)
        for frame, beat in self._rebased[inside:]:
            if frame >= first + n:
                break
            out[frame - first :] += beat - out[frame - first]
        return out

    def beat(self, frame: int) -> float:
        """Beat position of one frame."""
        if frame < 0:
            tempo = float(self._tempo.values(frame, 1)[0, 0])
            return self._origin + tempo * _BEATS_PER_FRAME * frame
        marks = self._rebased
        if not marks or frame < marks[0][0]:
            marks = self._marks
        return self._sum(marks[bisect_right(marks, frame, key=_frame_of_mark) - 1], frame)

    def frame_of_beat(self, beat: float, near: int) -> int:
        """The first frame at or after `near` whose beat position is at least `beat`."""
        low, step = near, 1
        while self.beat(low + step) < beat:
            step *= 2
        high = low + step
        while low < high:
            middle = (low + high) // 2
            if self.beat(middle) < beat:
                low = middle + 1
            else:
                high = middle
        return low

    def _sum(self, mark: tuple[int, float], frame: int) -> float:
        at, beat = mark
        if at == frame:
            return beat
        events = self._tempo.events
        first_event = max(bisect_right(events, at, key=_frame_of_event) - 1, 0)
        inside = events[first_event : bisect_right(events, frame, key=_frame_of_event)]
        turns = {t for e in inside for t in (e.frame, e.frame + e.ramp_frames)}
        bounds = [*sorted(t for t in turns if at < t < frame), frame]
        for bound in bounds:
            span = bound - at
            # Within a segment the tempo is straight until its ramp ends, then steady.
            first, last = (self._tempo.values(f, 1)[0, 0] for f in (at, bound - 1))
            if first == last or span <= 2:
                beat += (first * (span - 1) + last) * _BEATS_PER_FRAME
            else:
                beat += float(self._tempo.values(at, span).sum()) * _BEATS_PER_FRAME
            at = bound
            if bound != frame:
                self._remember(bound, beat)
        return beat

    def _remember(self, frame: int, beat: float) -> None:
        marks = self._marks
        if not self._rebased and frame > marks[-1][0]:
            self._marks = [*marks, (frame, beat)]  # a new list: others may be reading this one


def _frame_of_mark(mark: tuple[int, float]) -> int:
    return mark[0]


def _frame_of_event(event: TempoEvent) -> int:
    return event.frame


def in_bars_of_four(beats: npt.NDArray[np.float64], bar_beats: float) -> npt.NDArray[np.float64]:
    """Beats of a metre as a model hears them that only knows bars of four.

    Every bar of the metre starts a bar of four (or of eight, if it is longer than four, and so on);
    what does not fit is left out.

    Parameters
    ----------
    beats : beat positions; bars of the metre start at multiples of `bar_beats`.
    bar_beats : beats (quarter notes) in a bar, above 0.
    """
    if 4 % bar_beats == 0 or bar_beats % 4 == 0:
        return beats
    bar = np.floor(beats / bar_beats)
    return bar * (4 * np.ceil(bar_beats / 4)) + (beats - bar * bar_beats)
