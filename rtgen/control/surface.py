"""MIDI messages to what a player does: the last value of each control, chords, clock, panic."""

from __future__ import annotations

from typing import Protocol

from rtgen.control.clock_in import Beat, ClockIn
from rtgen.control.midi_map import GAIN, PANIC_CCS, MidiMap
from rtgen.control.notes import HeldNotes
from rtgen.timeline.controls import CHROMA, Value

TEMPO_STEP_BPM = 0.05
PHASE_TOLERANCE_BEATS = 0.03


class Steered(Protocol):
    """What a surface needs of a player."""

    def set(self, name: str, value: Value, ramp_seconds: float = 0.0) -> None:
        """Steer a control."""
        ...

    def set_beat(self, beat: float) -> None:
        """Let the beat position be this now."""
        ...

    def beat_now(self) -> float:
        """The beat position that is heard now."""
        ...

    def set_gain_db(self, gain_db: float) -> None:
        """Output level in dB."""
        ...


class MidiSurface:
    """Decodes messages on the MIDI thread; everything it calls returns at once."""

    def __init__(self, player: Steered, tempo_range: tuple[float, float]) -> None:
        self._player = player
        self._map, self._notes, self._clock = MidiMap(), HeldNotes(), ClockIn()
        self._low, self._high = tempo_range
        self._values: dict[str, float] = {}
        self._tempo: float | None = None
        self.messages = 0

    def receive(self, message: list[int], now: float) -> None:
        """One MIDI message and its time in seconds."""
        self.messages += 1
        status, data = message[0], [*message[1:], 0, 0]
        kind = status & 0xF0
        if kind == 0xB0:
            self._control_change(data[0], data[1])
        elif kind in (0x80, 0x90):
            on = kind == 0x90 and data[1] > 0
            self._player.set(CHROMA, self._notes.note(status & 0x0F, data[0], on))
        elif status == 0xF8:
            beat = self._clock.tick(now)
            if beat is not None:
                self._follow(beat)
        elif status == 0xFA:
            self._clock.start()
        elif status == 0xFB:
            self._clock.resume()
        elif status == 0xFC:
            self._clock.stop()
        elif status == 0xF2:
            self._clock.song_position(data[0] + 128 * data[1])

    def release(self) -> None:
        """Let go of held notes."""
        self._player.set(CHROMA, self._notes.release())

    def _control_change(self, cc: int, data: int) -> None:
        if cc in PANIC_CCS:
            self.release()
            return
        turned = self._map.turn(cc, data, self._values)
        if turned is None:
            return
        name, value = turned
        self._values[name] = value
        if name == GAIN:
            self._player.set_gain_db(value)
        else:
            self._player.set(name, value)

    def _follow(self, said: Beat) -> None:
        tempo = min(max(said.tempo_bpm, self._low), self._high)
        if self._tempo is None or abs(tempo - self._tempo) > TEMPO_STEP_BPM:
            self._tempo = tempo
            self._player.set("tempo", tempo)
        if said.playing:
            away = said.beat - self._player.beat_now()
            # Within a bar only the phase counts: a player that has run for hours need not go back.
            away -= 4 * round(away / 4)
            if abs(away) > PHASE_TOLERANCE_BEATS:
                self._player.set_beat(self._player.beat_now() + away)
