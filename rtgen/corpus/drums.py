"""One-shots of the drum kit: repeatable low bodies, and noise-like tops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft

from rtgen.corpus.track import RATE, Samples

VARIATIONS = 3


@dataclass(frozen=True)
class Kit:
    """Mono one-shots: `low[name]` is a body, `noise[name]` a few variations of a top."""

    low: dict[str, Samples]
    noise: dict[str, list[Samples]]


def sweep(start_hz: float, end_hz: float, fall_s: float, decay_s: float, drive: float) -> Samples:
    """A sine that falls from one frequency to another, phase 0 at its start, softly saturated."""
    t = np.arange(int(min(decay_s * 6, 0.9) * RATE)) / RATE
    cycles = end_hz * t + (start_hz - end_hz) * fall_s * (1 - np.exp(-t / fall_s))
    body = np.tanh(drive * np.sin(2 * np.pi * cycles)) / np.tanh(drive)
    body *= np.exp(-t / decay_s) * np.minimum(1, t * 1500)
    body[-400:] *= np.linspace(1, 0, 400)
    return body.astype(np.float32)


def coloured_noise(
    rng: np.random.Generator, seconds: float, low_hz: float, high_hz: float, tilt: float
) -> Samples:
    """Noise of unit rms between two frequencies; `tilt` is dB per octave inside the band."""
    count = fft.next_fast_len(int(seconds * RATE))
    hz = np.maximum(np.fft.rfftfreq(count, 1 / RATE), 1.0)
    gain = 1 / (1 + (low_hz / hz) ** 8) / (1 + (hz / high_hz) ** 8)
    gain *= (hz / low_hz) ** (tilt / 6.02)
    spectrum = gain * np.exp(2j * np.pi * rng.random(len(hz)))
    noise = fft.irfft(spectrum.astype(np.complex64), count)
    return (noise / np.sqrt(np.mean(noise**2))).astype(np.float32)


def burst(
    rng: np.random.Generator, decay_s: float, low_hz: float, high_hz: float, tilt: float = 0.0
) -> Samples:
    """A noise burst with a sharp start and an exponential end."""
    noise = coloured_noise(rng, min(decay_s * 6, 1.2), low_hz, high_hz, tilt)
    t = np.arange(len(noise)) / RATE
    shaped = noise * np.exp(-t / decay_s) * np.minimum(1, t * 4000)
    shaped[-200:] *= np.linspace(1, 0, 200)
    return shaped.astype(np.float32)


def clap(rng: np.random.Generator, decay_s: float, centre_hz: float) -> Samples:
    """A few bursts within 25 ms, then a tail."""
    tail = burst(rng, decay_s, centre_hz * 0.6, centre_hz * 4, -2.0)
    out = np.zeros(len(tail) + 1200, np.float32)
    for k in range(3):
        hit = burst(rng, 0.006, centre_hz * 0.6, centre_hz * 4)
        at = int(k * rng.uniform(0.007, 0.010) * RATE)
        out[at : at + len(hit)] += 0.8 * hit
    out[1000 : 1000 + len(tail)] += tail
    return out


def draw_kit(rng: np.random.Generator) -> Kit:
    """A kit of one track: every size, pitch and decay is drawn."""
    end = rng.uniform(42, 62)
    low = {
        "kick": 0.62
        * sweep(
            end * rng.uniform(3.0, 6.5),
            end,
            rng.uniform(0.012, 0.04),
            rng.uniform(0.07, 0.19),
            rng.uniform(0.3, 1.6),
        ),
        "snare": 0.22 * sweep(rng.uniform(230, 330), rng.uniform(160, 210), 0.02, 0.05, 0.3),
        "tom": 0.38 * sweep(rng.uniform(170, 280), rng.uniform(85, 140), 0.05, 0.12, 0.3),
        "clap": 0.05 * sweep(260, 200, 0.02, 0.02, 0.2),
    }
    hat_low, hat_tilt = rng.uniform(4500, 8500), rng.uniform(-3, 3)
    closed, opened = rng.uniform(0.012, 0.035), rng.uniform(0.09, 0.28)
    clap_hz, clap_decay = rng.uniform(800, 1500), rng.uniform(0.06, 0.16)
    snare_decay, click = rng.uniform(0.05, 0.13), rng.uniform(0.06, 0.22)
    rim_hz, ride_low = rng.uniform(1300, 2600), rng.uniform(3000, 5500)
    noise: dict[str, list[Samples]] = {
        name: []
        for name in ("kick", "snare", "clap", "hat", "open", "ride", "rim", "shaker", "tom")
    }
    for _ in range(VARIATIONS):
        noise["kick"].append(click * burst(rng, 0.004, 1200, 9000, -3))
        noise["snare"].append(0.24 * burst(rng, snare_decay, 900, 9500, -1.5))
        noise["clap"].append(0.30 * clap(rng, clap_decay, clap_hz))
        noise["hat"].append(0.26 * burst(rng, closed, hat_low, 17000, hat_tilt))
        noise["open"].append(0.17 * burst(rng, opened, hat_low * 0.9, 16000, hat_tilt))
        noise["ride"].append(0.10 * burst(rng, 0.3, ride_low, 13000, -1))
        noise["rim"].append(0.34 * burst(rng, 0.009, rim_hz * 0.7, rim_hz * 1.6))
        noise["shaker"].append(0.15 * burst(rng, 0.03, 3500, 11000))
        noise["tom"].append(0.02 * burst(rng, 0.01, 600, 4000, -3))
    return Kit(low, noise)
