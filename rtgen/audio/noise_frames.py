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
    loud = amplitudes(log.reshape(-1, 2, noise_table.BANDS)[edge:-edge])
    # Sub-frame j covers [128 j - 192, 128 j + 320); segment k covers [128 k - 192, 128 k - 64).
    segments = _scratch("segments", (2, noise_table.HOP * (len(loud) - 3)))
    _frames().add(loud, rows, segments)
    # The first segment begins 64 samples before the second frame.
    return segments[:, 64:-64]


@cache
def _frames() -> NoiseFrames:
    return NoiseFrames(noise_table.table(), noise_table.band_matrix())
