"""A rendered piece of corpus: stems and the exact labels of every frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RATE = 44100
HOP = 2048

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Labels:
    """One row per frame; frame i covers samples [2048 i, 2048 (i + 1)) of the clip.

    Attributes
    ----------
    tempo_bpm : (T,) float32, at the frame's first sample; NaN in a style without a beat.
    beat_position : (T,) float64, beats since the song's start at the frame's first sample;
        always 4/4, a downbeat is a multiple of 4, bar 0 opens a 16-bar phrase. NaN as the tempo.
    density : (T,) float32, distinct onsets per second in a centred 1 s window; events within
        30 ms are one.
    chroma : (T, 12) float32, equal weights over the sounding chord's pitch classes (C first),
        zeros when nothing pitched sounds.
    energy : (T,) float32, 0..1, linear in dB: rms of the mix in a centred 1 s window, -36 dBFS
        is 0 and -10 dBFS is 1.
    """

    tempo_bpm: npt.NDArray[np.float32]
    beat_position: npt.NDArray[np.float64]
    density: npt.NDArray[np.float32]
    chroma: npt.NDArray[np.float32]
    energy: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Track:
    """Stems `low`, `noise` and `tones`, each (2, samples) float32, and their labels.

    `low` is what a low-band waveform can repeat (kick and drum bodies), `noise` is what a noise
    band can say (hats, clicks, sweeps), `tones` is everything with a sustained pitch.
    """

    stems: dict[str, Samples]
    labels: Labels

    @property
    def mix(self) -> Samples:
        """Exact sum of the stems, (2, samples)."""
        return self.stems["low"] + self.stems["noise"] + self.stems["tones"]
