"""How far a measurement is."""

from __future__ import annotations

from typing import Protocol


class Meter(Protocol):
    """Is told of every step; draws a bar, or does nothing."""

    def begin(self, part: str, steps: int) -> None:
        """A part of the measurement starts."""

    def step(self) -> None:
        """One step of it is done."""


class Silent:
    """Tells nobody."""

    def begin(self, part: str, steps: int) -> None:
        """See Meter."""

    def step(self) -> None:
        """See Meter."""
