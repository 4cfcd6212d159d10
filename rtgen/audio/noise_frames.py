"""The noise bands of decoded frames as samples: shaped spectra, overlapped windows."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from rtgen._bridge import NoiseFrames
from rtgen.audio import noise_table
from rtgen.audio.amplitudes import amplitudes
from rtgen.audio.scratch import Scratch

PER_FRAME = 16
_REACH = 2
"""Sub-frames of each neighbour that reach into a frame."""
_SPANS = ((0, 16), (16, 48), (48, 112), (112, noise_table.BINS))
"""Bins that are shaped together: high ones hear the few bands near them only."""

Floats = npt.NDArray[np.float32]
_scratch = Scratch()


def noise(log: Floats, rows: npt.NDArray[np.int64]) -> Floats:
    """Mid and side (2, (T - 2) * 2048) of the noise bands; valid until the thread's next call.

    Parameters
    ----------
    log : (T, 1024) of T decoded frames.
    rows : (2, 16 (T - 2) + 4) of the table, from two sub-frames before the second frame on.
    """
    edge = PER_FRAME - _REACH
    kept = log.reshape(-1, 2, noise_table.BANDS)[edge:-edge]
    count = len(kept)
    said = _scratch("said", (2, count, noise_table.BANDS))
    np.copyto(said, kept.transpose(1, 0, 2))
    shape = _shape(amplitudes(said.reshape(2 * count, -1)))
    # Sub-frame j covers [128 j - 192, 128 j + 320); segment k covers [128 k - 192, 128 k - 64).
    segments = _scratch("segments", (2, noise_table.HOP * (count - 3)))
    _frames().add(shape.reshape(2, count, -1), rows, segments)
    # The first segment begins 64 samples before the second frame.
    return segments[:, 64:-64]


def _shape(loud: Floats) -> Floats:
    """Magnitudes (R, 257) of amplitudes (R, 32)."""
    out = _scratch("magnitudes", (len(loud), noise_table.BINS))
    for bins, bands, matrix in _spans():
        np.matmul(loud[:, bands], matrix, out=out[:, bins])
    return out


@cache
def _spans() -> tuple[tuple[slice, slice, Floats], ...]:
    matrix, out = noise_table.band_matrix(), []
    for first, behind in _SPANS:
        bins = slice(first, behind)
        heard = np.flatnonzero(matrix[:, bins].any(axis=1))
        bands = slice(int(heard[0]), int(heard[-1]) + 1)
        out.append((bins, bands, np.ascontiguousarray(matrix[bands, bins])))
    return tuple(out)


@cache
def _frames() -> NoiseFrames:
    return NoiseFrames(noise_table.table())
