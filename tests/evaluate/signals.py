"""Sounds whose tempo, pitch, level and seams are known because they were put there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rtgen.timeline.units import RATE

Floats = npt.NDArray[np.float32]


def stereo(mono: npt.NDArray[np.floating]) -> Floats:
    """The same on both sides, (n, 2)."""
    return np.repeat(mono.astype(np.float32)[:, None], 2, axis=1)


def hits(times: npt.ArrayLike, seconds: float, hz: float = 1000.0, fade: float = 0.02) -> Floats:
    """Short decaying tones that begin at times, (n, 2)."""
    out = np.zeros(round(seconds * RATE))
    t = np.arange(round(8 * fade * RATE)) / RATE
    hit = 0.5 * np.sin(2 * np.pi * hz * t) * np.exp(-t / fade)
    for time in np.asarray(times, float):
        at = round(time * RATE)
        part = out[at : at + len(hit)]
        part += hit[: len(part)]
    return stereo(out)


def clicks_at(bpm: float, seconds: float, hz: float = 1000.0, late: float = 0.0) -> Floats:
    """A hit on every beat, `late` seconds after it."""
    return hits(np.arange(0, seconds, 60 / bpm) + late, seconds, hz)


def sines(hz: npt.ArrayLike, seconds: float, peak: float = 0.5) -> Floats:
    """Sines of equal level, (n, 2)."""
    t = np.arange(round(seconds * RATE)) / RATE
    out = np.sum([np.sin(2 * np.pi * f * t + k) for k, f in enumerate(np.atleast_1d(hz))], axis=0)
    return stereo(peak * out / np.abs(out).max())


def noise(seconds: float, seed: int = 0, level: float = 0.1) -> Floats:
    """White noise of an rms level, (n, 2)."""
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal((round(seconds * RATE), 2))).astype(np.float32)
