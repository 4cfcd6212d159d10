"""A player with an output gain, as every surface wants to steer it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from rtgen.timeline.controls import ANY_CHROMA, CHROMA

if TYPE_CHECKING:
    from rtgen._bridge import TakeBuffer
    from rtgen.control.performer import Styles
    from rtgen.stream.player import Player
    from rtgen.timeline.controls import Value

SILENT_DB = -60.0


class Hands:
    """Holds what is asked to the model's range; a `rtgen.control.performer.Performer`."""

    def __init__(self, player: Player, buffer: TakeBuffer) -> None:
        self._player, self._buffer = player, buffer
        self._gain_db = 0.0
        self._tempo_told: list[Callable[[float], None]] = []
        self._let_go: list[Callable[[], None]] = []

    # What is there

    @property
    def gain_db(self) -> float:
        """Output level in dB."""
        return self._gain_db

    @property
    def seed(self) -> int:
        """Seed of the anchors."""
        return self._player.voice.seed

    @property
    def styles(self) -> Styles:
        """Seeds of styles A and B."""
        return self._player.voice.style_a, self._player.voice.style_b

    @property
    def paused(self) -> bool:
        """Whether the sound is held."""
        return self._buffer.paused

    @property
    def underruns(self) -> int:
        """How often sound was missing."""
        return self._buffer.stats()["underruns"]

    def span(self, name: str) -> tuple[float, float]:
        """Ends of a control's range."""
        from rtgen.control.midi_map import GAIN, GAIN_RANGE_DB

        if name == GAIN:
            return GAIN_RANGE_DB
        span = self._player.bundle.manifest.span(name)
        return span.low, span.high

    def value(self, name: str) -> Value:
        """The value that a control has or is about to have."""
        return self._player.value(name)

    def beat_now(self) -> float:
        """The beat position that is heard now."""
        return self._player.beat_now()

    # What can be asked

    def set(self, name: str, value: Value, ramp_seconds: float = 0.0) -> None:
        """Steer a control."""
        if not isinstance(value, tuple) and not math.isnan(value):
            low, high = self.span(name)
            value = min(max(value, low), high)
        self._player.set(name, value, ramp_seconds)
        if name == "tempo" and not isinstance(value, tuple):
            for told in self._tempo_told:
                told(value)

    def set_beat(self, beat: float) -> None:
        """Let the beat position be this now."""
        self._player.set_beat(beat)

    def set_gain_db(self, gain_db: float) -> None:
        """Output level."""
        self._gain_db = gain_db
        self._buffer.set_gain(10 ** (gain_db / 20) if gain_db > SILENT_DB else 0.0)

    def new_seed(self, seed: int) -> None:
        """Go on with another piece at the same position."""
        self._player.new_seed(seed)

    def set_styles(self, style_a: int | None, style_b: int | None) -> None:
        """The two styles that morph goes between."""
        self._player.set_styles(style_a, style_b)

    def seek(self, seconds: float) -> None:
        """Move the playhead."""
        self._player.seek(seconds)

    def set_paused(self, paused: bool) -> None:
        """Hold the sound, or go on."""
        self._buffer.set_paused(paused)

    def panic(self) -> None:
        """Let go of all that is held, and fade to silence until told to go on."""
        for let_go in self._let_go:
            let_go()
        self._player.set(CHROMA, ANY_CHROMA)
        self._buffer.set_paused(True)

    def follow_tempo(self, tempo: float) -> None:
        """Take a tempo from an outside clock."""
        low, high = self.span("tempo")
        self._player.set("tempo", min(max(tempo, low), high))

    # Who wants to know

    def tell_tempo(self, told: Callable[[float], None]) -> None:
        """From now on, call with each tempo that a hand sets."""
        self._tempo_told.append(told)

    def tell_panic(self, let_go: Callable[[], None]) -> None:
        """From now on, call when all that is held must be let go."""
        self._let_go.append(let_go)
