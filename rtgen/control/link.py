"""Ableton Link: one tempo and one phase with everyone on the network, both ways.

aalink is under the GPL (version 3 or later), and so is what is passed on together with it; it is an
optional extra that rtgen's own packages never contain.

Alone, the session takes our tempo and phase, so that whoever joins meets them. With others, we
follow the session, and a tempo that a hand sets here becomes everyone's.
"""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any, Self

from rtgen.control.clock_follow import ClockFollower
from rtgen.control.clock_in import Beat
from rtgen.control.performer import Performer
from rtgen.errors import RemoteError
from rtgen.timeline.controls import Value
from rtgen.timeline.units import BEATS_PER_BAR

LOOK_SECONDS = 0.02
SAME_BEATS = 0.03
SAME_BPM = 1e-3


class LinkPeer:
    """Joins the Link session of the network until it is closed.

    Parameters
    ----------
    performer : leads the session, or is led by it.
    nudge_seconds : how much earlier than the session to play.

    Raises
    ------
    RemoteError when aalink is missing.
    """

    def __init__(self, performer: Performer, nudge_seconds: float = 0.0) -> None:
        try:
            import aalink
        except ImportError as error:
            raise RemoteError(
                "Ableton Link needs aalink, which is under the GPL",
                value="link",
                hint="pip install 'rtgen[link]'",
            ) from error
        self._performer, self._nudge = performer, nudge_seconds
        self._make = aalink.Link
        self._by_hand: float | None = None
        self.peers = 0
        performer.tell_tempo(self._set_by_hand)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rtgen link", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the session; twice is harmless."""
        self._stop.set()
        self._thread.join()

    def _set_by_hand(self, tempo: float) -> None:
        self._by_hand = tempo

    def _run(self) -> None:
        asyncio.run(self._stay())

    async def _stay(self) -> None:
        link = self._make(self._tempo())  # wants a running loop
        link.quantum = BEATS_PER_BAR
        link.enabled = True
        follower = self._follower()
        alone = True
        try:
            while not self._stop.is_set():
                self.peers = link.num_peers
                if self.peers == 0:
                    self._lead(link)
                    alone = True
                else:
                    if alone:
                        follower, alone = self._follower(), False
                    self._follow(link, follower)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            link.enabled = False

    def _follower(self) -> ClockFollower:
        return ClockFollower(_Led(self._performer), *self._performer.span("tempo"), self._nudge)

    def _lead(self, link: Any) -> None:
        self._by_hand = None
        tempo = self._tempo()
        if abs(link.tempo - tempo) > SAME_BPM:
            link.tempo = tempo
        away = self._performer.beat_now() - self._nudge * tempo / 60 - link.beat
        away -= BEATS_PER_BAR * round(away / BEATS_PER_BAR)
        if abs(away) > SAME_BEATS:
            link.force_beat(link.beat + away)

    def _follow(self, link: Any, follower: ClockFollower) -> None:
        by_hand, self._by_hand = self._by_hand, None
        if by_hand is not None:
            link.tempo = by_hand / (follower.factor(link.tempo) or 1.0)
        follower.follow(Beat(link.beat, link.tempo, True), time.monotonic())

    def _tempo(self) -> float:
        tempo = self._performer.value("tempo")
        assert not isinstance(tempo, tuple)
        return tempo


class _Led:
    """A performer as the follower leads it, which must not sound like a hand."""

    def __init__(self, performer: Performer) -> None:
        self._performer = performer
        self.set_beat, self.beat_now = performer.set_beat, performer.beat_now

    def set(self, name: str, value: Value, ramp_seconds: float = 0.0) -> None:
        """Steer the tempo, which is all that a clock steers."""
        assert name == "tempo"
        assert not isinstance(value, tuple)
        self._performer.follow_tempo(value)
