"""What MIDI knobs mean: 7 and 14 bit, NRPN, absolute and relative, with soft take-over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

from rtgen.errors import MidiError
from rtgen.timeline.controls import GAIN_CC, TABLE

Encoding = Literal["absolute", "twos", "offset", "sign"]
GAIN = "gain"
GAIN_RANGE_DB = (-60.0, 6.0)
RELATIVE_STEPS = 100.0
"""Clicks of a relative encoder from one end of a range to the other."""
FINE = 32
"""Controllers 0 to 31 may send a second, fine byte on their number plus this."""
FIRST_MODE_CC = 120
PANIC_CCS = (120, 123)
SUSTAIN_CC = 64
_DATA, _DATA_FINE, _MORE, _LESS = 6, 38, 96, 97
_NRPN_FINE, _NRPN, _RPN_FINE, _RPN = 98, 99, 100, 101

Here = Callable[[str], float]
"""The value that a control has now."""
Turned = tuple[str, float] | None


@dataclass(frozen=True)
class Mapping:
    """One knob: which control it moves, how it speaks, and whether it must be picked up.

    Attributes
    ----------
    number : a controller 0..119, or with `nrpn` a non-registered parameter 0..16383.
    pick_up : an absolute knob moves nothing until it passes the control's own value.
    """

    number: int
    control: str
    encoding: Encoding = "absolute"
    pick_up: bool = False
    nrpn: bool = False

    @property
    def low(self) -> float:
        """The control's value at the knob's lower end."""
        return GAIN_RANGE_DB[0] if self.control == GAIN else TABLE[self.control].low

    @property
    def high(self) -> float:
        """The control's value at the knob's upper end."""
        return GAIN_RANGE_DB[1] if self.control == GAIN else TABLE[self.control].high


_KNOBS = (*((c.cc, c.name) for c in TABLE.values() if c.cc is not None), (GAIN_CC, GAIN))
DEFAULT_MAPPINGS = (
    *(Mapping(cc, name) for cc, name in _KNOBS),
    *(Mapping(cc, name, nrpn=True) for cc, name in _KNOBS),
)


def parse_mapping(text: str) -> Mapping:
    """A mapping as typed: `20=density`, `21=energy:twos`, `74=variation:pickup`, `nrpn300=morph`.

    Raises
    ------
    MidiError for a number, control or encoding that is none.
    """
    knob, equals, rest = text.lower().partition("=")
    control, *how = rest.split(":")
    nrpn = knob.startswith("nrpn")
    digits, top = (knob[4:], 2**14 - 1) if nrpn else (knob, FIRST_MODE_CC - 1)
    names = (*TABLE, GAIN)
    encodings = get_args(Encoding)
    if not (equals and digits.isascii() and digits.isdigit() and int(digits) <= top):
        raise MidiError(
            f"'{text}' maps no controller",
            value=text,
            hint="for example 20=density or 21=energy:twos",
        )
    if control not in names:
        raise MidiError(
            f"no knob can move '{control}'", value=control, hint="controls are " + ", ".join(names)
        )
    encoding: Encoding = "absolute"
    for word in how:
        if word not in (*encodings, "pickup"):
            raise MidiError(
                f"no knob speaks '{word}'", value=word, hint=", ".join((*encodings, "pickup"))
            )
        if word in encodings:
            encoding = cast(Encoding, word)
    return Mapping(int(digits), control, encoding, "pickup" in how, nrpn)


@dataclass
class _Channel:
    """What one MIDI channel has said that later messages refer to."""

    coarse: dict[int, int] = field(default_factory=dict)
    nrpn: list[int] = field(default_factory=lambda: [127, 127])
    nrpn_coarse: int | None = None


class MidiMap:
    """Turns control changes into values.

    Parameters
    ----------
    mappings : later ones win over earlier ones of the same number.
    """

    def __init__(self, mappings: tuple[Mapping, ...] = DEFAULT_MAPPINGS) -> None:
        self._knobs = {m.number: m for m in mappings if not m.nrpn}
        self._parameters = {m.number: m for m in mappings if m.nrpn}
        self._channels: dict[int, _Channel] = {}
        self._last_raw: dict[Mapping, float] = {}

    def turn(self, cc: int, data: int, here: Here, channel: int = 0) -> Turned:
        """The control and value that a message asks for, if any.

        Parameters
        ----------
        cc, data : controller number and value, 0..127.
        here : values that controls have now; relative knobs and pick-up need them.
        """
        said = self._channels.setdefault(channel, _Channel())
        if cc in (_DATA, _DATA_FINE, _MORE, _LESS, _NRPN_FINE, _NRPN, _RPN_FINE, _RPN):
            turned = self._parameter(said, cc, data, here)
            if turned is not None or cc not in self._knobs:
                return turned
        knob = self._knobs.get(cc)
        if knob is not None:
            said.coarse[cc] = data
            return self._move(knob, data, data / 127, here)
        knob = self._knobs.get(cc - FINE)
        if knob is None or not FINE <= cc < 2 * FINE or knob.encoding != "absolute":
            return None
        coarse = said.coarse.get(cc - FINE)
        return None if coarse is None else self._place(knob, (coarse * 128 + data) / 16383, here)

    def _parameter(self, said: _Channel, cc: int, data: int, here: Here) -> Turned:
        if cc in (_NRPN, _NRPN_FINE):
            said.nrpn[cc == _NRPN_FINE] = data
            said.nrpn_coarse = None
            return None
        if cc in (_RPN, _RPN_FINE):  # data that follows belongs to a registered parameter
            said.nrpn = [127, 127]
            return None
        mapping = self._parameters.get(said.nrpn[0] * 128 + said.nrpn[1])
        if mapping is None or said.nrpn == [127, 127]:
            return None
        if cc in (_MORE, _LESS):
            return self._step(mapping, 1 if cc == _MORE else -1, here)
        if cc == _DATA:
            said.nrpn_coarse = data
            return self._move(mapping, data, data / 127, here)
        if said.nrpn_coarse is None or mapping.encoding != "absolute":
            return None
        return self._place(mapping, (said.nrpn_coarse * 128 + data) / 16383, here)

    def _move(self, mapping: Mapping, data: int, raw: float, here: Here) -> Turned:
        if mapping.encoding == "absolute":
            return self._place(mapping, raw, here)
        return self._step(mapping, relative_step(mapping.encoding, data), here)

    def _step(self, mapping: Mapping, clicks: int, here: Here) -> Turned:
        value = here(mapping.control) + clicks / RELATIVE_STEPS * (mapping.high - mapping.low)
        return mapping.control, min(max(value, mapping.low), mapping.high)

    def _place(self, mapping: Mapping, raw: float, here: Here) -> Turned:
        span = mapping.high - mapping.low
        if mapping.pick_up:
            own = (here(mapping.control) - mapping.low) / span
            before = self._last_raw.get(mapping)
            self._last_raw[mapping] = raw
            crossed = before is not None and min(before, raw) <= own <= max(before, raw)
            if not crossed and abs(raw - own) > 2 / 127:
                return None
        return mapping.control, mapping.low + raw * span


def relative_step(encoding: Encoding, data: int) -> int:
    """Clicks of a relative encoder: two's complement, offset 64, or a sign bit."""
    if encoding == "twos":
        return data - 128 if data >= 64 else data
    if encoding == "offset":
        return data - 64
    return -(data & 0x3F) if data & 0x40 else data & 0x3F
