"""What a player tells about itself at one moment."""

from __future__ import annotations

from dataclasses import dataclass

from rtgen.timeline.controls import Value


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
