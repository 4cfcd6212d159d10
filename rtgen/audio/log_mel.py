"""Pictures of sound: log-mel columns as bytes, the same however the samples are cut.

The mel scale is O'Shaughnessy's (1987): 2595 log10(1 + f / 700).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

BANDS = 96
WINDOW = 2048
LOWEST_HZ, HIGHEST_HZ = 30.0, 16000.0
QUIETEST_DB, LOUDEST_DB = -72.0, 0.0
Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]


class LogMel:
    """Columns of a stream of samples; column k is of the window that begins at k hops.

    Parameters
    ----------
    rate : samples per second.
    hop : samples from one column to the next.
    """

    def __init__(self, rate: int, hop: int = WINDOW // 2) -> None:
        self.hop = hop
        self._filters = _filters(rate)
        self._window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
        self._held: Floats = np.zeros(0, np.float32)
        self._skip = 0

    def columns(self, samples: Floats) -> Bytes:
        """Take samples (n, 2); the columns (k, BANDS) that are complete now, 0 quiet, 255 loud."""
        held = np.concatenate([self._held, samples.mean(axis=1, dtype=np.float32)])
        skipped = min(self._skip, len(held))
        self._skip -= skipped
        held = held[skipped:]
        count = max((len(held) - WINDOW) // self.hop + 1, 0)
        if count == 0:
            self._held = held
            return np.zeros((0, BANDS), np.uint8)
        cut = np.lib.stride_tricks.sliding_window_view(held, WINDOW)[:: self.hop][:count]
        done = count * self.hop
        self._skip = max(done - len(held), 0)
        self._held = held[done:].copy()
        return self._loudness(cut)

    def _loudness(self, cut: Floats) -> Bytes:
        """Bytes (k, BANDS) of windows (k, WINDOW)."""
        power = np.abs(np.fft.rfft(cut * self._window, axis=1)) ** 2 @ self._filters
        level = 10 * np.log10(power + 1e-12)
        share = (level - QUIETEST_DB) / (LOUDEST_DB - QUIETEST_DB)
        return (np.clip(share, 0.0, 1.0) * 255).round().astype(np.uint8)


@cache
def _filters(rate: int) -> npt.NDArray[np.float64]:
    """Triangles (F, BANDS); a sine of full scale in the middle of a band is 0 dB."""
    hz = np.arange(WINDOW // 2 + 1) * rate / WINDOW
    top = min(HIGHEST_HZ, rate / 2)
    ends = 2595 * np.log10(1 + np.array([LOWEST_HZ, top]) / 700)
    corners = 700 * (10 ** (np.linspace(ends[0], ends[1], BANDS + 2) / 2595) - 1)
    low, middle, high = corners[:-2], corners[1:-1], corners[2:]
    # A band narrower than a bin would see nothing: none is narrower than two bins.
    least = 2 * rate / WINDOW
    rise = (hz[:, None] - np.minimum(low, middle - least)) / np.maximum(middle - low, least)
    fall = (np.maximum(high, middle + least) - hz[:, None]) / np.maximum(high - middle, least)
    triangles = np.clip(np.minimum(rise, fall), 0.0, None)
    return np.asarray(triangles / (WINDOW / 4) ** 2)
