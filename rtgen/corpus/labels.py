"""Exact labels from events and levels, so that a label means what is heard."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rtgen.corpus.track import HOP, RATE, Samples

MERGE_SECONDS = 0.03
QUIETEST_DB, LOUDEST_DB = -36.0, -10.0


def merged_onsets(seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Onset times with those within 30 ms of an earlier kept one removed."""
    kept: list[float] = []
    for t in np.sort(seconds):
        if not kept or t - kept[-1] > MERGE_SECONDS:
            kept.append(float(t))
    return np.asarray(kept, np.float64)


def density(onsets: npt.NDArray[np.float64], frames: int) -> npt.NDArray[np.float32]:
    """Distinct onsets (seconds) in the 1 s window centred on each frame."""
    centre = (np.arange(frames) + 0.5) * HOP / RATE
    return (np.searchsorted(onsets, centre + 0.5) - np.searchsorted(onsets, centre - 0.5)).astype(
        np.float32
    )


def energy(mix: Samples, frames: int) -> npt.NDArray[np.float32]:
    """Level 0..1 of (2, frames * 2048): rms in a centred 1 s window on a dB scale."""
    power = (mix.astype(np.float64) ** 2).mean(0).reshape(frames, HOP).mean(1)
    reach = int(round(0.5 * RATE / HOP))
    total = np.concatenate([[0.0], np.cumsum(power)])
    high = np.minimum(np.arange(frames) + reach + 1, frames)
    low = np.maximum(np.arange(frames) - reach, 0)
    rms_db = 10 * np.log10((total[high] - total[low]) / (high - low) + 1e-12)
    level = (rms_db - QUIETEST_DB) / (LOUDEST_DB - QUIETEST_DB)
    return np.clip(level, 0.0, 1.0).astype(np.float32)
