"""What was heard so far, frame by frame, so that it can be kept and made again."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from rtgen.stream.sparse import SparseBeats, SparseRows
from rtgen.timeline.controls import NAMES
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.passage import Passage, first_frame
from rtgen.timeline.voice import Voice


@dataclass
class _Open:
    """The passage that goes on."""

    start: float
    next_frame: int
    voices: list[tuple[float, Voice]]
    lanes: dict[str, SparseRows] = field(
        default_factory=lambda: {name: SparseRows() for name in NAMES}
    )
    beats: SparseBeats = field(default_factory=SparseBeats)
    frames: int = 0
    end: float = 0.0


class Journal:
    """Written by the engine thread, read by any.

    Parameters
    ----------
    rate : of positions, in samples per second.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._lock = threading.Lock()
        self._done: list[Passage] = []
        self._open: _Open | None = None

    def begin(self, voice: Voice, at: int, jump: bool) -> None:
        """A take begins at a position; after a jump, what was followed last ends a passage."""
        position = at / self._rate
        with self._lock:
            now = self._open
            if now is None or jump:
                if now is not None:
                    self._done += _closed(now)
                self._open = _Open(position, first_frame(position), [(position, voice)])
            elif now.voices[-1][1] != voice:
                if now.voices[-1][0] >= position:
                    now.voices.pop()
                now.voices.append((position, voice))

    def follow(self, timeline: ControlTimeline, playhead: int) -> None:
        """All up to here has been heard; no later event can change it."""
        end = playhead / self._rate
        with self._lock:
            now = self._open
            if now is None or end <= max(now.start, now.end):
                return
            n = first_frame(end) + 1 - now.next_frame
            if n > 0:
                lanes = {name: timeline.values(name, now.next_frame, n) for name in NAMES}
                for name, rows in lanes.items():
                    now.lanes[name].extend(rows)
                now.beats.extend(timeline.clock.beats(now.next_frame, n), lanes["tempo"])
                now.next_frame += n
                now.frames += n
            now.end = end

    def passages(self) -> list[Passage]:
        """What was heard until it was followed last, in order."""
        with self._lock:
            return self._done + (_closed(self._open) if self._open is not None else [])


def _closed(now: _Open) -> list[Passage]:
    if now.frames == 0:
        return []
    lanes = {name: rows.dense() for name, rows in now.lanes.items()}
    heard = tuple(voice for voice in now.voices if voice[0] < now.end)
    beats = now.beats.dense(lanes["tempo"])
    return [Passage(now.start, now.end - now.start, lanes, beats, heard)]
