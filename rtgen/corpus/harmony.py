"""Keys, chords and progressions: which pitch classes may sound in which bar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SCALES = {
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "major": (0, 2, 4, 5, 7, 9, 11),
}
DEGREES = (
    (0, 0, 0, 0),
    (0, 5, 2, 6),
    (0, 3, 4, 0),
    (0, 6, 5, 6),
    (0, 0, 5, 6),
    (0, 2, 3, 5),
    (0, 0, 3, 3),
    (5, 6, 0, 0),
)
CHORD_STEPS = {1: (0,), 2: (0, 4), 3: (0, 2, 4), 4: (0, 2, 4, 6)}


@dataclass(frozen=True)
class Progression:
    """A cycle of chords in one key; every part plays pitch classes of the current chord only."""

    chords: tuple[tuple[int, ...], ...]
    bars_per_chord: int

    def chord(self, bar: int) -> tuple[int, ...]:
        """Pitch classes 0..11 of the chord in a bar, root first."""
        return self.chords[(bar // self.bars_per_chord) % len(self.chords)]


def draw_progression(rng: np.random.Generator) -> Progression:
    """A progression in a uniform key, scale and chord size."""
    key = int(rng.integers(12))
    scale = list(SCALES.values())[rng.choice(len(SCALES), p=(0.35, 0.2, 0.15, 0.1, 0.2))]
    degrees = DEGREES[int(rng.integers(len(DEGREES)))]
    size = int(rng.choice((1, 2, 3, 4), p=(0.12, 0.13, 0.5, 0.25)))
    chords = tuple(
        tuple((key + scale[(degree + step) % 7]) % 12 for step in CHORD_STEPS[size])
        for degree in degrees
    )
    return Progression(chords, int(rng.choice((1, 2, 4), p=(0.4, 0.4, 0.2))))
