"""Tonal harmony for the piano: keys, cycles of four to eight chords, voice leading."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

MODES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
}
CYCLES = {
    "major": (
        (0, 4, 5, 3),
        (0, 5, 3, 4),
        (5, 3, 0, 4),
        (0, 5, 1, 4),
        (0, 2, 3, 4),
        (0, 4, 5, 2, 3, 0, 3, 4),
        (0, 3, 2, 5, 1, 4, 0, 0),
        (3, 4, 2, 5, 3, 4, 0, 0),
        (0, 5, 2, 3, 1, 4),
    ),
    "minor": (
        (0, 5, 2, 6),
        (0, 6, 5, 4),
        (0, 3, 5, 4),
        (0, 5, 3, 4),
        (0, 3, 6, 2, 5, 1, 4, 0),
        (0, 4, 0, 3, 5, 2, 3, 4),
        (0, 6, 2, 5, 3, 4),
    ),
    "other": ((0, 6, 3, 0), (0, 1, 0, 3), (0, 3, 6, 3), (0, 2, 6, 3), (0, 4, 3, 1, 6, 0)),
}
CHORD_STEPS = {
    "triad": (0, 2, 4),
    "seventh": (0, 2, 4, 6),
    "ninth": (0, 2, 4, 6, 8),
    "added ninth": (0, 2, 4, 8),
    "suspended": (0, 3, 4),
    "fifth": (0, 4),
}


@dataclass(frozen=True)
class Chord:
    """Pitch classes, root first, and the scale that fits them, ascending from the key note."""

    classes: tuple[int, ...]
    scale: tuple[int, ...]


@dataclass(frozen=True)
class Key:
    """Where a piece is at home."""

    tonic: int
    mode: str

    def chord(self, degree: int, kind: str) -> Chord:
        """The chord on a degree of the scale; a minor key's fifth degree is a dominant."""
        scale = list(MODES[self.mode])
        if self.mode == "minor" and degree == 4 and kind not in ("fifth", "suspended"):
            scale[6] = 11
        steps = CHORD_STEPS[kind]
        classes = [scale[(degree + s) % 7] for s in steps]
        here = tuple((self.tonic + step) % 12 for step in scale)
        return Chord(tuple((self.tonic + c) % 12 for c in classes), here)


def draw_key(rng: np.random.Generator) -> Key:
    """A uniform key note, mostly major or minor."""
    mode = rng.choice(list(MODES), p=(0.38, 0.36, 0.12, 0.07, 0.07))
    return Key(int(rng.integers(12)), str(mode))


def draw_chords(rng: np.random.Generator, key: Key) -> tuple[Chord, ...]:
    """One cycle of four to eight chords in a key, all of related size."""
    cycles = CYCLES.get(key.mode, CYCLES["other"])
    degrees = cycles[int(rng.integers(len(cycles)))]
    kinds = list(CHORD_STEPS)
    usual = str(rng.choice(kinds, p=(0.48, 0.26, 0.08, 0.11, 0.03, 0.04)))
    return tuple(
        key.chord(degree, str(rng.choice(kinds)) if rng.random() < 0.12 else usual)
        for degree in degrees
    )


def lead(classes: tuple[int, ...], previous: tuple[int, ...], low: int, high: int) -> list[int]:
    """The close position of a chord in [low, high] that moves least from the previous one.

    Without a previous one, the position nearest to the middle of the range.
    """
    aim = previous or (int((low + high) / 2),)
    best, best_cost = [low], np.inf
    for bottom in range(low, high + 1):
        if bottom % 12 not in classes:
            continue
        ordered = sorted(classes, key=lambda c: (c - bottom) % 12)
        notes = [bottom]
        for pitch_class in ordered[1:]:
            notes.append(notes[-1] + ((pitch_class - notes[-1]) % 12))
        if notes[-1] > high:
            continue
        cost = abs(float(np.mean(notes) - np.mean(aim))) + sum(
            min(abs(note - p) for p in aim) for note in notes
        ) / len(notes)
        cost += 0.15 * abs(float(np.mean(notes)) - (low + high) / 2)
        if cost < best_cost:
            best, best_cost = notes, cost
    return best


def ladder(chord: Chord, low: int, high: int) -> list[int]:
    """All pitches of a chord in [low, high], from its root up, without seconds at the bottom."""
    root = low + (chord.classes[0] - low) % 12
    notes = [p for p in range(root, high + 1) if p % 12 in chord.classes]
    open_low = [root] + [
        b for a, b in pairwise(notes) if b >= 55 or (b - root) % 12 in (0, 7) or b - root > 12
    ]
    return open_low or [root]
