"""A modelled piano: stiff strings struck by hammers, one per track, as damped partials.

Sources: frequencies of a stiff string and losses that grow with frequency squared after Bensa,
Bilbao, Kronland-Martinet and Smith (JASA 2003); two-stage decay after Weinreich (JASA 1977).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from rtgen.corpus.drums import burst
from rtgen.corpus.track import RATE, Samples

TOP_HZ = 8000.0
"""Highest partial: the decoder's carriers end a little above."""
MOST_PARTIALS = 56
LAYERS = 8
BLOCK = 512


@dataclass(frozen=True)
class Piano:
    """One instrument.

    `strike` is where the hammer hits, as a share of the string; `hardness` moves the spectrum's
    corner; `stiffness`, `sustain` scale inharmonicity and decay times; `after` is the share of
    the slow second stage; `body` are gains of octave bands from 31 Hz; `signs` those of partials.
    """

    strike: float
    hardness: float
    stiffness: float
    sustain: float
    after: float
    body: tuple[float, ...]
    signs: tuple[float, ...]
    felt: Samples
    thud: Samples
    felt_level: float
    thud_level: float
    width: float
    cache: dict[tuple[int, int], Samples] = field(default_factory=dict, compare=False)

    def note(self, pitch: int, velocity: float, seconds: float) -> Samples:
        """A mono note (n,) as long as asked or shorter if it has died; loudness 1 at its start."""
        key = (pitch, min(int(velocity * LAYERS), LAYERS - 1))
        count = int(seconds * RATE)
        if key not in self.cache or len(self.cache[key]) < count:
            self.cache[key] = self._render(pitch, (key[1] + 0.5) / LAYERS, seconds)
        return self.cache[key][:count]

    def pan(self, pitch: int) -> float:
        """-1 left to 1 right: bass strings are on the player's left."""
        return self.width * float(np.clip((pitch - 62) / 40, -1, 1))

    def damping_seconds(self, pitch: int) -> float:
        """Time in which a damper takes the note down by 1 / e; long where there is none."""
        return 0.6 if pitch > 89 else 0.06 + 0.08 * max(0.0, (60 - pitch) / 36)

    def _render(self, pitch: int, velocity: float, seconds: float) -> Samples:
        hz = 440.0 * 2.0 ** ((pitch - 69) / 12)
        k = np.arange(1, MOST_PARTIALS + 1)
        bend = self.stiffness * 7.5e-5 * 2.0 ** abs((pitch - 45) / 10)
        at = k * hz * np.sqrt((1 + bend * k**2) / (1 + bend))
        k, at = k[at < TOP_HZ], at[at < TOP_HZ]
        corner = (700 + 2.1 * hz) * self.hardness * 2.0 ** (3.2 * velocity - 1.6)
        level = np.abs(np.sin(np.pi * k * self.strike)) / k**0.6 * np.exp(-at / corner)
        level *= np.interp(np.log2(at / 31.25), np.arange(len(self.body)), self.body)
        level /= np.sqrt(np.sum(level**2)) + 1e-12
        level *= np.asarray(self.signs)[: len(k)]
        decay = (0.22 * 2.0 ** ((pitch - 36) / 15) + 2.2e-7 * at**2) / self.sustain
        # Strings of one note first move together and lose fast, then apart and lose slowly.
        rates = np.concatenate([2.4 * decay, 0.55 * decay])
        partials = np.concatenate([at, at * 2.0 ** (0.5 / 1200)])
        levels = np.concatenate([(1 - self.after) * level, self.after * level])
        out = damped_sum(levels, partials, rates, int(seconds * RATE) + 1)
        rise = max(int((0.0028 - 0.0016 * velocity) * (220 / hz) ** 0.3 * RATE), 8)
        out[:rise] *= np.sin(np.linspace(0, np.pi / 2, len(out[:rise]), dtype=np.float32)) ** 2
        return out


def damped_sum(
    levels: np.ndarray, hz: np.ndarray, rates: np.ndarray, count: int
) -> Samples:
    """Sum over k of levels sin(2 pi hz t) exp(-rates t), (count,), as one matrix product.

    A damped sinusoid at sample b n + m is a power b n times a power m of the same number.
    """
    if count <= 0 or not len(levels):
        return np.zeros(max(count, 0), np.float32)
    step = (2j * np.pi * hz - rates) / RATE
    blocks = np.exp(np.outer(np.arange(-(-count // BLOCK)) * BLOCK, step)) * levels
    inside = np.exp(np.outer(step, np.arange(BLOCK)))
    left = np.concatenate([blocks.real, blocks.imag], axis=1).astype(np.float32)
    right = np.concatenate([inside.imag, inside.real], axis=0).astype(np.float32)
    return np.ascontiguousarray((left @ right).reshape(-1)[:count])


def draw_piano(rng: np.random.Generator) -> Piano:
    """An instrument between a soft upright and a bright grand."""
    thud_hz = rng.uniform(70, 190, 3)
    thud = damped_sum(rng.uniform(0.3, 1, 3), thud_hz, rng.uniform(25, 60, 3), int(0.12 * RATE))
    thud[-400:] *= np.linspace(1, 0, 400, dtype=np.float32)
    return Piano(
        strike=float(rng.uniform(0.09, 0.15)),
        hardness=float(np.exp(rng.uniform(np.log(0.5), np.log(1.9)))),
        stiffness=float(rng.uniform(0.4, 1.5)),
        sustain=float(rng.uniform(0.7, 1.5)),
        after=float(rng.uniform(0.15, 0.4)),
        body=tuple(float(g) for g in np.exp(rng.normal(0, 0.25, 9))),
        signs=tuple(float(s) for s in rng.choice((-1.0, 1.0), MOST_PARTIALS)),
        felt=burst(rng, rng.uniform(0.005, 0.014), rng.uniform(200, 500), 4500, -4.0),
        thud=thud,
        felt_level=float(rng.uniform(0.006, 0.03)),
        thud_level=float(rng.uniform(0.004, 0.02)),
        width=float(rng.uniform(0.1, 0.5)),
    )
