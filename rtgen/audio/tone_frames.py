"""The carriers of decoded frames as samples: amplitudes, spectra, overlapped windows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rtgen._bridge import add_tone_frames, steady_amplitudes
from rtgen.audio import carriers
from rtgen.audio.amplitudes import LOG_FLOOR, amplitudes
from rtgen.audio.scratch import Scratch

TONE_GATE = -8.0
"""Carriers at or below this are silent: what a decoder is unsure of should not hiss."""
CARRIERS_PER_BAND = 12
WIDEST = 0.7
PER_FRAME = 4
_REACH = 3
"""Sub-frames of the first and of the last frame that do not reach the ones between."""

Floats = npt.NDArray[np.float32]
_scratch = Scratch()


def steadied(a: Floats) -> Floats:
    """Amplitudes (J - 4, K) of the inner sub-frames of (J, K), averaged over five where they hold,
    left where they move; valid until the thread's next call.

    Jitter from one sub-frame to the next puts side bands around a tone. The weight of the average
    is three times the ratio of the least to the greatest of the five, at most one, so an attack
    stays as sharp as it was said.
    """
    out = _scratch("steadied", (len(a) - 4, a.shape[1]))
    steady_amplitudes(a, out)
    return out


def tones(log: Floats, width: Floats, first_frame: int) -> Floats:
    """Mid and side (2, (T - 2) * 2048) of the carriers; valid until the thread's next call.

    Parameters
    ----------
    log, width : (T, 1152) and (T, 24) of T decoded frames from first_frame - 1.
    """
    said = log.reshape(-1, carriers.CARRIERS)
    inner = said[_REACH - 2 : len(said) - _REACH + 2]
    # Most carriers are silent at any time, and what is not there costs nothing.
    heard = np.flatnonzero(inner.max(axis=0) > TONE_GATE)
    count = len(inner) - 4
    real, imaginary = _spectrum(inner.take(heard, axis=1), width, first_frame, heard)
    # Sub-frame j covers [512 j - 256, 512 j + 768).
    segments = _scratch("segments", (2, carriers.SUB_HOP * (count - 1)))
    add_tone_frames(real, imaginary, segments)
    # Segment 0 begins at sub-frame 4 of the frame before, 256 samples early.
    return segments[:, 256:-256]


def _spectrum(
    log: Floats, width: Floats, first_frame: int, heard: npt.NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """Real and imaginary parts (2, R, 257) of the spectra of mid and side, from (R + 4, K) of the
    carriers that are heard."""
    mid = steadied(amplitudes(log, TONE_GATE))
    count = len(mid)
    ratio = np.exp(np.clip(width, np.float32(LOG_FLOOR), np.float32(WIDEST)))
    turn = carriers.side_signs()[heard]
    wide = (ratio[:, heard // CARRIERS_PER_BAND] * turn).repeat(PER_FRAME, axis=0)
    wide = wide[_REACH : _REACH + count]
    turned = carriers.phasors(PER_FRAME * (first_frame - 1) + _REACH, count, heard)
    even, odd = (_scratch(name, (2, count, len(heard))) for name in ("even", "odd"))
    np.multiply(mid, turned.real, out=even[0])
    np.multiply(mid, turned.imag, out=odd[0])
    # The side leads or follows by a quarter turn: cos -> -+ sin, sin -> +- cos.
    np.multiply(even[0], wide, out=odd[1])
    np.multiply(odd[0], wide, out=even[1])
    np.negative(even[1], out=even[1])
    cosine, sine = (matrix[heard] for matrix in carriers.spectra())
    rows = 2 * count, len(heard)
    real, imaginary = (_scratch(name, (2 * count, carriers.BINS)) for name in ("real", "imaginary"))
    np.matmul(even.reshape(rows), cosine, out=real)
    np.matmul(odd.reshape(rows), sine, out=imaginary)
    return real.reshape(2, count, -1), imaginary.reshape(2, count, -1)
