"""What was heard so far, frame by frame, so that it can be kept and made again."""

from __future__ import annotations

import threading

from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.heard import GrowingPassage, HeardPassage
from rtgen.timeline.packed import HeardPassages
from rtgen.timeline.passage import Passage
from rtgen.timeline.voice import Voice


class Journal:
    """Written by the engine thread, read by any.

    Parameters
    ----------
    rate : of positions, in samples per second.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._lock = threading.Lock()
        self._done = HeardPassages()
        self._open: GrowingPassage | None = None

    def begin(self, voice: Voice, at: int, jump: bool) -> None:
        """A take begins at a position; after a jump, what was followed last ends a passage."""
        position = at / self._rate
        with self._lock:
            if self._open is not None and not jump:
                self._open.speak(voice, position)
                return
            now = self._now()
            if now is not None:
                self._done.append(now)
            self._open = GrowingPassage(position, voice)

    def follow(self, timeline: ControlTimeline, playhead: int) -> None:
        """All up to here has been heard; no later event can change it."""
        with self._lock:
            if self._open is not None:
                self._open.follow(timeline, playhead / self._rate)

    def heard(self) -> HeardPassages:
        """What was heard until it was followed last, in order, as small as it is kept."""
        with self._lock:
            heard, now = self._done.copy(), self._now()
        if now is not None:
            heard.append(now)
        return heard

    def passages(self) -> list[Passage]:
        """The same frame by frame."""
        return [heard.passage() for heard in self.heard()]

    def _now(self) -> HeardPassage | None:
        """What was heard since the last jump, if anything was."""
        if self._open is None or self._open.empty:
            return None
        return self._open.kept(self._done.loose)
