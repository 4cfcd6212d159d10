"""Magnitudes and phases to samples: an inverse STFT whose tails are carried.

As published with Musika: levels of 0 and 1 lie at -25 and 50 dB, phases of -1 and 1 at half turns;
windows are Hann, four over each sample, divided by the sum of their squares.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

HOP, WINDOW, OVERLAP = 256, 1024, 4
TAIL = OVERLAP - 1
"""Hops that the last spectrum reaches beyond its own."""
POWER_FLOOR = 1e-7
Floats = npt.NDArray[np.float32]


@cache
def _window(length: int) -> Floats:
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    return (hann / (3 * OVERLAP / 8)).astype(np.float32)


def amplitudes(magnitude: Floats, mean_db: float, spread_db: float) -> Floats:
    """Amplitudes of magnitudes, as decoders give them."""
    level = np.float32(0.1) * (magnitude * np.float32(spread_db) + np.float32(mean_db))
    return np.sqrt(np.float32(10) ** level + np.float32(POWER_FLOOR))


def overlapped(
    magnitude: Floats, phase: Floats, mean_db: float, spread_db: float, widening: int = 1
) -> Floats:
    """Samples of successive spectra, with the tail that the next ones are added to.

    Parameters
    ----------
    magnitude, phase : (C, T, 513).
    widening : 1, or 2 for twice the rate: each spectrum is continued by zeros, so every second
        sample is as it was and those between are interpolated without loss.

    Returns
    -------
    (C, (T + 3) * 256 * widening) float32.
    """
    from scipy import fft

    channels, count, bins = magnitude.shape
    turn = phase * np.float32(np.pi)
    wide = np.zeros((channels, count, (bins - 1) * widening + 1), np.complex64)
    amplitude = amplitudes(magnitude, mean_db, spread_db) * np.float32(widening)
    wide.real[..., :bins], wide.imag[..., :bins] = (
        amplitude * np.cos(turn),
        amplitude * np.sin(turn),
    )
    if widening > 1:  # what was the highest bin now stands for two
        wide[..., bins - 1] = wide[..., bins - 1].real / 2
    frames = fft.irfft(wide, WINDOW * widening, axis=-1) * _window(WINDOW * widening)
    hop = HOP * widening
    quarters = frames.reshape(channels, count, OVERLAP, hop)
    out = np.zeros((channels, count + TAIL, hop), np.float32)
    for k in range(OVERLAP):
        out[:, k : k + count] += quarters[:, :, k]
    return out.reshape(channels, -1)
