"""MIDI messages to what a player does: knobs, chords, clock, panic."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

from rtgen.control.clock_follow import ClockFollower, Led
from rtgen.control.clock_in import ClockIn
from rtgen.control.midi_map import (
    DEFAULT_MAPPINGS,
    GAIN,
    PANIC_CCS,
    SUSTAIN_CC,
    Mapping,
    MidiMap,
)
from rtgen.control.notes import HeldNotes
from rtgen.timeline.controls import CHROMA, TABLE, Value

BEND = 0.08
"""Share of the tempo that the pitch wheel bends it by, at its end."""
WHEEL_CENTRE = 8192


class Steered(Led, Protocol):
    """What a surface needs of a player."""

    def value(self, name: str) -> Value:
        """The value that a control has or is about to have."""
        ...

    def set_gain_db(self, gain_db: float) -> None:
        """Output level in dB."""
        ...


class MidiSurface:
    """Decodes messages on the MIDI thread; everything it calls returns at once.

    Parameters
    ----------
    tempo_range : tempi that the model plays.
    mappings : added to the default map; a knob named here leaves the default one.
    nudge_seconds : how much earlier than an outside clock to play.
    touch : velocity and aftertouch move the energy, the pitch wheel bends the tempo.
    program : called with program changes, from 1.
    """

    def __init__(
        self,
        player: Steered,
        tempo_range: tuple[float, float],
        mappings: tuple[Mapping, ...] = (),
        nudge_seconds: float = 0.0,
        touch: bool = False,
        program: Callable[[int], None] | None = None,
    ) -> None:
        self._player = player
        self._own = mappings
        self._map = MidiMap((*DEFAULT_MAPPINGS, *mappings))
        self._touch, self._program = touch, program
        self._unbent: float | None = None
        self._notes, self._clock = HeldNotes(), ClockIn()
        self._follower = ClockFollower(player, *tempo_range, nudge_seconds)
        self._gain_db = 0.0
        self.messages = 0

    def of_port(self, mappings: tuple[Mapping, ...]) -> Callable[[list[int], float], None]:
        """A `receive` for a port whose knobs mean something of their own besides."""
        knobs = MidiMap((*DEFAULT_MAPPINGS, *mappings, *self._own))
        return lambda message, now: self.receive(message, now, knobs)

    def receive(self, message: list[int], now: float, knobs: MidiMap | None = None) -> None:
        """One MIDI message and its time in seconds, by a map of its own."""
        self.messages += 1
        status, first, second = (*message, 0, 0)[:3]
        channel, kind = status & 0x0F, status & 0xF0
        if kind == 0xB0:
            self._control_change(channel, first, second, knobs or self._map)
        elif kind in (0x80, 0x90):
            on = kind == 0x90 and second > 0
            if on and self._touch:
                self._press(second)
            self._player.set(CHROMA, self._notes.note(channel, first, on))
        elif kind in (0xA0, 0xD0) and self._touch:
            self._press(second if kind == 0xA0 else first)
        elif kind == 0xE0 and self._touch:
            self._bend((first + 128 * second - WHEEL_CENTRE) / WHEEL_CENTRE)
        elif kind == 0xC0 and self._program is not None:
            self._program(first + 1)
        elif status == 0xF8:
            said = self._clock.tick(now)
            if said is not None:
                self._follower.follow(said, now)
        elif status == 0xFA:
            self._clock.start()
        elif status == 0xFB:
            self._clock.resume()
        elif status == 0xFC:
            self._clock.stop()
        elif status == 0xF2:
            self._clock.song_position(first + 128 * second)

    def release(self) -> None:
        """Let go of held notes."""
        self._player.set(CHROMA, self._notes.release())

    def _press(self, pressure: int) -> None:
        energy = TABLE["energy"]
        self._player.set("energy", energy.low + pressure / 127 * (energy.high - energy.low))

    def _bend(self, wheel: float) -> None:
        """Bend the tempo while the wheel is off its centre, -1..1; then it is as before."""
        if self._unbent is None:
            if wheel == 0:
                return
            self._unbent = self._here("tempo")
        self._player.set("tempo", self._unbent * (1 + BEND * wheel))
        if wheel == 0:
            self._unbent = None

    def _control_change(self, channel: int, cc: int, data: int, knobs: MidiMap) -> None:
        if cc in PANIC_CCS:
            self.release()
            return
        turned = knobs.turn(cc, data, self._here, channel)
        if turned is None:
            if cc == SUSTAIN_CC:
                self._player.set(CHROMA, self._notes.sustain(data >= 64))
            return
        name, value = turned
        if name == GAIN:
            self._gain_db = value
            self._player.set_gain_db(value)
        else:
            self._player.set(name, value)

    def _here(self, name: str) -> float:
        """A control's value now, for knobs that refer to it; the default if it is on auto."""
        if name == GAIN:
            return self._gain_db
        value = self._player.value(name)
        if isinstance(value, tuple) or math.isnan(value):
            return TABLE[name].default
        return value
