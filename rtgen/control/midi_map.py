"""What MIDI control changes mean: 7 and 14 bit, absolute and relative, with soft take-over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from rtgen.timeline.controls import GAIN_CC, TABLE

Encoding = Literal["absolute", "twos", "offset", "sign"]
GAIN = "gain"
GAIN_RANGE_DB = (-60.0, 6.0)
RELATIVE_STEPS = 100.0
"""Clicks of a relative encoder from one end of a range to the other."""
PANIC_CCS = (120, 123)


@dataclass(frozen=True)
class Mapping:
    """One knob: which control it moves, how it speaks, and whether it must be picked up."""

    cc: int
    control: str
    encoding: Encoding = "absolute"
    pick_up: bool = False

    @property
    def low(self) -> float:
        """The control's value at the knob's lower end."""
        return GAIN_RANGE_DB[0] if self.control == GAIN else TABLE[self.control].low

    @property
    def high(self) -> float:
        """The control's value at the knob's upper end."""
        return GAIN_RANGE_DB[1] if self.control == GAIN else TABLE[self.control].high


DEFAULT_MAPPINGS = (
    *(Mapping(c.cc, c.name) for c in TABLE.values() if c.cc is not None),
    Mapping(GAIN_CC, GAIN),
)


@dataclass
class MidiMap:
    """Turns control changes into values; keeps what it must remember between messages.

    Controllers 0 to 31 may send a second, fine byte on number n + 32.
    """

    mappings: tuple[Mapping, ...] = DEFAULT_MAPPINGS
    _coarse: dict[int, int] = field(default_factory=dict)
    _last_raw: dict[int, float] = field(default_factory=dict)

    def turn(self, cc: int, data: int, current: dict[str, float]) -> tuple[str, float] | None:
        """The control and value that a message asks for, if any.

        Parameters
        ----------
        cc, data : controller number and value, 0..127.
        current : values that controls have now; needed by relative knobs and by pick-up.
        """
        for mapping in self.mappings:
            if mapping.cc == cc:
                return self._absolute_or_relative(mapping, cc, data, current)
            if mapping.cc + 32 == cc and mapping.cc < 32 and mapping.encoding == "absolute":
                coarse = self._coarse.get(mapping.cc)
                if coarse is None:
                    return None
                return self._place(mapping, (coarse * 128 + data) / 16383, current)
        return None

    def _absolute_or_relative(
        self, mapping: Mapping, cc: int, data: int, current: dict[str, float]
    ) -> tuple[str, float] | None:
        if mapping.encoding != "absolute":
            step = relative_step(mapping.encoding, data) / RELATIVE_STEPS
            span = mapping.high - mapping.low
            here = current.get(mapping.control, mapping.low)
            return mapping.control, min(max(here + step * span, mapping.low), mapping.high)
        self._coarse[cc] = data
        return self._place(mapping, data / 127, current)

    def _place(
        self, mapping: Mapping, raw: float, current: dict[str, float]
    ) -> tuple[str, float] | None:
        span = mapping.high - mapping.low
        value = mapping.low + raw * span
        if mapping.pick_up and mapping.control in current:
            here = (current[mapping.control] - mapping.low) / span
            before = self._last_raw.get(mapping.cc)
            self._last_raw[mapping.cc] = raw
            crossed = before is not None and min(before, raw) <= here <= max(before, raw)
            if not crossed and abs(raw - here) > 2 / 127:
                return None
        return mapping.control, value


def relative_step(encoding: Encoding, data: int) -> int:
    """Clicks of a relative encoder: two's complement, offset 64, or a sign bit."""
    if encoding == "twos":
        return data - 128 if data >= 64 else data
    if encoding == "offset":
        return data - 64
    return -(data & 0x3F) if data & 0x40 else data & 0x3F
