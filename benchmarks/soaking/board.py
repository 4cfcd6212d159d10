"""What the actors say of themselves, kept up to date by their readers."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from soaking.ledger import Ledger

AUDIBLE = 1e-3
PLAYING = 2.0
"""The plugin's status while it plays."""


@dataclass
class Line:
    """What is known of one actor.

    Attributes
    ----------
    seen_at : when it last said anything.
    heard_at : when it last said that it sounds.
    underruns : its own count.
    """

    seen_at: float = 0.0
    heard_at: float = 0.0
    underruns: int = 0
    place: float = -1.0
    on_device_at: float = 0.0


class Board:
    """A line for each actor; underruns go to the ledger as they are seen."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self._lock = ledger, threading.Lock()
        self._lines: dict[str, Line] = {}

    def enter(self, actor: str) -> None:
        """A new process: it counts from nought."""
        now = self._ledger.now()
        with self._lock:
            self._lines[actor] = Line(seen_at=now)

    def line(self, actor: str) -> Line:
        """What is known now."""
        return self._lines[actor]

    def host_said(self, actor: str, said: dict[str, Any]) -> None:
        """A host printed its parameters."""
        line, now = self._lines[actor], self._ledger.now()
        self._count(actor, line, round(said["underruns"]), now)
        peak = max(said["peak_left"], said["peak_right"])
        if said["status"] == PLAYING and said["lead"] > 0 and peak > AUDIBLE:
            line.heard_at = now

    def player_told(self, actor: str, path: str, value: float) -> None:
        """The player sent feedback over OSC: its place moves only while it sounds."""
        line, now = self._lines[actor], self._ledger.now()
        if path == "/rtgen/underruns":
            self._count(actor, line, round(value), now)
        elif path == "/rtgen/beat" and value != line.place:
            line.place, line.heard_at = value, now
        line.seen_at = now

    def on_device(self, actor: str, there: bool) -> None:
        """The player said that its device is back, or gone."""
        self._lines[actor].on_device_at = self._ledger.now() if there else float("inf")

    def _count(self, actor: str, line: Line, underruns: int, now: float) -> None:
        more = underruns - line.underruns
        line.underruns = underruns
        since, line.seen_at = line.seen_at, now
        if more > 0:
            self._ledger.underruns(actor, more, since)
