"""Anchors and the line of coordinates between them, at any frame."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rtgen.timeline.noise import COORDINATES, FAST, SLOW, normal_at

LINES = ((COORDINATES, 256, 32), (SLOW, 16, 16), (FAST, 1, 8))
"""(stream, spacing in frames, channels) of each line; together the generator's 56 inputs."""
ANCHOR_CHANNELS = sum(dims for _, _, dims in LINES)


@dataclass(frozen=True)
class Loop:
    """Frames from `start` on repeat for ever, `length` of them, which need not be a whole number:
    bars are none."""

    start: int
    length: float

    def fold(self, frames: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Absolute frames to the frames of the first pass through the loop."""
        inside = self.start + np.floor(np.mod(frames - self.start, self.length)).astype(np.int64)
        return np.where(frames < self.start, frames, inside)


def anchor_line(
    seed: int, stream: int, spacing: int, dims: int, frames: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Unit-variance line (n, dims) at absolute frames, straight between anchors.

    The mix (1 - a) p + a q of independent normals is divided by sqrt((1 - a)^2 + a^2), so its
    variance is one everywhere and nothing tells the generator where anchors lie.
    """
    index, offset = np.divmod(frames, spacing)
    if spacing == 1:
        return normal_at(seed, stream, index, dims)
    low = int(index.min())
    table = normal_at(seed, stream, np.arange(low, int(index.max()) + 2, dtype=np.int64), dims)
    a = (offset / spacing).astype(np.float32)[:, None]
    p, q = table[index - low], table[index - low + 1]
    return ((1 - a) * p + a * q) / np.sqrt((1 - a) ** 2 + a**2)


def anchor_inputs(
    seed: int, first: int, n: int, loop: Loop | None = None, shift: int = 0
) -> npt.NDArray[np.float32]:
    """The generator's `anchors` (n, 56) for frames first .. first + n - 1.

    In a loop the frames before its end are led into those of its start over the last spacing of
    slow anchors, so that the join is no more of an event than any other frame.

    Parameters
    ----------
    shift : frames by which what was repeated has put off the rest of the line.
    """
    frames = np.arange(first, first + n, dtype=np.int64)
    if loop is None:
        return _lines(seed, frames - shift)
    folded = loop.fold(frames)
    here = _lines(seed, folded - shift)
    span = min(32, int(loop.length // 2))
    into = folded - (loop.start + loop.length - span)
    a = np.where((frames >= loop.start) & (into >= 0), into / span, 0.0).astype(np.float32)[:, None]
    before = _lines(seed, folded - shift - math.ceil(loop.length))
    return ((1 - a) * here + a * before) / np.sqrt((1 - a) ** 2 + a**2)


def _lines(seed: int, frames: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    return np.concatenate(
        [anchor_line(seed, stream, spacing, dims, frames) for stream, spacing, dims in LINES],
        axis=1,
    )
