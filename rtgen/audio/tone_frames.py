"""The carriers of decoded frames as samples: amplitudes, spectra, overlapped windows."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from rtgen._bridge import ToneBank, steady_amplitudes
from rtgen.audio import carriers
from rtgen.audio.amplitudes import LOG_FLOOR, amplitudes
from rtgen.audio.scratch import Scratch

GATE_KNEE, GATE_SLOPE, GATE_FLOOR = -6.5, 2.0, -9.2
"""What a decoder is unsure of should neither hiss nor flicker: carriers below the knee (-56 dB) are
lowered twice as far below it, and silent from the floor on."""
TONE_GATE = GATE_KNEE + (GATE_FLOOR - GATE_KNEE) / GATE_SLOPE
"""What a decoder says of the quietest carrier that is heard."""
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


def gated(log: Floats) -> Floats:
    """Logarithms of amplitudes as they are played: lower than said below the knee."""
    slope, knee = np.float32(GATE_SLOPE), np.float32(GATE_KNEE)
    return np.minimum(log, slope * log + knee * (1 - slope))


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
    mid = steadied(amplitudes(gated(inner.take(heard, axis=1)), GATE_FLOOR))
    count = len(mid)
    ratio = np.exp(np.clip(width, np.float32(LOG_FLOOR), np.float32(WIDEST)))
    # The side leads or follows by a quarter turn.
    wide = ratio.take(heard // CARRIERS_PER_BAND, axis=1) * carriers.side_signs()[heard]
    phases = carriers.phases(PER_FRAME * (first_frame - 1) + _REACH)
    # Sub-frame j covers [512 j - 256, 512 j + 768).
    segments = _scratch("segments", (2, carriers.SUB_HOP * (count - 1)))
    _bank().add(mid, heard, wide, _REACH, phases, carriers.turns(count), segments)
    # Segment 0 begins at sub-frame 4 of the frame before, 256 samples early.
    return segments[:, 256:-256]


@cache
def _bank() -> ToneBank:
    return ToneBank(*carriers.spectra())
