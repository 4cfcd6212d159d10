"""Learning while it plays: the next knob that is turned moves the control that was named."""

from __future__ import annotations

from collections.abc import Callable

from rtgen.control.ear import Receive
from rtgen.control.learnt import learn, learnt
from rtgen.control.midi_map import FIRST_MODE_CC, GAIN
from rtgen.control.surface import MidiSurface
from rtgen.errors import MidiError
from rtgen.timeline.controls import TABLE

MOVED = 3
"""Values that a knob must send before it counts as turned: one alone may be noise."""
TEACHABLE = (*TABLE, GAIN)


class Turning:
    """Waits for a knob to be turned.

    Parameters
    ----------
    values : how many different values it must send.
    """

    def __init__(self, values: int = MOVED) -> None:
        self._wanted = values
        self._seen: dict[tuple[str, int], set[int]] = {}

    def turned(self, device: str, message: list[int]) -> int | None:
        """The number of the knob, once it is turned for sure."""
        if len(message) != 3 or message[0] & 0xF0 != 0xB0 or message[1] >= FIRST_MODE_CC:
            return None
        seen = self._seen.setdefault((device, message[1]), set())
        seen.add(message[2])
        return message[1] if len(seen) >= self._wanted else None


class Teacher:
    """Stands between the ports and a surface.

    Attributes
    ----------
    control : what the next knob is to move; None when nothing is taught.
    """

    def __init__(self, surface: MidiSurface, tell: Callable[[str], None]) -> None:
        self._surface, self._tell = surface, tell
        self._taught = learnt()
        self._turning = Turning()
        self.control: str | None = None

    def next(self) -> None:
        """Teach the control after this one; after the last, nothing."""
        at = -1 if self.control is None else TEACHABLE.index(self.control)
        self._turning = Turning()
        self.control = TEACHABLE[at + 1] if at + 1 < len(TEACHABLE) else None

    def of_port(self, device: str) -> Receive:
        """What receives a device's messages."""
        receive = self._surface.of_port(self._taught.get(device, ()))

        def heard(message: list[int], now: float) -> None:
            nonlocal receive
            if self.control is None:
                receive(message, now)
            elif (number := self._turning.turned(device, message)) is not None:
                self._learn(device, number, self.control)
                receive = self._surface.of_port(self._taught.get(device, ()))

        return heard

    def _learn(self, device: str, number: int, control: str) -> None:
        self.control = None
        try:
            learn(device, f"{number}={control}")
            self._taught = learnt()
        except (MidiError, OSError) as error:
            self._tell(f"that cannot be kept: {error}")
        else:
            self._tell(f"CC {number} of {device} moves {control}")
