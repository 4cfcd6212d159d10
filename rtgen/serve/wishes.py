"""What the knobs say: the plugin's parameters, and on top of them what MIDI moved since."""

from __future__ import annotations

import math

from rtgen.bundle.manifest import Manifest
from rtgen.control.surface import MidiSurface
from rtgen.serve.host_state import HostState, HostValues
from rtgen.stream.renderer import Voice
from rtgen.timeline.controls import ANY_CHROMA, CHROMA, TABLE, Value

Message = tuple[int, int, int, int]
_KNOBS = ("density", "energy", "variation", "morph")
_HEARD = (0x80, 0x90, 0xB0)
"""Notes and control changes; a host tells its tempo in other ways than by MIDI clock."""


class Wishes:
    """Values of all controls but tempo; the last move of a control wins.

    Parameters
    ----------
    manifest : of the model, whose ranges hold.
    """

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._parameters: HostValues | None = None
        self._moved: dict[str, Value] = {}
        tempo = manifest.span("tempo")
        self._surface = MidiSurface(self, (tempo.low, tempo.high))

    def take(self, state: HostState, messages: list[Message]) -> None:
        """Read the parameters, then MIDI; what moved a parameter takes back what MIDI did to it."""
        for name in _KNOBS:
            before = self._parameters
            if before is not None and getattr(before, name) != getattr(state.values, name):
                self._moved.pop(name, None)
        self._parameters = state.values
        for position, *message in messages:
            if message[0] & 0xF0 in _HEARD:
                self._surface.receive(message, position)

    def forget(self) -> None:
        """Back to the parameters alone."""
        self._surface.release()
        self._moved.clear()

    def values(self) -> dict[str, Value]:
        """What every control but tempo is to be, within the model's ranges."""
        out: dict[str, Value] = {name: self.value(name) for name in _KNOBS}
        out[CHROMA] = self._moved.get(CHROMA, ANY_CHROMA)
        return out

    def voice(self) -> Voice:
        """Seed and styles."""
        given = self._parameters
        if given is None:
            return Voice(0)
        a, b = (round(s) if s >= 0 else None for s in (given.style_a, given.style_b))
        return Voice(max(round(given.seed), 0), a, b)

    # What a MidiSurface steers

    def set(self, name: str, value: Value, ramp_seconds: float = 0.0) -> None:
        """Move a control by MIDI."""
        self._moved[name] = value

    def value(self, name: str) -> Value:
        """The value of a control, within the model's range."""
        if name == CHROMA:
            return self._moved.get(CHROMA, ANY_CHROMA)
        asked = self._moved.get(name, getattr(self._parameters, name, TABLE[name].default))
        assert not isinstance(asked, tuple)
        if math.isnan(asked):
            return asked
        span = self._manifest.span(name)
        return min(max(asked, span.low), span.high)

    def set_beat(self, beat: float) -> None:
        """The host's transport tells the beat, MIDI clock does not."""

    def beat_now(self) -> float:
        """See `set_beat`."""
        return 0.0

    def set_gain_db(self, gain_db: float) -> None:
        """The plugin sets its level itself, by its parameter or by MIDI volume."""
