"""Noise for the decoder's noise bands: fixed spectra, picked by a hash of the absolute position."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from rtgen.audio.carriers import RATE
from rtgen.timeline.noise import NOISE_ROWS, NOISE_TABLE, normal, words

WINDOW = 512
HOP = 128
BANDS = 32
BINS = WINDOW // 2 + 1
ROWS = 1024
LOWEST_HZ, HIGHEST_HZ, SILENT_BELOW_HZ = 150.0, 18000.0, 60.0


def _mel(hz: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    return np.asarray(2595 * np.log10(1 + hz / 700))


@cache
def band_matrix() -> npt.NDArray[np.float32]:
    """Weights (32, 257): linear interpolation between mel-spaced band centres."""
    bottom, top = _mel(np.array([LOWEST_HZ, HIGHEST_HZ]))
    hz = np.arange(BINS) * (RATE / WINDOW)
    position = (np.clip(_mel(hz), bottom, top) - bottom) / (top - bottom) * (BANDS - 1)
    weights = np.maximum(1 - np.abs(position - np.arange(BANDS)[:, None]), 0)
    return (weights * (hz >= SILENT_BELOW_HZ)).astype(np.float32)


@cache
def table() -> npt.NDArray[np.complex64]:
    """Spectra (1024, 257) of unit-variance white noise, the gain of the overlap-add included.

    Frames are windowed by Hann after the inverse transform; at 75 % overlap independent frames sum
    to a variance of 1.5 times the frame's, so the table is divided by sqrt(1.5).
    """
    pairs = normal(0, NOISE_TABLE, 0, ROWS, 2 * BINS).reshape(ROWS, BINS, 2)
    spectra = (pairs[..., 0] + 1j * pairs[..., 1]) * np.sqrt(0.5)
    spectra[:, 0] = pairs[:, 0, 0]
    spectra[:, -1] = pairs[:, -1, 0]
    return (spectra * np.sqrt(WINDOW / 1.5)).astype(np.complex64)


def rows(seed: int, first_sub_frame: int, n: int) -> npt.NDArray[np.int64]:
    """Row numbers (2, n) of the table, for mid and side."""
    indices = np.arange(first_sub_frame, first_sub_frame + n, dtype=np.int64)
    picked = words(seed, NOISE_ROWS, indices, 2) & np.uint64(ROWS - 1)
    return picked.astype(np.int64).T
