"""Reverb, delay and side-chain on whole stems."""

from __future__ import annotations

import numpy as np
from scipy import fft

from rtgen.corpus.track import RATE, Samples


def reverb(x: Samples, rng: np.random.Generator, seconds: float, low_hz: float) -> Samples:
    """Exponentially decaying stereo noise convolved with (2, n); same length, unit-energy tail."""
    count = int(seconds * RATE)
    tail = rng.standard_normal((2, count)).astype(np.float32)
    tail *= np.exp(-6.9 * np.arange(count, dtype=np.float32) / count)
    tail /= np.sqrt((tail**2).sum(1, keepdims=True))
    size = fft.next_fast_len(x.shape[1] + count)
    hz = np.fft.rfftfreq(size, 1 / RATE).astype(np.float32)
    gain = (1 / (1 + (low_hz / np.maximum(hz, 1)) ** 4) / (1 + (hz / 9000) ** 4)).astype(np.float32)
    wet = fft.irfft(fft.rfft(x, size) * fft.rfft(tail, size) * gain, size)
    return wet[:, : x.shape[1]].astype(np.float32)


def ping_pong(x: Samples, delay: int, feedback: float) -> Samples:
    """Echoes of (2, n) that swap sides, without the dry sound."""
    out = np.zeros_like(x)
    gain, at = feedback, delay
    source = x[::-1]
    while gain > 0.04 and at < x.shape[1]:
        out[:, at:] += gain * source[:, : x.shape[1] - at]
        source, gain, at = source[::-1], gain * feedback, at + delay
    return out


def duck(samples: int, kicks: list[int], depth: float, seconds: float) -> Samples:
    """Side-chain gain (n,): falls to 1 - depth at each kick, recovers exponentially."""
    gain = np.ones(samples, np.float32)
    length = int(seconds * 4 * RATE)
    shape = 1 - depth * np.exp(-np.arange(length) / (seconds * RATE))
    shape[:100] = np.linspace(1, shape[100], 100)
    for at in kicks:
        start, stop = max(at, 0), min(at + length, samples)
        if start < stop:
            part = shape[start - at : stop - at]
            gain[start:stop] = np.minimum(gain[start:stop], part)
    return gain
