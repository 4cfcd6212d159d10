"""Where sound goes: a protocol, and a sink in memory that reads as a device would."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


class Sink(Protocol):
    """Takes at absolute positions, in samples at the sink's rate.

    `rtgen._bridge.TakeBuffer` is one. One engine thread calls the first three.
    """

    @property
    def rate(self) -> int:
        """Samples per second."""
        ...

    def begin_take(self, start: int, jump: bool = False) -> int:
        """Open a take; what is written from now on belongs to it. A jump moves the playhead."""
        ...

    def write(self, samples: Floats) -> int:
        """Append (n, 2) to the take; returns how many frames fitted."""
        ...

    def space(self) -> int:
        """Frames that fit now."""
        ...

    def playhead(self) -> int:
        """Position of the next sample that will be heard."""
        ...


MOST_TAKES = 4
"""As many as the compiled take buffer holds."""


class MemorySink:
    """A sink that is read by hand: hard cuts instead of cross-fades, for tests and measurements."""

    def __init__(self, rate: int, capacity: int = 1 << 18) -> None:
        self.rate = rate
        self.underruns = 0
        self.takes = 0
        self._capacity = capacity
        self._playhead = 0
        self._takes: list[tuple[int, list[Floats], bool]] = []

    def begin_take(self, start: int, jump: bool = False) -> int:
        """See Sink."""
        self._takes = [*self._takes[1 - MOST_TAKES :], (start, [], jump)]
        self.takes += 1
        return self.takes

    def write(self, samples: Floats) -> int:
        """See Sink."""
        count = min(len(samples), self.space())
        self._takes[-1][1].append(samples[:count].copy())
        return count

    def space(self) -> int:
        """See Sink."""
        start, parts, _ = self._takes[-1]
        end = start + sum(map(len, parts))
        return max(self._capacity - max(end - max(self._playhead, start), 0), 0)

    def playhead(self) -> int:
        """See Sink."""
        jumps = [start for start, _, jump in self._takes if jump]
        return jumps[-1] if jumps else self._playhead

    def read(self, count: int) -> Floats:
        """The next samples (count, 2): from the newest take that holds all of them."""
        for start, parts, jump in reversed(self._takes):
            at = start if jump else self._playhead
            held = np.concatenate(parts) if parts else np.zeros((0, 2), np.float32)
            if start <= at and at + count <= start + len(held):
                if jump:
                    index = [t[0] for t in self._takes].index(start)
                    self._takes[index] = (start, parts, False)
                self._playhead = at + count
                return held[at - start : at - start + count]
        self.underruns += 1
        return np.zeros((count, 2), np.float32)
