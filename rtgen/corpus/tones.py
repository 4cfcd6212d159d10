"""Pitched one-shots: band-limited wavetables whose brightness follows an envelope."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from rtgen.corpus.track import RATE, Samples

TABLE = 2048
TOP_HZ = 8000.0
"""Highest partial: the decoder's carriers end a little above."""


@dataclass(frozen=True)
class Timbre:
    """One instrument of a track.

    `partials` are amplitudes of partials 1..64; `dark` and `bright` are low-pass corners in units
    of the fundamental; `attack_s`, `decay_s`, `sustain`, `release_s` shape level, `filter_s` how
    fast the tone darkens; `detune_cents` moves right against left.
    """

    partials: tuple[float, ...]
    dark: float
    bright: float
    attack_s: float
    decay_s: float
    sustain: float
    release_s: float
    filter_s: float
    detune_cents: float
    level: float
    cache: dict[tuple[int, int, int], Samples] = field(default_factory=dict, compare=False)

    def note(self, pitch: int, seconds: float, velocity: float) -> Samples:
        """A stereo note (2, n) of a MIDI pitch at exact A440 equal temperament."""
        brightness = int(round(velocity * 3))
        key = (pitch, int(seconds * 50), brightness)
        if key not in self.cache:
            self.cache[key] = self._render(pitch, key[1] / 50 + 0.01, brightness / 3)
        return self.cache[key]

    def _render(self, pitch: int, seconds: float, brightness: float) -> Samples:
        hz = 440.0 * 2.0 ** ((pitch - 69) / 12)
        count = int((seconds + self.release_s * 4) * RATE)
        t = np.arange(count, dtype=np.float32) / np.float32(RATE)
        held = np.minimum(t, np.float32(seconds))
        level = np.minimum(1, t / self.attack_s) * (
            self.sustain + (1 - self.sustain) * np.exp(-held / self.decay_s)
        )
        level *= np.exp(-np.maximum(t - seconds, 0) / self.release_s)
        level[-200:] *= np.linspace(1, 0, 200, dtype=np.float32)
        amount = np.exp(-t / self.filter_s) * (0.25 + 0.75 * brightness)
        dark, bright = self._table(hz, self.dark), self._table(hz, self.bright)
        out = np.empty((2, count), np.float32)
        for channel, cents in enumerate((-self.detune_cents / 2, self.detune_cents / 2)):
            step = hz * 2.0 ** (cents / 1200) / RATE * TABLE
            index = (np.arange(count) * step).astype(np.int64) & (TABLE - 1)
            out[channel] = (dark[index] + amount * (bright[index] - dark[index])) * level
            if self.detune_cents == 0:
                out[1] = out[0]
                break
        return out * np.float32(self.level)

    def _table(self, hz: float, corner: float) -> Samples:
        k = np.arange(1, len(self.partials) + 1)
        rolled_off = np.asarray(self.partials, np.float64) / (1 + (k / corner) ** 4)
        amplitude = np.where(k * hz < TOP_HZ, rolled_off, 0.0)
        spectrum = np.zeros(TABLE // 2 + 1, np.complex128)
        sounding = int(np.count_nonzero(amplitude)) or 1
        spread = np.exp(-1j * np.pi * k * (k - 1) / sounding)
        spectrum[1 : len(k) + 1] = -1j * amplitude * spread  # Schroeder phases: a low crest
        table = np.fft.irfft(spectrum, TABLE) * TABLE / 2
        return (table / max(float(np.sqrt(np.mean(table**2))), 1e-6)).astype(np.float32)


def _partials(rng: np.random.Generator) -> tuple[float, ...]:
    k = np.arange(1, 65)
    shape = rng.choice(("saw", "square", "organ", "hollow", "bell"), p=(0.35, 0.2, 0.2, 0.15, 0.1))
    if shape == "saw":
        amplitude = 1 / k
    elif shape == "square":
        amplitude = (k % 2) / k
    elif shape == "organ":
        amplitude = np.isin(k, (1, 2, 3, 4, 6, 8)) * rng.uniform(0.2, 1, 64)
    elif shape == "hollow":
        amplitude = ((k % 2) + 0.3 * (k % 3 == 0)) / k**1.5
    else:
        amplitude = np.isin(k, (1, 3, 4, 7, 10)) / k**0.7
    return tuple(float(a) for a in amplitude)


def draw_timbres(rng: np.random.Generator) -> dict[str, Timbre]:
    """Timbres of bass, stab, arp, lead and pad for one track."""

    def draw(
        corner: tuple[float, float],
        attack: tuple[float, float],
        decay: tuple[float, float],
        sustain: tuple[float, float],
        release: tuple[float, float],
        detune: float,
        level: float,
    ) -> Timbre:
        dark = float(np.exp(rng.uniform(*np.log(corner))))
        return Timbre(
            partials=_partials(rng),
            dark=dark,
            bright=dark * rng.uniform(1.5, 6),
            attack_s=rng.uniform(*attack),
            decay_s=rng.uniform(*decay),
            sustain=rng.uniform(*sustain),
            release_s=rng.uniform(*release),
            filter_s=rng.uniform(0.04, 0.5),
            detune_cents=detune * float(rng.integers(0, 3)),
            level=level * rng.uniform(0.75, 1.3),
        )

    return {
        "bass": draw((1.5, 8), (0.002, 0.006), (0.1, 0.5), (0.2, 0.9), (0.01, 0.05), 0.0, 0.22),
        "stab": draw((1.5, 7), (0.002, 0.008), (0.06, 0.3), (0.0, 0.4), (0.03, 0.15), 3.0, 0.15),
        "arp": draw((1.5, 8), (0.002, 0.005), (0.06, 0.25), (0.0, 0.3), (0.02, 0.1), 0.0, 0.18),
        "lead": draw((2, 8), (0.005, 0.03), (0.2, 0.6), (0.4, 0.9), (0.05, 0.2), 3.0, 0.14),
        "pad": draw((1.5, 5), (0.05, 0.4), (0.5, 2.0), (0.6, 1.0), (0.2, 0.5), 4.0, 0.12),
    }
