"""The variation to nothing, and back to what it was."""

from __future__ import annotations

from rtgen.control.surface import Steered
from rtgen.timeline.controls import TABLE

FROZEN = 0.0


class Freezer:
    """Remembers the variation of a player while it stands still.

    Parameters
    ----------
    player : what is frozen.
    """

    def __init__(self, player: Steered) -> None:
        self._player = player
        self._before = TABLE["variation"].default

    @property
    def frozen(self) -> bool:
        """Whether the player stands still."""
        return self._player.value("variation") == FROZEN

    def freeze(self, frozen: bool) -> None:
        """Let the variation be none, or what it was before."""
        here = self._player.value("variation")
        if isinstance(here, float) and here > FROZEN:
            self._before = here
        self._player.set("variation", FROZEN if frozen else self._before)
