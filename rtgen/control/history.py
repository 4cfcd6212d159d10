"""What a hand changed, gesture by gesture, so that the last can be taken back."""

from __future__ import annotations

import threading
from collections.abc import Callable

GESTURE_SECONDS = 1.0
"""Moves of one control that follow one another sooner are one gesture."""
MOST = 200
Restore = Callable[[], None]


class History:
    """Changes, newest last; may be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gestures: list[tuple[str, float, Restore]] = []

    def note(
        self, what: str, now: float, remember: Callable[[], Restore], apart: bool = False
    ) -> None:
        """A control is about to be changed.

        Parameters
        ----------
        what : its name.
        now : in seconds.
        remember : what gives it the value that it has now; called at the first move of a gesture.
        apart : a gesture of its own, however soon after another.
        """
        with self._lock:
            if self._gestures:
                last, when, before = self._gestures[-1]
                if last == what and now - when < GESTURE_SECONDS and not apart:
                    self._gestures[-1] = last, now, before
                    return
            self._gestures = [*self._gestures[1 - MOST :], (what, now, remember())]

    def undo(self) -> str | None:
        """Take back the last gesture; what it changed, or None if there is none."""
        with self._lock:
            if not self._gestures:
                return None
            what, _, restore = self._gestures.pop()
        restore()
        return what
