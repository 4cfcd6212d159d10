"""Coordinates of half-windows: truncated normal anchors, and the straight line between them."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from rtgen.timeline.noise import HALF_ANCHORS, HALF_STYLE, words

_NORMAL = NormalDist()
Floats = npt.NDArray[np.float32]


def truncated(seed: int, stream: int, index: int, dims: int, bound: float) -> Floats:
    """Normal numbers (dims,) that are cut at -bound and bound, keyed by (seed, stream, index)."""
    raw = words(seed, stream, np.array([index], np.int64), dims)[0]
    low = _NORMAL.cdf(-bound)
    chances = low + (raw.astype(np.float64) + 0.5) / 2.0**32 * (1 - 2 * low)
    return np.array([_NORMAL.inv_cdf(chance) for chance in chances], np.float32)


def half_line(
    seed: int, first: int, n: int, spacing: int, offset: float, dims: int, bound: float
) -> Floats:
    """The line of anchors (n, dims) at latents first .. first + n - 1.

    Parameters
    ----------
    spacing : latents from one anchor to the next.
    offset : place of latent 0 after anchor 0, in latents.
    """
    whole = int(offset)
    index, behind = np.divmod(np.arange(first + whole, first + whole + n, dtype=np.int64), spacing)
    low, high = int(index[0]), int(index[-1]) + 1
    anchors = [truncated(seed, HALF_ANCHORS, k, dims, bound) for k in range(low, high + 1)]
    table = np.stack(anchors)
    a = ((behind + (offset - whole)) / spacing).astype(np.float32)[:, None]
    return (1 - a) * table[index - low] + a * table[index - low + 1]


def half_style(seed: int, dims: int, bound: float) -> Floats:
    """The style (dims,) of a seed."""
    return truncated(seed, HALF_STYLE, 0, dims, bound)
