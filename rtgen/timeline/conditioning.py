"""One frame's conditioning vector: the only way controls reach the generator.

Training and playing share this file, so a model is never conditioned on what it did not see.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

CONDITIONING = 32
BEAT_MULTIPLES = (1.0, 2.0, 4.0, 1 / 4, 1 / 2, 1 / 16, 1 / 64)
"""Cycles per beat of the phases: beat, eighth, sixteenth, bar, half bar, 4 bars, 16 bars."""
BEAT_SLOTS = 2 * len(BEAT_MULTIPLES) + 1
"""The first numbers of a vector: phases and tempo, all zero in a style without a beat."""
DENSITY_TOP = 16.0
DENSITY_SLOTS = (15, 29)
CHROMA_SLOTS = (*range(17, 29), 31)
"""Where a vector speaks of density, and where of chroma."""
GUIDED_SLOTS = (*DENSITY_SLOTS, *CHROMA_SLOTS)
"""What guidance pushes. To push energy as well makes it too loud."""

Floats = npt.NDArray[np.floating]
Bools = npt.NDArray[np.bool_]


def build_conditioning(
    beat: npt.NDArray[np.float64],
    tempo_bpm: Floats,
    density: Floats,
    energy: Floats,
    chroma: Floats,
    given_density: Bools,
    given_energy: Bools,
    given_chroma: Bools,
) -> npt.NDArray[np.float32]:
    """Conditioning vectors of T frames.

    Parameters
    ----------
    beat : (T,) float64, beat position at each frame's first sample.
    tempo_bpm : (T,), beats per minute; NaN where there is no beat, and nothing is said of it.
    density : (T,), onsets per second.
    energy : (T,), 0..1.
    chroma : (T, 12), sums to 1, or zeros where nothing pitched may sound.
    given_density, given_energy, given_chroma : (T,) bool, False where the model is free.

    Returns
    -------
    (T, 32) float32: sines and cosines of seven phases, tempo, density, energy, chroma, three flags.
    """
    out = np.zeros((len(beat), CONDITIONING), np.float32)
    for k, multiple in enumerate(BEAT_MULTIPLES):
        angle = 2 * np.pi * np.mod(beat * multiple, 1.0)
        out[:, 2 * k], out[:, 2 * k + 1] = np.sin(angle), np.cos(angle)
    out[:, 14] = 2 * np.log2(np.asarray(tempo_bpm) / 130)
    scaled = np.log1p(np.asarray(density)) / np.log1p(DENSITY_TOP) * 2 - 1
    out[:, 15] = np.where(given_density, scaled, 0.0)
    out[:, 16] = np.where(given_energy, np.asarray(energy) * 2 - 1, 0.0)
    out[:, 17:29] = 3 * np.where(given_chroma[:, None], chroma, 0.0)
    out[:, 29], out[:, 30], out[:, 31] = given_density, given_energy, given_chroma
    out[np.isnan(np.asarray(tempo_bpm)), :BEAT_SLOTS] = 0.0
    return out


def left_free(
    conditioning: npt.NDArray[np.float32], slots: tuple[int, ...]
) -> npt.NDArray[np.float32]:
    """A copy (..., 32) in which nothing is said in some slots."""
    out = conditioning.copy()
    out[..., slots] = 0.0
    return out
