"""A stretch of the stream at any rate, piece by piece, on the absolute grid."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from rtgen.audio.resample import Resampler
from rtgen.stream.renderer import Renderer, Voice
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import HOP

Floats = npt.NDArray[np.float32]


def samples(
    renderer: Renderer,
    voice: Voice,
    timeline: ControlTimeline,
    resampler: Resampler,
    first: int,
    n: int,
) -> Floats:
    """Samples (n, 2) at positions first .. first + n - 1 of the resampler's rate."""
    low, high = resampler.inputs(first, n)
    begin, end = max(low, 0) // HOP, -(-high // HOP)
    made = renderer.render(voice, timeline, begin, end - begin)
    if low < 0:
        made = np.concatenate([np.zeros((-low, 2), np.float32), made])
    return resampler(made, min(low, begin * HOP), first, n)


def pieces(
    renderer: Renderer,
    voice: Voice,
    timeline: ControlTimeline,
    start_seconds: float,
    seconds: float,
    rate: int,
    piece_seconds: float,
) -> Iterator[Floats]:
    """Pieces of the stretch in order."""
    resampler = Resampler(rate)
    at, end = round(start_seconds * rate), round((start_seconds + seconds) * rate)
    size = max(round(piece_seconds * rate), 1)
    while at < end:
        n = min(size, end - at)
        yield samples(renderer, voice, timeline, resampler, at, n)
        at += n
