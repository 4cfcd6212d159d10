"""How far kicks are from beats."""

from __future__ import annotations

import librosa
import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]


def kick_offsets_ms(heard: Samples, rate: int, beat_seconds: Samples) -> Samples:
    """Distance from strong low onsets to the nearest beat, of those within an eighth of one."""
    envelope = librosa.onset.onset_strength(
        y=heard.mean(1), sr=rate, hop_length=128, fmax=150.0, n_mels=4
    )
    onsets = librosa.onset.onset_detect(
        onset_envelope=envelope, sr=rate, hop_length=128, units="time", delta=0.3
    )
    nearest = np.abs(onsets[:, None] - beat_seconds[None, :]).min(1)
    within = np.median(np.diff(beat_seconds)) / 8
    return 1000 * nearest[nearest < within]
