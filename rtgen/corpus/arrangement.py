"""From a track's plan to the events of a bar: sections, layers, and a density to hit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rtgen.corpus.harmony import Progression
from rtgen.corpus.patterns import METRE, draw_patterns

TONAL = ("bass", "pad", "stab", "arp", "lead")
DRUMS = ("kick", "snare", "clap", "open", "ride", "rim", "tom", "shaker", "hat")
FILL_LAYERS = ("hat", "arp", "shaker", "rim")
OFF_BEAT_ACCENT, WEAK_ACCENT = 0.5, 0.45
EVEN_FROM, EVEN_AT = 8.0, 11.0
"""Onsets/s between which accents level out: a roll is as loud between the beats as on them."""


@dataclass(frozen=True)
class Event:
    """One hit or note: position and length in beats, MIDI pitches for tonal layers."""

    layer: str
    beat: float
    velocity: float
    length_beats: float = 0.0
    pitches: tuple[int, ...] = ()


@dataclass(frozen=True)
class Section:
    """Some bars with one set of layers, one density to hit and one level."""

    layers: tuple[str, ...]
    patterns: dict[str, tuple[int, ...]]
    density: float
    gain_db: float
    riser: bool
    fill: bool


def draw_section(rng: np.random.Generator) -> Section:
    """A section whose density and level are uniform, whatever the tempo or the style."""
    kind = rng.choice(("groove", "break", "drums", "tonal"), p=(0.8, 0.07, 0.07, 0.06))
    layers = [
        name
        for name, p in zip(DRUMS, (0.97, 0.3, 0.5, 0.45, 0.2, 0.25, 0.12, 0.3, 0.8), strict=True)
        if rng.random() < p
    ]
    tonal = [
        name for name, p in zip(TONAL, (0.7, 0.45, 0.45, 0.5, 0.3), strict=True) if rng.random() < p
    ]
    if kind == "break":
        layers = [name for name in layers if name != "kick"]
    if kind == "drums":
        tonal = []
    if kind == "tonal":
        layers, tonal = [], tonal or ["pad", "arp"]
    if not layers and not tonal:
        layers = ["kick", "hat"]
    chosen = tuple(layers + tonal)
    return Section(
        layers=chosen,
        patterns=draw_patterns(rng, chosen),
        density=float(rng.uniform(0.5, 17.5)),
        gain_db=float(rng.uniform(-14.0, 3.0)),
        riser=bool(rng.random() < 0.2),
        fill=bool(rng.random() < 0.3),
    )


def steps_of_bar(
    section: Section, bar_seconds: float, rng: np.random.Generator
) -> dict[str, list[float]]:
    """Steps (16ths, halves: 32nds) of each layer of one bar, thinned or filled to the density."""
    budget = max(int(round(section.density * bar_seconds + rng.uniform(-0.3, 0.3))), 0)
    used: set[float] = set()
    out: dict[str, list[float]] = {name: [] for name in section.layers}
    if "kick" in section.layers:  # the floor that all else stands on
        out["kick"] = [float(step) for step in section.patterns["kick"][: max(budget, 1)]]
        used |= set(out["kick"])
    rest = [name for name in section.layers if name != "kick"]
    depth = max((len(section.patterns[name]) for name in rest), default=0)
    order = sorted(rest, key=("pad", *DRUMS[:3], *TONAL, *DRUMS).index)
    for rank in range(depth):
        for name in order:
            pattern = section.patterns[name]
            if rank >= len(pattern):
                continue
            step = float(pattern[rank])
            if step in used or len(used) < budget:
                used.add(step)
                out[name].append(step)
    fillers = [name for name in FILL_LAYERS if name in section.layers]
    fillers = fillers or (["arp"] if set(section.layers) & set(TONAL) else ["hat"])
    first = int(rng.integers(len(fillers)))
    grid = [float(step) for step in METRE] + [step + 0.5 for step in METRE]
    free = [step for step in grid if step not in used]
    for k, step in enumerate(free[: max(budget - len(used), 0)]):
        out.setdefault(fillers[(first + k) % len(fillers)], []).append(step)
    return out


def _voices(
    layer: str, chord: tuple[int, ...], step_index: int, rng: np.random.Generator
) -> tuple[int, ...]:
    if layer == "bass":
        pitch = 36 + (chord[0] % 12 if chord[0] < 7 else chord[0] - 12)
        return (pitch + (12 if rng.random() < 0.15 else 0),)
    if layer in ("stab", "pad"):
        base = 48 if layer == "pad" else 54
        return tuple(sorted(base + (p - base) % 12 for p in chord))
    ladder = sorted({60 + p + 12 * o for p in chord for o in (0, 1)})
    if layer == "arp":
        return (ladder[step_index % len(ladder)],)
    return (int(rng.choice(ladder)),)


def events_of_bar(
    section: Section,
    progression: Progression,
    bar: int,
    bar_seconds: float,
    swing: float,
    rng: np.random.Generator,
) -> list[Event]:
    """All events of one bar; kicks, snares and tonal layers sit exactly on the grid.

    The same generator state gives the same bar but for its chord: that is how a groove repeats.
    """
    chord = progression.chord(bar)
    even = min(max((section.density - EVEN_FROM) / (EVEN_AT - EVEN_FROM), 0.0), 1.0)
    events = []
    for layer, steps in steps_of_bar(section, bar_seconds, rng).items():
        for index, step in enumerate(sorted(steps)):
            late = swing if layer in ("hat", "shaker") and step % 2 == 1 else 0.0
            accent = OFF_BEAT_ACCENT if step % 2 == 0 else WEAK_ACCENT
            accent = 1.0 if step % 4 == 0 else accent + (1.0 - accent) * even
            velocity = float(rng.uniform(0.85, 1.0) * accent)
            if layer in TONAL:
                gap = {"pad": 15.5, "bass": 1.4, "stab": 1.0, "arp": 0.9, "lead": 2.5}[layer]
                events.append(
                    Event(
                        layer,
                        4 * bar + step / 4,
                        velocity,
                        gap / 4,
                        _voices(layer, chord, index, rng),
                    )
                )
            else:
                if layer == "kick":
                    velocity = float(rng.uniform(0.9, 1.0))
                events.append(Event(layer, 4 * bar + (step + late) / 4, velocity))
    return events
