"""What a hand may ask of what plays: more than MIDI needs, less than a player offers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from rtgen.control.surface import Steered

Styles = tuple[int | None, int | None]


class Performer(Steered, Protocol):
    """A stream with an output, steered from any thread; each call returns at once."""

    @property
    def gain_db(self) -> float:
        """Output level in dB."""
        ...

    @property
    def seed(self) -> int:
        """Seed of the anchors."""
        ...

    @property
    def styles(self) -> Styles:
        """Seeds of styles A and B; None for A is the seed's own, for B none."""
        ...

    @property
    def paused(self) -> bool:
        """Whether the sound is held."""
        ...

    @property
    def underruns(self) -> int:
        """How often sound was missing."""
        ...

    def span(self, name: str) -> tuple[float, float]:
        """Ends of a control's range in the model that plays, or of the gain in dB."""
        ...

    def new_seed(self, seed: int) -> None:
        """Go on with another piece at the same position."""
        ...

    def set_styles(self, style_a: int | None, style_b: int | None) -> None:
        """The two styles that morph goes between."""
        ...

    def loop(self, bars: int | None) -> None:
        """Repeat so many bars, the one that is heard now first; None: go on from where it is."""
        ...

    def morph_to(self, seed: int, bars: float) -> None:
        """From the next bar on, glide to the style of a seed within so many bars."""
        ...

    def undo(self) -> str | None:
        """Take back the last gesture; what it changed, or None if there is none."""
        ...

    def seek(self, seconds: float) -> None:
        """Move the playhead."""
        ...

    def set_paused(self, paused: bool) -> None:
        """Hold the sound, or go on."""
        ...

    def panic(self) -> None:
        """Let go of all that is held, and fade to silence until told to go on."""
        ...

    def follow_tempo(self, tempo: float) -> None:
        """Take a tempo from an outside clock: nobody is told of it."""
        ...

    def tell_tempo(self, told: Callable[[float], None]) -> None:
        """From now on, call with each tempo that a hand sets, on that hand's thread."""
        ...
