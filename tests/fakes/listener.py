"""Somebody who counts what he hears."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def onset_rate(samples: npt.NDArray[Any], rate: int) -> float:
    """Onsets per second of (n, 2), by librosa with the settings of `rtgen evaluate`."""
    import librosa

    mono = samples.mean(axis=1).astype(np.float32)
    found = librosa.onset.onset_detect(y=mono, sr=rate, hop_length=128, delta=0.03, wait=6)
    return len(found) / (len(mono) / rate)
