"""Keeps a player on an outside clock: its tempo, and its phase within the bar."""

from __future__ import annotations

from typing import Protocol

from rtgen.control.clock_in import Beat
from rtgen.timeline.controls import Value
from rtgen.timeline.units import BEATS_PER_BAR

JUMP_BEATS = 0.12
"""Further away than this the beat is moved at once; nearer, the tempo leans towards it."""
LEAN_SECONDS = 2.0
STEP_BPM, FINE_STEP_BPM, FINE_STEP_SECONDS = 0.3, 0.03, 1.0
SETTLE_SECONDS = 0.4
"""Time for a jump to be heard before another may follow."""


class Led(Protocol):
    """What a clock needs of a player."""

    def set(self, name: str, value: Value, ramp_seconds: float = 0.0) -> None:
        """Steer a control."""
        ...

    def set_beat(self, beat: float) -> None:
        """Let the beat position be this now."""
        ...

    def beat_now(self) -> float:
        """The beat position that is heard now."""
        ...


class ClockFollower:
    """Steers tempo and phase of a player.

    Parameters
    ----------
    low, high : tempi the model plays; others are doubled or halved into the range, and one that
        fits nowhere is held at its end without phase.
    nudge_seconds : how much earlier to play, to make up for delays outside.
    """

    def __init__(self, player: Led, low: float, high: float, nudge_seconds: float = 0.0) -> None:
        self._player = player
        self._low, self._high, self._nudge = low, high, nudge_seconds
        self._tempo: float | None = None
        self._stepped = self._jumped = float("-inf")

    def follow(self, said: Beat, now: float) -> None:
        """Take what the clock says at a time in seconds."""
        factor = self.factor(said.tempo_bpm)
        if factor is None:
            self._steer(min(max(said.tempo_bpm, self._low), self._high), now)
            return
        tempo = said.tempo_bpm * factor
        if not said.playing:
            self._steer(tempo, now)
            return
        wanted = said.beat * factor + self._nudge * tempo / 60
        away = wanted - self._player.beat_now()
        # Within a bar only the phase counts: a player that has run for hours need not go back.
        away -= BEATS_PER_BAR * round(away / BEATS_PER_BAR)
        if abs(away) > JUMP_BEATS:
            self._steer(tempo, now)
            if now - self._jumped > SETTLE_SECONDS:
                self._jumped = now
                self._player.set_beat(self._player.beat_now() + away)
        elif now - self._jumped > SETTLE_SECONDS:
            self._steer(tempo + away * 60 / LEAN_SECONDS, now)

    def factor(self, tempo: float) -> float | None:
        """How often a tempo must be doubled or halved to be played; None if it cannot be."""
        for factor in (1.0, 2.0, 0.5, 4.0, 0.25):
            if self._low <= tempo * factor <= self._high:
                return factor
        return None

    def _steer(self, tempo: float, now: float) -> None:
        tempo = min(max(tempo, self._low), self._high)
        if self._tempo is not None:
            away = abs(tempo - self._tempo)
            fine = now - self._stepped >= FINE_STEP_SECONDS and away > FINE_STEP_BPM
            if not fine and away <= STEP_BPM:
                return
        self._tempo, self._stepped = tempo, now
        self._player.set("tempo", tempo)
