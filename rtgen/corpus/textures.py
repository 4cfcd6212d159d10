"""What both hands play in a bar: a melody, figures on the chord, chords, runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rtgen.corpus.chords import Chord, ladder, lead

FIGURES = ("up", "wave", "alberti", "octaves", "stride", "pulse", "spread")


@dataclass(frozen=True)
class Note:
    """One key struck: beats from the bar's start, loudness 0..1, seconds it is late."""

    beat: float
    length_beats: float
    pitch: int
    velocity: float
    late_s: float = 0.0


@dataclass(frozen=True)
class BarPlan:
    """A bar to fill: its onsets in beats, the chord at each, the melody as (index, pitch)."""

    onsets: list[float]
    chords: list[Chord]
    melody: list[tuple[int, int]]
    beats: int

    def gap(self, index: int) -> float:
        """Beats from an onset to the next, at the end to the bar line."""
        after = self.onsets[index + 1] if index + 1 < len(self.onsets) else float(self.beats)
        return after - self.onsets[index]

    def accent(self, index: int) -> float:
        """Weight of an onset in the metre."""
        beat = self.onsets[index]
        return 1.0 if beat == 0 else 0.9 if abs(beat % 1.0) < 1e-9 else 0.78

    def new_chord(self, index: int) -> bool:
        """Whether a chord starts here or the bar does."""
        return index == 0 or self.chords[index] != self.chords[index - 1]


def figure_pitches(
    figure: str, chord: Chord, index: int, strong: bool, bass: int, rng: np.random.Generator
) -> tuple[int, ...]:
    """What the left hand plays at an onset; `bass` is its lowest note allowed."""
    rungs = ladder(chord, bass, bass + 29)
    upper = lead(chord.classes[:4], (bass + 20,), bass + 11, bass + 28)
    if strong:
        return (rungs[0], rungs[0] + 12) if figure == "octaves" else (rungs[0],)
    if figure == "up":
        return (rungs[index % len(rungs)],)
    if figure == "wave":
        turn = max(2 * len(rungs) - 2, 1)
        place = index % turn
        return (rungs[place if place < len(rungs) else turn - place],)
    if figure == "alberti":
        three = (upper[0], upper[-1], upper[min(1, len(upper) - 1)], upper[-1])
        return (three[index % 4],)
    if figure == "octaves":
        return (rungs[0] + (12 if index % 2 else 0),)
    if figure in ("stride", "pulse"):
        return tuple(upper)
    return (int(rng.choice(rungs[1:] or rungs)),)


def accompanied(
    plan: BarPlan, figure: str, bass: int, thin: float, rng: np.random.Generator
) -> list[Note]:
    """A melody over a left-hand figure; `thin` is how often the figure leaves the melody alone."""
    notes, melodic = [], dict(plan.melody)
    lengths = _melody_lengths(plan)
    since_chord = 0
    for i, beat in enumerate(plan.onsets):
        since_chord = 0 if plan.new_chord(i) else since_chord + 1
        weight = plan.accent(i)
        if i in melodic:
            notes.append(Note(beat, lengths[i], melodic[i], weight))
            if not plan.new_chord(i) and rng.random() < thin:
                continue
        pitches = figure_pitches(
            figure, plan.chords[i], since_chord, plan.new_chord(i), bass, rng
        )
        ceiling = melodic.get(i, 200) - 2
        pitches = tuple(p for p in pitches if p < ceiling) or pitches[:1]
        length = plan.gap(i) * (2.0 if plan.new_chord(i) else 1.0)
        notes += [Note(beat, length, p, 0.66 * weight) for p in pitches]
    return notes


def chorale(plan: BarPlan, bass: int, rolled: bool, previous: tuple[int, ...]) -> list[Note]:
    """Chords on every onset, led from the last ones, with the melody on top."""
    notes, melodic, held = [], dict(plan.melody), previous
    for i, beat in enumerate(plan.onsets):
        chord = plan.chords[i]
        middle = lead(chord.classes[:4], held, bass + 14, bass + 33)
        held = tuple(middle)
        root = ladder(chord, bass, bass + 24)[0]
        stack = sorted({root, *middle, *([melodic[i]] if i in melodic else [])})
        for rank, pitch in enumerate(stack):
            top = 1.0 if pitch == stack[-1] else 0.7
            late = 0.045 * rank if rolled and plan.new_chord(i) else 0.0
            notes.append(Note(beat, plan.gap(i), pitch, top * plan.accent(i), late))
    return notes


def runs(plan: BarPlan, bass: int, low: int, high: int, flip: bool) -> list[Note]:
    """Broken chords up and down in the right hand over long bass octaves."""
    notes = []
    for i, beat in enumerate(plan.onsets):
        chord = plan.chords[i]
        rungs = [p for p in range(low, high + 1) if p % 12 in chord.classes]
        turn = max(2 * len(rungs) - 2, 1)
        place = i % turn
        place = place if place < len(rungs) else turn - place
        pitch = rungs[-1 - place if flip else place]
        notes.append(Note(beat, plan.gap(i), pitch, (0.95 if i % 4 == 0 else 0.7) * plan.accent(i)))
        if plan.new_chord(i):
            root = ladder(chord, bass, bass + 24)[0]
            notes += [Note(beat, float(plan.beats), p, 0.85) for p in (root, root + 12)]
    return notes


def alternating(plan: BarPlan, bass: int, low: int) -> list[Note]:
    """Both hands in turn: roots and octaves below, chords above."""
    notes = []
    for i, beat in enumerate(plan.onsets):
        chord = plan.chords[i]
        root = ladder(chord, bass, bass + 24)[0]
        pitches: tuple[int, ...] = (root + 12,)
        if plan.new_chord(i):
            pitches = (root, root + 12)
        elif i % 2 == 1:
            pitches = tuple(lead(chord.classes[:3], (low + 7,), low, low + 19))
        notes += [Note(beat, plan.gap(i), p, 0.85 * plan.accent(i)) for p in pitches]
    return notes


def alone(plan: BarPlan, drone: int | None) -> list[Note]:
    """The line by itself on every onset it has, over a held fifth if there is a drone."""
    lengths = _melody_lengths(plan)
    notes = [Note(plan.onsets[i], lengths[i], p, plan.accent(i)) for i, p in plan.melody]
    if drone is not None and plan.onsets:
        notes += [Note(plan.onsets[0], plan.beats, p, 0.6) for p in (drone, drone + 7)]
    return notes


def _melody_lengths(plan: BarPlan) -> dict[int, float]:
    picks = [i for i, _ in plan.melody]
    ends = [*(plan.onsets[i] for i in picks), float(plan.beats)][1:]
    return {i: end - plan.onsets[i] for i, end in zip(picks, ends, strict=True)}
