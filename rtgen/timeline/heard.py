"""A passage while it is heard: it grows with what changes in it, not with its length."""

from __future__ import annotations

from copy import deepcopy

from rtgen.timeline.controls import NAMES
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.passage import Passage, first_frame
from rtgen.timeline.sparse import SparseBeats, SparseRows
from rtgen.timeline.voice import Voice


class HeardPassage:
    """Positions that follow one another without a jump, up to the last that was heard.

    Parameters
    ----------
    start : position in seconds.
    voice : heard from there on.
    """

    def __init__(self, start: float, voice: Voice) -> None:
        self._start = self._end = start
        self._next_frame = first_frame(start)
        self._voices = [(start, voice)]
        self._lanes = {name: SparseRows() for name in NAMES}
        self._beats = SparseBeats()
        self._empty = True

    @property
    def empty(self) -> bool:
        """Whether nothing of it was heard."""
        return self._empty

    def speak(self, voice: Voice, position: float) -> None:
        """Another voice is heard from a position in seconds on."""
        if self._voices[-1][1] == voice:
            return
        if self._voices[-1][0] >= position:
            self._voices.pop()
        self._voices.append((position, voice))

    def follow(self, timeline: ControlTimeline, end: float) -> None:
        """All up to `end`, in seconds, has been heard; no later event can change it."""
        if end <= self._end:
            return
        n = first_frame(end) + 1 - self._next_frame
        if n > 0:
            lanes = {name: timeline.values(name, self._next_frame, n) for name in NAMES}
            for name, rows in lanes.items():
                self._lanes[name].extend(rows)
            self._beats.extend(timeline.clock.beats(self._next_frame, n), lanes["tempo"])
            self._next_frame += n
            self._empty = False
        self._end = end

    def copy(self) -> HeardPassage:
        """The same, which does not grow any more."""
        return deepcopy(self)

    def passage(self) -> Passage:
        """Frame by frame; something of it must have been heard."""
        lanes = {name: rows.dense() for name, rows in self._lanes.items()}
        voices = tuple(voice for voice in self._voices if voice[0] < self._end)
        beats = self._beats.dense(lanes["tempo"])
        return Passage(self._start, self._end - self._start, lanes, beats, voices)
