"""What the page needs of what plays: all that a hand may ask, the meters, the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from rtgen.bundle.load import Bundle
from rtgen.control.performer import Performer
from rtgen.stream.meters import Snapshot
from rtgen.stream.sink import Floats


class Stage(Performer, Protocol):
    """A performer that can be looked at and given another model."""

    @property
    def bundle(self) -> Bundle:
        """The model that plays."""
        ...

    def snapshot(self) -> Snapshot:
        """Meters of this moment."""
        ...

    def choose_model(self, name: str) -> None:
        """Go on with another model; takes as long as it takes to load."""
        ...


class Heard(Protocol):
    """An ear on what is heard."""

    @property
    def rate(self) -> int:
        """Samples per second."""
        ...

    @property
    def lost(self) -> int:
        """Frames that were not fetched in time."""
        ...

    def set_tapped(self, tapped: bool) -> None:
        """Listen from now on, or no more."""
        ...

    def read_tap(self) -> Floats:
        """What was heard since the last call (n, 2)."""
        ...


Ears = Callable[[float], Heard]
"""A new ear that keeps at most so many seconds."""
