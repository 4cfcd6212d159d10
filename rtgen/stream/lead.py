"""Latency as one pure function of named parts, in samples at the device's rate."""

from __future__ import annotations

from dataclasses import dataclass

from rtgen.timeline.units import HOP, RATE

MOST_CHUNK_SECONDS = 0.5
"""A first chunk that took longer was not being made all the while: the process was stopped."""


@dataclass(frozen=True)
class Lead:
    """From an event to the first sample that may differ.

    Attributes
    ----------
    block : samples the device takes at once; the reader looks for a new take once a block.
    compute : samples that pass while the first chunk of a take is made.
    guard : samples kept for a late wake-up of the engine thread.
    """

    block: int
    compute: int
    guard: int

    @property
    def safety(self) -> int:
        """How far after the playhead a take may start and still be written in time."""
        return self.block + self.compute + self.guard

    def worst(self, rate: int) -> int:
        """The longest time from an event to the frame it changes, in samples."""
        return self.safety + -(-HOP * rate // RATE)


def lead_for(rate: int, block: int, compute_seconds: float, guard_seconds: float = 0.002) -> Lead:
    """The parts at a device rate, for a block size in samples."""
    return Lead(
        block=block, compute=round(compute_seconds * rate), guard=round(guard_seconds * rate)
    )
