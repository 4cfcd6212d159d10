"""A stretch of the stream at any rate, piece by piece, on the absolute grid."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from rtgen.audio.resample import Resampler
from rtgen.stream.renderer import BlockSource, Renderer, Voice
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
    source: BlockSource,
    voice: Voice,
    timeline: ControlTimeline,
    start_seconds: float,
    seconds: float,
    rate: int,
) -> Iterator[Floats]:
    """The stretch in order, in pieces of about one block of the source's grid: each block is made
    once, and what the resampler still needs of it is kept."""
    resampler = Resampler(rate)
    at, end = round(start_seconds * rate), round((start_seconds + seconds) * rate)
    low, high = resampler.inputs(at, end - at)
    frame = max(low, 0) // HOP
    held, held_from = np.zeros((max(-low, 0), 2), np.float32), min(low, frame * HOP)
    for made in source.blocks(voice, timeline, frame, -(-high // HOP) - frame):
        held = np.concatenate([held, made])
        stop = min(resampler.outputs_until(held_from + len(held)), end)
        if stop <= at:
            continue
        yield resampler(held, held_from, at, stop - at)
        at = stop
        keep_from = max(resampler.inputs(at, 1)[0], held_from)
        held, held_from = held[keep_from - held_from :], keep_from
