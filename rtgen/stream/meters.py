"""What a player tells about itself at one moment."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rtgen.timeline.controls import Value

MEMORY_SECONDS = 30.0
"""Of sound: more than any stretch that a model makes at once and hands out in pieces."""


class Throughput:
    """Seconds of sound made per second of work, of the last while.

    Sums, not a mean of ratios: a piece that was made beforehand takes no time at all.
    """

    def __init__(self) -> None:
        self._made = self._took = 0.0

    def add(self, made: float, took: float) -> None:
        """Seconds of sound, and of the work on it."""
        kept = math.exp(-made / MEMORY_SECONDS)
        self._made = kept * self._made + made
        self._took = kept * self._took + took

    @property
    def factor(self) -> float:
        """Times real time; 0 before anything was made."""
        return self._made / self._took if self._took > 0 else 0.0


@dataclass(frozen=True)
class Snapshot:
    """Position, lead and speed of a stream, and its controls.

    Attributes
    ----------
    seconds : position of the playhead.
    beat : beat position there.
    lead_seconds : made and not yet heard.
    realtime_factor : seconds of sound made per second of work, recent average.
    """

    seconds: float
    beat: float
    lead_seconds: float
    realtime_factor: float
    seed: int
    controls: dict[str, Value]

    @property
    def bar(self) -> int:
        """Bar number from 1."""
        return int(self.beat // 4) + 1
