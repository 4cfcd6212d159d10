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
    edge = PER_FRAME - _REACH - 1
    loud = sharpened(amplitudes(log.reshape(-1, 2, noise_table.BANDS)[edge:-edge]))
    # Sub-frame j covers [128 j - 192, 128 j + 320); segment k covers [128 k - 192, 128 k - 64).
    segments = _scratch("segments", (2, noise_table.HOP * (len(loud) - 3)))
    _frames().add(loud, rows, segments)
    # The first segment begins 64 samples before the second frame.
    return segments[:, 64:-64]


def sharpened(a: Floats) -> Floats:
    """Amplitudes (J - 2, ...) of the inner sub-frames of (J, ...), so that the power is as said.

    Neighbouring frames of the table are one signal: under the windows it is amplitudes that add up,
    where the power of noise should. Where a band holds, that is the same; a burst of one sub-frame
    would be 4 dB short. What is returned is valid until the thread's next call.
    """
    squares = np.multiply(a, a, out=_scratch("squares", a.shape))
    out = np.multiply(squares[1:-1], 4, out=_scratch("sharpened", (len(a) - 2, *a.shape[1:])))
    out += squares[:-2]
    out += squares[2:]
    np.sqrt(out, out=out)
    summed = np.multiply(a[1:-1], 2, out=squares[1:-1])
    summed += a[:-2]
    summed += a[2:]
    out *= a[1:-1]
    out *= np.float32(np.sqrt(1 / 6) * 4)
    out /= np.maximum(summed, np.float32(1e-12), out=summed)
    return out


@cache
def _frames() -> NoiseFrames:
    return NoiseFrames(noise_table.table(), noise_table.band_matrix())
