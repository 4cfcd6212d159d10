"""Reads a take buffer in real time when there is no sound card."""

from __future__ import annotations

import threading
import time
from typing import Self

from rtgen._bridge import TakeBuffer

LONGEST_CATCH_UP_SECONDS = 0.5


class NullClock:
    """A thread that asks for blocks as a device would.

    Parameters
    ----------
    buffer : what is read, at its own rate.
    block : frames per block.
    """

    def __init__(self, buffer: TakeBuffer, block: int = 256) -> None:
        self._buffer, self._block = buffer, block
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rtgen null clock", daemon=True)

    def start(self) -> None:
        """Start to read."""
        self._thread.start()

    def alive(self) -> bool:
        """Whether it still reads."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Stop; twice is harmless."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        period = self._block / self._buffer.rate
        due = time.monotonic()
        while not self._stop.wait(max(due - time.monotonic(), 0.0)):
            self._buffer.read(self._block)
            # After a suspended machine wakes, go on from now instead of racing through the gap.
            due = max(due + period, time.monotonic() - LONGEST_CATCH_UP_SECONDS)
