"""When a change takes hold: at once, on the next beat, or on the next bar."""

from __future__ import annotations

import math
from typing import Literal

from rtgen.timeline.clock import Clock
from rtgen.timeline.units import BEATS_PER_BAR

Quantise = Literal["none", "beat", "bar"]


def hold(clock: Clock, frame: int, quantise: Quantise) -> int:
    """The first frame at or after `frame` at which a change may take hold."""
    if quantise == "none":
        return frame
    size = 1 if quantise == "beat" else BEATS_PER_BAR
    return clock.frame_of_beat(math.ceil(clock.beat(frame) / size) * size, frame)
