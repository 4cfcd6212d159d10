"""The renderer: a pure function from (bundle, seed, timeline, first frame, frames) to samples.

Frames come out of blocks of one absolute grid, so equal questions give equal bits however they are
cut. A live take may ask for a smaller first block; it differs in the last digits only.
"""

from __future__ import annotations

from collections.abc import Iterator
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
"""Grid of offline rendering: longer blocks save little on margins, and a short stretch would leave
cores idle."""
Floats = npt.NDArray[np.float32]


class Maker(Protocol):
    """What makes sound of one kind of bundle."""

    def samples(self, voice: Voice, timeline: ControlTimeline, first: int, n: int) -> Floats:
        """Samples (n * 2048, 2) of frames first .. first + n - 1."""
        ...


class BlockSource(Protocol):
    """What makes a stretch block by block."""

    def blocks(
        self, voice: Voice, timeline: ControlTimeline, first: int, n: int
    ) -> Iterator[Floats]:
        """Samples (n * 2048, 2) of frames first .. first + n - 1 as parts in order, one from each
        block of the absolute grid."""
        ...


def blocks_of(first: int, n: int, size: int) -> Iterator[tuple[int, slice]]:
    """The first frame of each block of the grid that frames first .. first + n - 1 are cut from,
    and which of its samples they are."""
    for at in range(first // size * size, first + n, size):
        low, high = max(first - at, 0), min(first + n - at, size)
        yield at, slice(low * HOP, high * HOP)


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
        parts = list(self.blocks(voice, timeline, first, n))
        return np.concatenate(parts) if parts else np.zeros((0, 2), np.float32)

    def blocks(
        self, voice: Voice, timeline: ControlTimeline, first: int, n: int
    ) -> Iterator[Floats]:
        """The same as parts (k, 2) in order, one from each block, made when it is asked for."""
        for at, wanted in blocks_of(first, n, self.block_frames):
            yield self.block(voice, timeline, at, self.block_frames)[wanted]

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
