"""The live picture of what is heard, made once for everyone who looks."""

from __future__ import annotations

from collections import deque

from rtgen.audio.log_mel import LogMel
from rtgen.web.stage import Heard

KEPT_COLUMNS = 256


class Spectrum:
    """Columns of the last seconds, numbered from 0. [event loop]

    Parameters
    ----------
    ear : listens while somebody looks.
    """

    def __init__(self, ear: Heard) -> None:
        self._ear = ear
        self._mel = LogMel(ear.rate)
        self._columns: deque[bytes] = deque(maxlen=KEPT_COLUMNS)
        self._watchers = 0
        self.next = 0

    @property
    def rate(self) -> int:
        """Samples per second of what is heard."""
        return self._ear.rate

    def watch(self) -> None:
        """Somebody looks from now on."""
        self._watchers += 1
        self._ear.set_tapped(True)

    def leave(self) -> None:
        """Somebody looks no more."""
        self._watchers -= 1
        if not self._watchers:
            self._ear.set_tapped(False)

    def since(self, first: int) -> bytes:
        """Columns from a number on that are still kept, one after the other."""
        for column in self._mel.columns(self._ear.read_tap()):
            self._columns.append(column.tobytes())
            self.next += 1
        fresh = min(self.next - first, len(self._columns))
        return b"".join(list(self._columns)[len(self._columns) - fresh :])
