"""Who is worked for next: the stream that is nearest to running dry."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from typing import Protocol, Self

POLL_SECONDS = 0.002
"""How often hosts are looked at while one plays; the audio thread of a host cannot call us."""
IDLE_POLL_SECONDS = 0.02
log = logging.getLogger(__name__)


class Worked(Protocol):
    """What a scheduler needs of a stream."""

    def need(self, now: float) -> float:
        """Seconds until it runs dry, infinity if it needs nothing."""
        ...

    def step(self) -> None:
        """One piece of work."""
        ...

    @property
    def playing(self) -> bool:
        """Whether it must be looked at often."""
        ...


class Scheduler:
    """Worker threads over a changing set of streams.

    Parameters
    ----------
    workers : threads.
    failed : told of a stream whose work raised an error; it is not worked on again.
    """

    def __init__(
        self, workers: int, failed: Callable[[Worked, Exception], None] = lambda *_: None
    ) -> None:
        self._failed = failed
        self._lock = threading.Condition()
        self._streams: set[Worked] = set()
        self._busy: set[Worked] = set()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._run, name=f"rtgen worker {k + 1}", daemon=True)
            for k in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, stream: Worked) -> None:
        """Work for a stream from now on."""
        with self._lock:
            self._streams.add(stream)
            self._lock.notify_all()

    def remove(self, stream: Worked) -> None:
        """Work for it no longer; returns when no worker holds it."""
        with self._lock:
            self._streams.discard(stream)
            self._lock.wait_for(lambda: stream not in self._busy)

    def close(self) -> None:
        """Stop the workers; twice is harmless."""
        with self._lock:
            self._closed = True
            self._lock.notify_all()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while True:
            with self._lock:
                if self._closed:
                    return
                stream = self._pick()
                if stream is None:
                    self._lock.wait(self._pause())
                    continue
                self._busy.add(stream)
            try:
                stream.step()
            except Exception as error:
                log.exception("a stream failed")
                with self._lock:
                    self._streams.discard(stream)
                self._failed(stream, error)
            finally:
                with self._lock:
                    self._busy.discard(stream)
                    self._lock.notify_all()

    def _pick(self) -> Worked | None:
        now = time.monotonic()
        free = [(stream.need(now), stream) for stream in self._streams - self._busy]
        need, stream = min(free, key=lambda pair: pair[0], default=(math.inf, None))
        return stream if need < math.inf else None

    def _pause(self) -> float:
        playing = any(stream.playing for stream in self._streams)
        return POLL_SECONDS if playing else IDLE_POLL_SECONDS
