"""The renderer: a pure function from (bundle, seed, timeline, first frame, frames) to samples.

Frames come out of blocks of one absolute grid, so equal questions give equal bits however they are
cut. A live take may ask for a smaller first block; it differs in the last digits only.
"""

from __future__ import annotations

from functools import cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rtgen.bundle.half_windows import HalfWindowManifest
from rtgen.bundle.load import Bundle
from rtgen.stream.frames import FrameMaker
from rtgen.stream.half_windows import HalfWindowMaker
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import HOP
from rtgen.timeline.voice import Voice as Voice

BLOCK_FRAMES = 64
LONG_BLOCK_FRAMES = 512
"""Grid of offline rendering: longer blocks spend less on margins."""
Floats = npt.NDArray[np.float32]


class Maker(Protocol):
    """What makes sound of one kind of bundle."""

    def samples(self, voice: Voice, timeline: ControlTimeline, first: int, n: int) -> Floats:
        """Samples (n * 2048, 2) of frames first .. first + n - 1."""
        ...


@cache
def _one_blas_thread() -> None:
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, user_api="blas")


class Renderer:
    """Makes any stretch of a stream.

    Parameters
    ----------
    bundle : a loaded bundle.
    precision : "fp32" or "int8" (the decoder's).
    threads : of onnxruntime; does not change a bit of the result.
    block_frames : size of the absolute grid.

    Notes
    -----
    Making one sets the BLAS library of the process to one thread, for good: with more, sums come
    out in another order, and the small products here only get slower.
    """

    def __init__(
        self,
        bundle: Bundle,
        precision: str = "fp32",
        threads: int = 1,
        block_frames: int = BLOCK_FRAMES,
    ) -> None:
        _one_blas_thread()
        self.bundle = bundle
        self.block_frames = block_frames
        self.frames_made = 0
        self._maker = _maker(bundle, precision, threads)

    def render(self, voice: Voice, timeline: ControlTimeline, first: int, n: int) -> Floats:
        """Samples (n * 2048, 2) of frames first .. first + n - 1, cut from blocks of the grid."""
        size = self.block_frames
        parts = []
        for block in range(first // size, -(-(first + n) // size)):
            at = block * size
            samples = self.block(voice, timeline, at, size)
            low, high = max(first - at, 0), min(first + n - at, size)
            parts.append(samples[low * HOP : high * HOP])
        return np.concatenate(parts) if parts else np.zeros((0, 2), np.float32)

    def block(self, voice: Voice, timeline: ControlTimeline, first: int, n: int) -> Floats:
        """Samples (n * 2048, 2), made in one piece, off the grid."""
        samples = self._maker.samples(voice, timeline, first, n)
        self.frames_made += n
        return samples


def _maker(bundle: Bundle, precision: str, threads: int) -> Maker:
    manifest = bundle.manifest
    if isinstance(manifest, HalfWindowManifest):
        return HalfWindowMaker(bundle, manifest, precision, threads)
    return FrameMaker(bundle, precision, threads)
