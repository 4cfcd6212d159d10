"""What is heard, for several listeners: the tap of a take buffer has one reader, so this is it.

Nobody waits here: whoever reads empties the tap for all, and a listener that falls behind by more
than it asked for loses the oldest, which is counted.
"""

from __future__ import annotations

import threading
from collections import deque

import numpy as np

from rtgen._bridge import TakeBuffer
from rtgen.stream.sink import Floats


class Tap:
    """Deals out what is heard to any number of ears.

    Parameters
    ----------
    buffer : nobody else may read its tap.
    """

    def __init__(self, buffer: TakeBuffer) -> None:
        self.buffer = buffer
        self.lock = threading.Lock()
        self._open: list[Ear] = []

    def ear(self, seconds: float) -> Ear:
        """A listener that keeps at most so much; it hears nothing until `set_tapped`."""
        return Ear(self, round(seconds * self.buffer.rate))

    def change(self, ear: Ear, open_: bool) -> None:
        """Let an ear listen or not. [holding the lock]"""
        self.deal()
        if open_ and ear not in self._open:
            self._open.append(ear)
        elif not open_ and ear in self._open:
            self._open.remove(ear)
        self.buffer.set_tapped(bool(self._open))

    def deal(self) -> None:
        """Give every open ear what came since the last time. [holding the lock]"""
        samples = self.buffer.read_tap()
        if len(samples):
            for ear in self._open:
                ear.hear(samples)


class Ear:
    """One listener; may be asked for its part on any thread."""

    def __init__(self, tap: Tap, most_frames: int) -> None:
        self._tap, self._most = tap, most_frames
        self._parts: deque[Floats] = deque()
        self._held = self._lost = 0

    @property
    def lost(self) -> int:
        """Frames that were not read before newer ones took their place."""
        return self._lost

    @property
    def rate(self) -> int:
        """Samples per second."""
        return self._tap.buffer.rate

    def set_tapped(self, tapped: bool) -> None:
        """Listen from now on, or no more; what was heard before can still be read."""
        with self._tap.lock:
            self._tap.change(self, tapped)

    def read_tap(self) -> Floats:
        """What was heard since the last call (n, 2)."""
        with self._tap.lock:
            self._tap.deal()
            parts, self._held = list(self._parts), 0
            self._parts.clear()
        return np.concatenate(parts) if parts else np.zeros((0, 2), np.float32)

    def hear(self, samples: Floats) -> None:
        """Take samples (n, 2) from the tap. [holding the lock]"""
        self._parts.append(samples)
        self._held += len(samples)
        while self._held > self._most:
            oldest = self._parts.popleft()
            self._held -= len(oldest)
            self._lost += len(oldest)
