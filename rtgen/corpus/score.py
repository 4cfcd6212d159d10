"""A piano piece from its seed: key, metre, form, and the notes of any bar."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from rtgen.corpus import textures
from rtgen.corpus.chords import Chord, Key, draw_chords, draw_key
from rtgen.corpus.phrases import (
    BAR_CLASSES,
    CLOSE,
    Metre,
    draw_motif,
    melody_of_bar,
    onsets_of_bar,
)
from rtgen.corpus.rubato import Pace, draw_pace
from rtgen.corpus.textures import BarPlan, Note

FORMS = ("AABA", "AABB", "ABAC", "ABCA", "AAAB", "AB")
METRES = (Metre(4, False), Metre(3, False), Metre(2, True), Metre(4, True), Metre(3, True))
SPARSE = 2.0
"""Bars with fewer onsets place each anew."""
MOST_MELODY = 5.0
"""Melody notes per second; what is faster is figures and runs."""


@dataclass(frozen=True)
class Section:
    """Some bars of one kind: its chords and texture, and what this turn of it changes."""

    kind: int
    chords: tuple[Chord, ...]
    chord_beats: float
    onsets_per_second: float
    texture: str
    figure: str
    share: float
    thin: float
    level: float
    pedal: str
    bass: int
    top: int


@dataclass(frozen=True)
class Score:
    """What a seed decides about a piece; any bar can be made without those before it."""

    seed: int
    key: Key
    metre: Metre
    form: str
    section_bars: int
    pace: Pace
    cache: dict[int, Section] = field(default_factory=dict, compare=False)

    def section(self, bar: int) -> Section:
        """The section that a bar lies in."""
        index = bar // self.section_bars
        if index not in self.cache:
            kind = "ABC".index(self.form[index % len(self.form)])
            self.cache[index] = self._draw_section(kind, index)
        return self.cache[index]

    def _draw_section(self, kind: int, index: int) -> Section:
        rng = np.random.default_rng((self.seed, 2, kind))
        turn = np.random.default_rng((self.seed, 3, index + 1000))
        rate = float(np.exp(rng.uniform(np.log(0.35), np.log(15.0))))
        rate = rate if rng.random() < 0.5 else float(rng.uniform(0.5, 15.0))
        texture = _draw_texture(rng, rate, rate * self.pace.beat_seconds)
        if turn.random() < 0.35:
            rate = float(np.clip(rate * np.exp(turn.normal(0, 0.3)), 0.2, 15.5))
        beats = self.metre.beats
        spans = [beats, beats, 2 * beats, *([beats / 2] if beats % 2 == 0 else [])]
        bass = int(rng.integers(29, 44))
        return Section(
            kind=kind,
            chords=draw_chords(rng, self.key),
            chord_beats=float(rng.choice(spans)),
            onsets_per_second=rate,
            texture=texture,
            figure=str(rng.choice(textures.FIGURES)),
            share=float(rng.uniform(0.25, 0.75)),
            thin=float(rng.uniform(0, 1)),
            level=float(np.clip(rng.uniform(0.0, 1.0) + turn.normal(0, 0.15), 0, 1)),
            pedal=str(rng.choice(("legato", "beats", "dry"), p=(0.7, 0.15, 0.15))),
            bass=bass + 12 * int(turn.random() < 0.1),
            top=int(rng.integers(70, 84)),
        )

    def chord(self, beat: float) -> Chord:
        """The chord at a beat."""
        bar = int(np.floor((beat + 1e-9) / self.metre.beats))
        section = self.section(bar)
        start = bar // self.section_bars * self.section_bars * self.metre.beats
        turn = int((beat + 1e-9 - start) / section.chord_beats)
        return section.chords[turn % len(section.chords)]

    def level(self, beat: float) -> float:
        """Loudness 0..1: swells between the levels of sections, and within each phrase."""
        length = self.section_bars * self.metre.beats
        place = beat / length
        index = int(np.floor(place))
        here, there = (self.section((index + k) * self.section_bars).level for k in (0, 1))
        away = np.clip(2 * (place - index) - 1, 0, 1)
        arch = np.sin(np.pi * np.mod(beat / (4 * self.metre.beats), 1.0))
        return float(np.clip(here + away * (there - here) * 0.7 + 0.1 * arch - 0.05, 0.0, 1.0))

    def pedal_changes(self, bar: int) -> list[float]:
        """Beats of a bar at which the pedal comes up and goes down again; none when dry."""
        section, beats = self.section(bar), self.metre.beats
        if section.pedal == "dry":
            return []
        step = 1.0 if section.pedal == "beats" else min(section.chord_beats, beats)
        return [bar * beats + k * step for k in range(int(beats / step))]

    def notes(self, bar: int) -> list[Note]:
        """Notes of one bar, beats counted from the piece's start."""
        section, beats = self.section(bar), self.metre.beats
        place = bar % 4
        kind = BAR_CLASSES[place]
        shared = np.random.default_rng((self.seed, 4, section.kind, kind))
        own = np.random.default_rng((self.seed, 5, bar + 100_000))
        wanted = section.onsets_per_second * self.pace.beat_seconds * beats
        draws = own if wanted < SPARSE else shared
        onsets = onsets_of_bar(self.metre, wanted, draws)
        if kind == CLOSE and wanted > 3 and section.texture in ("song", "chorale"):
            onsets = [b for b in onsets if b < beats - 1] or onsets[:1]
        first = bar * beats
        chords = [self.chord(first + b) for b in onsets]
        share = 1.0 if section.texture == "alone" else section.share
        share = share if wanted > 2 * beats else max(share, 0.6)
        share = min(share, MOST_MELODY / section.onsets_per_second)
        motif = draw_motif(onsets, share, shared)
        contour = (0, 3, 5, 0)[place] + int(shared.integers(-2, 3))
        span = (section.top - 12, section.top + 10)
        line = melody_of_bar(
            motif, onsets, chords, section.top + contour - 3, span, kind == CLOSE, own
        )
        plan = BarPlan(onsets, chords, line, beats)
        made = self._hands(section, plan, shared, bar)
        return [
            Note(n.beat + first, n.length_beats, n.pitch, n.velocity, n.late_s) for n in made
        ]

    def _hands(
        self, section: Section, plan: BarPlan, rng: np.random.Generator, bar: int
    ) -> list[Note]:
        if section.texture == "chorale":
            return textures.chorale(plan, section.bass, section.thin < 0.3, ())
        if section.texture == "runs":
            low = section.top - 16
            return textures.runs(plan, section.bass, low, low + 26, bar % 2 == 1)
        if section.texture == "alternating":
            return textures.alternating(plan, section.bass, section.top - 17)
        if section.texture == "alone":
            drone = section.bass + 7 + (self.key.tonic - section.bass - 7) % 12
            return textures.alone(plan, drone if section.thin < 0.4 else None)
        return textures.accompanied(plan, section.figure, section.bass, section.thin, rng)


def _draw_texture(rng: np.random.Generator, rate: float, per_beat: float) -> str:
    weights = {
        "song": 5.0,
        "chorale": 2.5 if rate < 4 else 0.4,
        "runs": 2.5 if rate > 4 and per_beat >= 1.5 else 0.0,
        "alternating": 1.5 if rate > 3 and per_beat >= 1 else 0.0,
        "alone": 0.8 if rate < MOST_MELODY else 0.0,
    }
    total = sum(weights.values())
    return str(rng.choice(list(weights), p=[w / total for w in weights.values()]))


def draw_score(seed: int) -> Score:
    """The piece of a seed."""
    rng = np.random.default_rng((seed, 1))
    metre = METRES[int(rng.choice(len(METRES), p=(0.5, 0.22, 0.12, 0.08, 0.08)))]
    return Score(
        seed=seed,
        key=draw_key(rng),
        metre=metre,
        form=FORMS[int(rng.integers(len(FORMS)))],
        section_bars=int(rng.choice((4, 8), p=(0.5, 0.5))),
        pace=draw_pace(rng, metre.beats),
    )
