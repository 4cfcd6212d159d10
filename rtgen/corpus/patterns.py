"""Step patterns of one bar for each layer, in the order in which steps matter: that of the metre.

A bar that is thinned in this order stays even: no beat is left out while weaker steps stay in.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

STEPS = 16
METRE = (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15)
"""Steps from the strongest to the weakest: each level of the metre halves the one before."""
OFF_BEATS = frozenset((2, 6, 10, 14))
FOUR_ON_THE_FLOOR = (0, 8, 4, 12)
KICKS = (*(FOUR_ON_THE_FLOOR,) * 9, (0, 8, 4, 12, 14))
SNARES = ((4, 12), (4, 12), (12,), (4, 12, 15))
ROTATIONS = ((0, 3, 6, 10, 13), (2, 6, 10, 14), (0, 2, 4, 6, 8, 10, 12, 14), (3, 6, 11, 14))


def euclid(pulses: int, rotation: int) -> tuple[int, ...]:
    """Pulses spread as evenly as 16 steps allow, rotated."""
    return tuple(sorted((int(k * STEPS / pulses) + rotation) % STEPS for k in range(pulses)))


def draw_pattern(rng: np.random.Generator, layer: str) -> tuple[int, ...]:
    """Steps 0..15 of a layer's bar, strongest first."""
    return tuple(sorted(_steps(rng, layer), key=METRE.index))


def draw_patterns(rng: np.random.Generator, layers: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """A pattern for each layer, of which one at most has the off-beats for itself.

    Where several hit between the beats and not on them, nobody can tell which is which: others
    that would are moved onto the beat.
    """
    found = {}
    taken = False
    for layer in layers:
        pattern = draw_pattern(rng, layer)
        if OFF_BEATS.issuperset(pattern):
            if taken:
                pattern = tuple(step - 2 for step in pattern)
            taken = True
        found[layer] = pattern
    return found


def _steps(rng: np.random.Generator, layer: str) -> tuple[int, ...]:
    if layer == "kick":
        return KICKS[int(rng.integers(len(KICKS)))]
    if layer in ("snare", "clap"):
        return SNARES[int(rng.integers(len(SNARES)))]
    if layer == "hat":
        return ((2, 6, 10, 14), (0, 4, 8, 12, 2, 6, 10, 14), tuple(range(16)))[int(rng.integers(3))]
    if layer == "open":
        return ((2, 6, 10, 14), (2, 10), (6, 14))[int(rng.integers(3))]
    if layer == "ride":
        return ((0, 4, 8, 12), (2, 6, 10, 14))[int(rng.integers(2))]
    if layer == "bass":
        return (
            (2, 6, 10, 14),
            (0, 3, 6, 8, 11, 14),
            (1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15),
            (0, 8),
            euclid(int(rng.integers(3, 9)), int(rng.integers(3))),
        )[int(rng.integers(5))]
    if layer == "pad":
        return (0,)
    if layer == "arp":
        return (tuple(range(0, 16, 2)), tuple(range(16)), euclid(int(rng.integers(5, 12)), 0))[
            int(rng.integers(3))
        ]
    if layer == "tom":
        return euclid(int(rng.integers(2, 5)), int(rng.integers(1, 4)))
    return (*ROTATIONS, euclid(int(rng.integers(2, 8)), int(rng.integers(4))))[
        int(rng.integers(len(ROTATIONS) + 1))
    ]
