"""Rhythm and melody: a bar's onsets at a wanted density, and a line that repeats and varies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rtgen.corpus.chords import Chord

BAR_CLASSES = (0, 0, 1, 2)
"""Bars of a four-bar phrase: a statement, again on the next chord, an answer, a close."""
CLOSE = 2


@dataclass(frozen=True)
class Metre:
    """Beats in a bar, and whether a beat divides by three."""

    beats: int
    ternary: bool

    def divisions(self) -> tuple[int, ...]:
        """Ways to cut a beat, coarse to fine."""
        return (1, 3, 6, 12) if self.ternary else (1, 2, 4, 8)


def onsets_of_bar(metre: Metre, wanted: float, rng: np.random.Generator) -> list[float]:
    """Beats of a bar, ascending, at which something starts: strong places before weak ones.

    `wanted` is how many; under one, a bar may stay empty.
    """
    count = int(np.floor(wanted + rng.random()))
    if count == 0:
        return []
    cuts = metre.divisions()
    fine = next((c for c in cuts if c * metre.beats >= count), cuts[-1])
    order: list[float] = []
    for cut in (c for c in cuts if c <= fine):
        level = [i / cut for i in range(metre.beats * cut)]
        fresh = [b for b in level if not any(abs(b - o) < 1e-9 for o in order)]
        if cut == 1:
            order += [0.0, *rng.permutation([b for b in fresh if b > 0]).tolist()]
        else:
            order += rng.permutation(fresh).tolist()
    return sorted(order[:count])


@dataclass(frozen=True)
class Motif:
    """The melody of one class of bar: which of the bar's onsets it takes, and its steps."""

    picks: tuple[int, ...]
    steps: tuple[int, ...]


def draw_motif(onsets: list[float], share: float, rng: np.random.Generator) -> Motif:
    """Some of a bar's onsets, the first mostly among them, and a contour of scale steps."""
    count = int(np.clip(round(len(onsets) * share), min(1, len(onsets)), len(onsets)))
    first = [0] if onsets and rng.random() < 0.85 else []
    rest = [i for i in range(len(onsets)) if i not in first]
    weight = np.array([2.0 if abs(onsets[i] % 1.0) < 1e-9 else 1.0 for i in rest])
    more = max(count - len(first), 0)
    if more and rest:
        picked = rng.choice(rest, min(more, len(rest)), replace=False, p=weight / weight.sum())
        first += [int(i) for i in picked]
    drift = int(rng.choice((-1, 1)))
    moves = rng.choice((-2, -1, 1, 2, 3, 0), len(first), p=(0.1, 0.36, 0.34, 0.1, 0.05, 0.05))
    return Motif(tuple(sorted(first)), tuple(int(m) * drift for m in moves))


def melody_of_bar(
    motif: Motif,
    onsets: list[float],
    chord_at: list[Chord],
    start: int,
    span: tuple[int, int],
    closing: bool,
    rng: np.random.Generator,
) -> list[tuple[int, int]]:
    """(onset index, pitch) of a bar; strong onsets are chord tones, the others may pass.

    Parameters
    ----------
    motif, onsets : what is played and when, in beats from the bar.
    chord_at : the chord at each onset.
    start : pitch the line comes from.
    span : lowest and highest pitch.
    closing : whether the bar ends a phrase: its last note is a chord's root or third.
    rng : how this turn differs from the first.
    """
    line = []
    pitch = start
    for rank, (index, step) in enumerate(zip(motif.picks, motif.steps, strict=True)):
        if index >= len(onsets):
            break
        chord = chord_at[index]
        aim = pitch = _step(pitch, step, chord.scale)
        if rng.random() < 0.08:
            aim = _step(aim, int(rng.choice((-1, 1))), chord.scale)
        aim = span[0] + (aim - span[0]) % 12 if aim < span[0] else aim
        aim = span[1] - (span[1] - aim) % 12 if aim > span[1] else aim
        last = rank == len(motif.picks) - 1
        if closing and last:
            aim = _nearest(aim, chord.classes[:2])
        elif rank == 0 or abs(onsets[index] % 1.0) < 1e-9 or last:
            aim = _nearest(aim, chord.classes)
        else:
            aim = _nearest(aim, chord.scale)
        line.append((index, aim))
        pitch += int(np.clip(aim - pitch, -2, 2))
    return line


def _nearest(pitch: int, classes: tuple[int, ...]) -> int:
    return min(range(pitch - 6, pitch + 7), key=lambda p: (p % 12 not in classes, abs(p - pitch)))


def _step(pitch: int, steps: int, scale: tuple[int, ...]) -> int:
    here = _nearest(pitch, scale)
    for _ in range(abs(steps)):
        here += int(np.sign(steps))
        while here % 12 not in scale:
            here += int(np.sign(steps))
    return here
