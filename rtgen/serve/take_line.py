"""The take that is being made into a segment, in chunks whose sizes are always the same."""

from __future__ import annotations

import time

from rtgen._bridge import EngineSegment
from rtgen.audio.resample import Resampler
from rtgen.stream.lead import MOST_CHUNK_SECONDS
from rtgen.stream.renderer import Renderer, Voice
from rtgen.stream.takes import TakeSource
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import HOP, RATE

CHUNKS = (4, 8, 16, 24)
"""Frames of a take's chunks; the last repeats."""


class TakeLine:
    """Opens takes in a segment and writes the newest.

    Attributes
    ----------
    start, end : what the newest take holds, in samples at the segment's rate; equal without one.
    speed : how many times faster than real time.
    chunk_seconds : what a take's first chunk costs.
    """

    def __init__(self, segment: EngineSegment, renderer: Renderer) -> None:
        self._segment, self._renderer = segment, renderer
        self._resampler = Resampler(segment.rate)
        self._take: TakeSource | None = None
        self._chunk = 0
        self.start = 0
        self.speed = 0.0
        self.chunk_seconds = 0.008

    @property
    def exists(self) -> bool:
        """Whether there is a take."""
        return self._take is not None

    @property
    def end(self) -> int:
        """See the class."""
        return self.start if self._take is None else self._take.next_output

    def begin(self, voice: Voice, timeline: ControlTimeline, at: int) -> None:
        """Open a take and make its first chunk."""
        self._take = TakeSource(self._renderer, self._resampler, voice, timeline, at)
        self.start, self._chunk = at, 0
        self._segment.begin_take(at)
        took = min(self.advance(), MOST_CHUNK_SECONDS)
        self.chunk_seconds += 0.2 * (took - self.chunk_seconds)

    def advance(self) -> float:
        """Make the next chunk; the seconds that it took."""
        assert self._take is not None
        frames = self._next_frames
        self._chunk += 1
        started = time.perf_counter()
        samples = self._take.advance(frames)
        took = time.perf_counter() - started
        speed = frames * HOP / RATE / took
        self.speed = speed if self.speed == 0 else 0.9 * self.speed + 0.1 * speed
        if self._segment.write(samples) < len(samples):
            raise RuntimeError("the segment is smaller than the lead")
        return took

    def fits(self) -> bool:
        """Whether the segment has room for the next chunk."""
        return self._segment.space() >= (self._next_frames + 2) * HOP * self._segment.rate // RATE

    @property
    def _next_frames(self) -> int:
        return CHUNKS[min(self._chunk, len(CHUNKS) - 1)]
