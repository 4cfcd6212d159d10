"""A player with an output gain, as every surface wants to steer it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from rtgen.control.history import History
from rtgen.errors import RenderError
from rtgen.timeline.controls import ANY_CHROMA, CHROMA, TABLE
from rtgen.timeline.units import HOP, RATE

if TYPE_CHECKING:
    from rtgen._bridge import TakeBuffer
    from rtgen.bundle.load import Bundle
    from rtgen.control.performer import Styles
    from rtgen.stream.meters import Snapshot
    from rtgen.stream.player import Player
    from rtgen.timeline.controls import Value
    from rtgen.timeline.packed import HeardPassages

SILENT_DB = -60.0


class Hands:
    """Holds what is asked to the model's range; a `Performer`, and the page's `Stage`.

    Parameters
    ----------
    make : a player of a bundle into the same sink, which takes `seed`, `style` and `defaults`; if
        None, the model stays.
    """

    def __init__(
        self,
        player: Player,
        buffer: TakeBuffer,
        make: Callable[..., Player] | None = None,
    ) -> None:
        self._player, self._buffer, self._make = player, buffer, make
        self._changing = threading.Lock()
        self._history = History()
        self.loop_bars, self.morph_bars = 4, 8
        """What keys loop, and how long they morph."""
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
    def bundle(self) -> Bundle:
        """The model that plays."""
        return self._player.bundle

    def heard(self) -> HeardPassages:
        """What was heard so far."""
        return self._player.journal.heard()

    def snapshot(self) -> Snapshot:
        """Meters of this moment."""
        return self._player.snapshot()

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

        def remember() -> Callable[[], None]:
            before = self._player.value(name)
            return lambda: self._player.set(name, before)

        self._history.note(name, time.monotonic(), remember)
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
        self._note_voice("seed")
        self._player.new_seed(seed)

    def set_styles(self, style_a: int | None, style_b: int | None) -> None:
        """The two styles that morph goes between."""
        self._note_voice("style")
        self._player.set_styles(style_a, style_b)

    def choose_model(self, name: str) -> None:
        """Go on with another model: same seed, styles, controls and beat."""
        from rtgen.bundle.load import load_bundle

        if self._make is None:
            raise RenderError(
                "the model cannot be changed while JACK's transport leads",
                value=name,
                hint="start again with --model",
            )
        with self._changing:
            bundle, old = load_bundle(name), self._player
            voice = old.voice
            new = self._make(
                bundle,
                seed=voice.seed,
                style=voice.style_a,
                defaults=_held_to(bundle, old),
                journal=old.journal,
            )
            new.voice = voice
            frame = self._buffer.playhead() * RATE // self._buffer.rate // HOP
            new.timeline.clock.rebase(frame, old.timeline.clock.beat(frame))
            old.close()  # what it made goes on to be heard
            new.start()
            self._player = new

    def close(self) -> None:
        """Stop the player; twice is harmless."""
        with self._changing:
            self._make = None
            self._player.close()

    def loop(self, bars: int | None) -> None:
        """Repeat so many bars, the one that is heard now first; None: go on from where it is."""
        self._note_voice("loop")
        self._player.loop(bars)

    @property
    def looped(self) -> bool:
        """Whether bars repeat."""
        return self._player.voice.loop is not None

    def morph_to(self, seed: int, bars: float) -> None:
        """From the next bar on, glide to the style of a seed within so many bars."""
        self._note_voice("style")
        self._player.morph_to(seed, bars)

    def undo(self) -> str | None:
        """Take back the last gesture; what it changed, or None if there is none."""
        return self._history.undo()

    def _note_voice(self, what: str) -> None:
        def remember() -> Callable[[], None]:
            voice, morph = self._player.voice, self._player.value("morph")

            def restore() -> None:
                self._player.set("morph", morph)
                self._player.set_voice(voice)

            return restore

        self._history.note(what, time.monotonic(), remember, apart=True)

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


def _held_to(bundle: Bundle, player: Player) -> dict[str, Value]:
    """The values of a player's controls, as far as another model goes."""
    held: dict[str, Value] = {CHROMA: player.value(CHROMA)}
    for name in TABLE:
        value, span = player.value(name), bundle.manifest.span(name)
        assert not isinstance(value, tuple)
        held[name] = value if math.isnan(value) else min(max(value, span.low), span.high)
    return held
