"""Low-noise noise for the decoder's noise bands: blocks of a table, in an order that is hashed.

Drawn noise fluctuates by 5.6 dB from bin to bin and frame to frame, whatever is said. This one was
shaped so that its magnitudes hold still, by 3.3 dB (`rtgen.train.low_noise`; Pumplin, JASA 78,
1985): it is nearer to any noise than two drawn ones are to each other. Blocks of 0.37 s begin with
the same 9 ms, so that each goes on into any other.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rtgen.audio.carriers import RATE
from rtgen.timeline.noise import NOISE_BLOCKS, words

WINDOW = 512
HOP = 128
BANDS = 32
BINS = WINDOW // 2 + 1
BLOCKS, BLOCK_ROWS = 16, 128
SHARED = WINDOW - HOP
"""Samples at the start of every block that are the same in all of them."""
BLOCK_SAMPLES = HOP * BLOCK_ROWS
LOWEST_HZ, HIGHEST_HZ, SILENT_BELOW_HZ = 150.0, 18000.0, 60.0
TOP_HZ = (15500.0, 17500.0, 18400.0, 19000.0, 20000.0, 21000.0, 22050.0)
TOP_DB = (0.0, 1.3, 2.5, 0.0, -2.4, -5.0, -7.5)
"""How the power of the last band, which is open to the top, lies in the corpus's hats: measured
against exact targets on tracks of the training seeds."""
FULL_SCALE = 6144.0
"""What a sample of 1 is stored as."""


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
def blocks() -> npt.NDArray[np.float32]:
    """Samples (16, 16768) of the blocks, of variance 1, each with the start of the next."""
    stored = np.load(Path(__file__).with_name("low_noise.npy")).astype(np.float32) / FULL_SCALE
    shared = np.broadcast_to(stored[:SHARED], (BLOCKS, SHARED))
    return np.concatenate([shared, stored[SHARED:].reshape(BLOCKS, -1), shared], axis=1)


@cache
def table() -> npt.NDArray[np.complex64]:
    """Spectra (2048, 257) of the blocks' frames, the gain of the overlap-add included.

    Frames are windowed by Hann after the inverse transform; at 75 % overlap the windows sum to 2.
    """
    frames = np.lib.stride_tricks.sliding_window_view(blocks(), WINDOW, axis=1)[:, ::HOP]
    spectra = np.fft.rfft(frames.reshape(BLOCKS * BLOCK_ROWS, WINDOW)) / 2
    top_db = np.interp(np.arange(BINS) * (RATE / WINDOW), TOP_HZ, TOP_DB)
    return (spectra * 10 ** (top_db / 20)).astype(np.complex64)


def rows(seed: int, first_sub_frame: int, n: int) -> npt.NDArray[np.int64]:
    """Row numbers (2, n) of the table, for mid and side, which are half a block apart.

    Even blocks of the stream are of the table's even ones and odd of its odd ones: none is heard
    twice in a row.
    """
    indices = np.arange(first_sub_frame, first_sub_frame + n, dtype=np.int64)
    places = np.stack([indices, indices + BLOCK_ROWS // 2])
    turns, ahead = np.divmod(places, BLOCK_ROWS)
    first = int(turns.min())
    hashed = words(seed, NOISE_BLOCKS, np.arange(first, int(turns.max()) + 1), 2)
    halves = (hashed & np.uint64(BLOCKS // 2 - 1)).astype(np.int64)
    picked = np.stack([halves[turns[channel] - first, channel] for channel in (0, 1)])
    return (2 * picked + turns % 2) * BLOCK_ROWS + ahead
