"""The low band: 64 samples per frame, brought to the full rate by one fixed kernel."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from rtgen.audio.carriers import RATE

STEP = 32
PER_FRAME = 64
REACH = 256
CUTOFF_HZ = 600.0
TAPS = 2 * REACH // STEP + 1


@cache
def kernel_matrix() -> npt.NDArray[np.float32]:
    """(17, 32): low samples q = b - 8 .. b + 8 to full-rate samples 32 b .. 32 b + 31.

    Low sample q sits at 32 q + 16; the kernel is a sinc of 600 Hz under a Kaiser window (beta 8).
    """
    n = np.arange(-REACH, REACH + 1)
    kernel = np.sinc(2 * CUTOFF_HZ / RATE * n) * np.kaiser(2 * REACH + 1, 8.0)
    kernel *= STEP / kernel.sum()
    distance = np.arange(STEP)[None, :] - STEP * (np.arange(TAPS) - TAPS // 2)[:, None] - STEP // 2
    inside = np.abs(distance) <= REACH
    return np.where(inside, kernel[np.clip(distance, -REACH, REACH) + REACH], 0).astype(np.float32)
