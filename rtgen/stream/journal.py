"""What was heard so far, frame by frame, so that it can be kept and made again."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from rtgen.timeline.controls import NAMES
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.passage import Passage, first_frame
from rtgen.timeline.voice import Voice

Lanes = dict[str, npt.NDArray[np.float64]]


@dataclass
class _Open:
    """The passage that goes on."""

    start: float
    next_frame: int
    voices: list[tuple[float, Voice]]
    lanes: list[Lanes] = field(default_factory=list)
    beats: list[npt.NDArray[np.float64]] = field(default_factory=list)
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
                now.lanes.append({name: timeline.values(name, now.next_frame, n) for name in NAMES})
                now.beats.append(timeline.clock.beats(now.next_frame, n))
                now.next_frame += n
            now.end = end

    def passages(self) -> list[Passage]:
        """What was heard until it was followed last, in order."""
        with self._lock:
            return self._done + (_closed(self._open) if self._open is not None else [])


def _closed(now: _Open) -> list[Passage]:
    if not now.beats:
        return []
    now.lanes = [{name: np.concatenate([part[name] for part in now.lanes]) for name in NAMES}]
    now.beats = [np.concatenate(now.beats)]
    heard = tuple(voice for voice in now.voices if voice[0] < now.end)
    return [Passage(now.start, now.end - now.start, now.lanes[0], now.beats[0], heard)]
