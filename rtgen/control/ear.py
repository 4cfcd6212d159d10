"""Hears one port on rtmidi's thread, until that thread is surely done with it.

rtmidi's thread borrows the pair of callback and data that it was given: whoever cancels a callback
frees the pair, also under a thread that stands there with it and waits for Python's lock. Closing
in turn waits for that thread with the lock held. Both end the program, now and then, when a device
is unplugged that sends without a pause. So pairs are kept for ever, which costs a hundred bytes for
each port that was ever opened, and nothing is cancelled before a port has fallen silent.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

from rtgen.control.stamps import Stamps

LONGEST_MESSAGE = 3
"""Longer messages are system exclusive, which means nothing here."""
SILENT_SECONDS = 0.25
PATIENCE_SECONDS = 2.0
Receive = Callable[[list[int], float], None]
"""Called with a message's bytes and its time in seconds, on rtmidi's thread."""
_pairs: list[tuple[Any, ...]] = []


class Ear:
    """Hands a port's short messages on, until it is closed.

    Parameters
    ----------
    port : an rtmidi.MidiIn that nobody listens to yet.
    receive : gets the messages.

    Attributes
    ----------
    heard : messages so far, of any length.
    """

    def __init__(self, port: Any, receive: Receive) -> None:
        self.port, self.heard = port, 0
        self._receive, self._stamps = receive, Stamps()
        self._open = True
        port.ignore_types(sysex=True, timing=False, active_sense=True)
        port.set_callback(self)
        _pairs.extend(kept for kept in gc.get_referrers(self) if type(kept) is tuple)

    def __call__(self, event: tuple[list[int], float], _data: object = None) -> None:
        """[rtmidi's thread] A message, and the seconds since the one before it."""
        self.heard += 1
        data, since_last = event
        now = self._stamps.at(since_last, time.monotonic())
        if self._open and 0 < len(data) <= LONGEST_MESSAGE:
            self._receive(data, now)

    def close(self) -> None:
        """Hand nothing on any more, and close the port of a living system."""
        self._open = False
        patient_until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < patient_until:
            before = self.heard
            time.sleep(SILENT_SECONDS)
            if self.heard == before:
                break
        self.port.cancel_callback()
        time.sleep(SILENT_SECONDS)
        self.port.close_port()
        self.port.delete()
