"""The noise bands of decoded frames as samples: shaped spectra, overlapped windows."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

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
    from scipy import fft

    edge = PER_FRAME - _REACH
    kept = log.reshape(-1, 2, noise_table.BANDS)[edge:-edge]
    count = len(kept)
    said = _scratch("said", (2, count, noise_table.BANDS))
    np.copyto(said, kept.transpose(1, 0, 2))
    loud = amplitudes(said.reshape(2 * count, -1))
    spectra = _scratch("spectra", (2 * count, 2 * noise_table.BINS))
    np.take(_pairs(), rows.reshape(-1), axis=0, out=spectra, mode="clip")
    spectra *= _shape(loud)
    frames = fft.irfft(spectra.view(np.complex64), noise_table.WINDOW, axis=-1)
    frames *= _hann()
    quarters = frames.reshape(2, count, 4, noise_table.HOP)
    # Sub-frame j covers [128 j - 192, 128 j + 320); segment k covers [128 k - 192, 128 k - 64).
    segments = _scratch("segments", (2, count - 3, noise_table.HOP))
    np.add(quarters[:, 3:, 0], quarters[:, 2:-1, 1], out=segments)
    segments += quarters[:, 1:-2, 2]
    segments += quarters[:, :-3, 3]
    # The first segment begins 64 samples before the second frame.
    joined: Floats = segments.reshape(2, -1)[:, 64:-64]
    return joined


def _shape(loud: Floats) -> Floats:
    """Magnitudes (R, 514) of amplitudes (R, 32), each bin's twice: for its two parts."""
    out = _scratch("magnitudes", (len(loud), 2 * noise_table.BINS))
    for bins, bands, matrix in _spans():
        np.matmul(loud[:, bands], matrix, out=out[:, bins])
    return out


@cache
def _spans() -> tuple[tuple[slice, slice, Floats], ...]:
    matrix, out = np.repeat(noise_table.band_matrix(), 2, axis=1), []
    for first, behind in _SPANS:
        bins = slice(2 * first, 2 * behind)
        heard = np.flatnonzero(matrix[:, bins].any(axis=1))
        bands = slice(int(heard[0]), int(heard[-1]) + 1)
        out.append((bins, bands, np.ascontiguousarray(matrix[bands, bins])))
    return tuple(out)


@cache
def _pairs() -> Floats:
    """The table (1024, 514) as real and imaginary parts in turn."""
    pairs: Floats = noise_table.table().view(np.float32)
    return pairs


@cache
def _hann() -> Floats:
    n = np.arange(noise_table.WINDOW)
    return (0.5 - 0.5 * np.cos(2 * np.pi * n / noise_table.WINDOW)).astype(np.float32)
