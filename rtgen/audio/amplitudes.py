"""Logarithms, as decoders say them, to amplitudes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LOG_FLOOR, LOG_CEILING = -9.0, 2.0
Floats = npt.NDArray[np.float32]


def amplitudes(log: Floats, floor: float = LOG_FLOOR) -> Floats:
    """exp, with silence at and below the floor; natural logarithms of full scale, any shape."""
    if log.size and log.max() > LOG_CEILING:
        log = np.minimum(log, np.float32(LOG_CEILING))
    out = np.exp(log)
    out *= log > np.float32(floor)
    return out
