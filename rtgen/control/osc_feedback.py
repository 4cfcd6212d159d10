"""What is told back over OSC: every value that changed, by the address that sets it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rtgen.control.midi_map import GAIN
from rtgen.control.osc_addresses import ROOT
from rtgen.control.performer import Performer
from rtgen.timeline.controls import CHROMA, PITCH_CLASSES, TABLE
from rtgen.timeline.units import BEATS_PER_BAR

Told = float | int | str


class Feedback:
    """Remembers what was told, so that only changes are told again."""

    def __init__(self, performer: Performer) -> None:
        self._performer = performer
        self._told: dict[str, Told] = {}

    def forget(self) -> None:
        """Tell everything next time: somebody new listens."""
        self._told.clear()

    def changes(self) -> dict[str, Told]:
        """Addresses and values that were not told yet."""
        now = dict(self._values())
        fresh = {path: value for path, value in now.items() if self._told.get(path) != value}
        self._told = now
        return fresh

    def _values(self) -> Iterator[tuple[str, Told]]:
        p = self._performer
        for name in (*TABLE, GAIN):
            value = p.gain_db if name == GAIN else p.value(name)
            assert not isinstance(value, tuple)
            if math.isnan(value):
                yield f"{ROOT}/{name}", "auto"
                continue
            low, high = p.span(name)
            yield f"{ROOT}/{name}", float(value)
            yield f"{ROOT}/norm/{name}", (value - low) / (high - low)
        chroma = p.value(CHROMA)
        assert isinstance(chroma, tuple)
        for pitch, weight in zip(PITCH_CLASSES, chroma, strict=True):
            yield f"{ROOT}/key/{pitch}", int(weight > 0)
        beat = math.floor(p.beat_now())
        yield f"{ROOT}/bar", beat // BEATS_PER_BAR + 1
        yield f"{ROOT}/beat", beat % BEATS_PER_BAR + 1
        yield f"{ROOT}/seed", p.seed
        yield f"{ROOT}/transport/play", int(not p.paused)
        yield f"{ROOT}/underruns", p.underruns
