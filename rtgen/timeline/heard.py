"""What was heard without a jump: it grows with what changes in it, not with its length."""

from __future__ import annotations

from dataclasses import dataclass

from rtgen.timeline.controls import NAMES
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.passage import Passage, first_frame
from rtgen.timeline.sparse import Changes, SparseBeats, SparseRows, dense_beats, dense_rows
from rtgen.timeline.voice import Voice


@dataclass(frozen=True, slots=True)
class HeardPassage:
    """A passage as it is kept: hours of play may leave thousands, which are then packed.

    Attributes
    ----------
    start, end : positions in seconds.
    frames : frames of it.
    lanes : of each of `NAMES`; one object where the passage before had the same.
    voices : each with the position in seconds from which it is heard; the first is at `start`.
    """

    start: float
    end: float
    frames: int
    lanes: tuple[Changes, ...]
    beats: Changes
    voices: tuple[tuple[float, Voice], ...]

    def passage(self) -> Passage:
        """The same frame by frame."""
        lanes = {
            name: dense_rows(kept, self.frames)
            for name, kept in zip(NAMES, self.lanes, strict=True)
        }
        beats = dense_beats(self.beats, lanes["tempo"])
        return Passage(self.start, self.end - self.start, lanes, beats, self.voices)


class GrowingPassage:
    """Positions that follow one another without a jump, up to the last that was heard.

    Parameters
    ----------
    start : position in seconds.
    voice : heard from there on.
    """

    def __init__(self, start: float, voice: Voice) -> None:
        self._start = self._end = start
        self._first_frame = self._next_frame = first_frame(start)
        self._voices = [(start, voice)]
        self._lanes = {name: SparseRows() for name in NAMES}
        self._beats = SparseBeats()

    @property
    def empty(self) -> bool:
        """Whether nothing of it was heard."""
        return self._next_frame == self._first_frame

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
        self._end = end

    def kept(self, before: HeardPassage | None) -> HeardPassage:
        """What was heard so far; something of it must have been.

        Parameters
        ----------
        before : the passage before, if any; what is as it was there is not held twice.
        """
        lanes = tuple(rows.changes() for rows in self._lanes.values())
        if before is not None:
            pairs = zip(lanes, before.lanes, strict=True)
            lanes = tuple(earlier if earlier == own else own for own, earlier in pairs)
        return HeardPassage(
            self._start,
            self._end,
            self._next_frame - self._first_frame,
            lanes,
            self._beats.changes(),
            tuple(voice for voice in self._voices if voice[0] < self._end),
        )
