"""Loudness and clipping of clips.

Loudness is that of ITU-R BS.1770 by pyloudnorm; a true peak is that of the signal at four times the
rate, as the same recommendation says.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from rtgen.audio.synthesis import KNEE
from rtgen.evaluate.clips import Stereo
from rtgen.timeline.units import RATE

SILENT_LUFS = -70.0
OVERSAMPLING = 4
FULL_SCALE, FLAT_TOP, FLAT_RUN = 0.9999, 0.5, 3
"""A sample clips at full scale, or where three in a row above -6 dBFS are the same."""


def loudness(audio: Stereo) -> float:
    """Integrated loudness in LUFS, at least SILENT_LUFS."""
    from pyloudnorm import Meter

    with np.errstate(divide="ignore"):
        found = float(Meter(RATE).integrated_loudness(audio.astype(np.float64)))
    return max(found, SILENT_LUFS)


def true_peak_db(audio: Stereo) -> float:
    """Highest level on and between samples, in dB of full scale."""
    import soxr

    over = soxr.resample(audio, RATE, OVERSAMPLING * RATE, quality="HQ")
    return float(20 * np.log10(np.abs(over).max() + 1e-9))


def clipped(audio: Stereo) -> npt.NDArray[np.bool_]:
    """Which samples (n, 2) clip."""
    size = np.abs(audio)
    same = (np.diff(audio, axis=0) == 0) & (size[1:] > FLAT_TOP)
    run = same[1:] & same[:-1]
    flat = np.zeros(audio.shape, bool)
    for shift in range(FLAT_RUN):
        flat[shift : shift + len(run)] |= run
    return np.asarray(flat | (size >= FULL_SCALE))


@dataclass
class Levels:
    """Gathers clips of one system."""

    lufs: list[float] = field(default_factory=list)
    peaks_db: list[float] = field(default_factory=list)
    samples: int = 0
    clipping: int = 0
    bent: int = 0
    not_finite: int = 0

    def add(self, audio: Stereo) -> None:
        """A clip; samples that are no numbers are counted and heard as silence."""
        heard = np.nan_to_num(audio, posinf=0.0, neginf=0.0)
        self.lufs.append(loudness(heard))
        self.peaks_db.append(true_peak_db(heard))
        self.samples += audio.size
        self.clipping += int(clipped(heard).sum())
        self.bent += int((np.abs(heard) > KNEE).sum())
        self.not_finite += int((~np.isfinite(audio)).sum())

    def figures(self) -> dict[str, float | None]:
        """Mean and spread of loudness, the highest peak, shares of samples in a thousand."""
        return {
            "loudness_lufs": float(np.mean(self.lufs)),
            "loudness_spread_lu": float(np.std(self.lufs)),
            "true_peak_db": max(self.peaks_db),
            "clipped_per_mille": 1000 * self.clipping / self.samples,
            "bent_per_mille": 1000 * self.bent / self.samples,
            "not_finite": float(self.not_finite),
        }
