"""Single sounds for the autoencoder: held notes and chords, slow melodies, one drum alone.

What whole tracks hide, these lay bare: a tone that must stand still, a chord with nothing over it,
a hat after silence. They have no labels, since no generator learns from them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rtgen.corpus.drums import Kit, draw_kit
from rtgen.corpus.effects import reverb
from rtgen.corpus.harmony import draw_progression
from rtgen.corpus.strings import Piano, draw_piano
from rtgen.corpus.tones import Timbre, draw_timbres
from rtgen.corpus.track import HOP, RATE, Samples

KINDS = ("chord", "note", "melody", "piano", "drum", "harmonic", "rest")
QUIETEST_DB = -24.0


@dataclass(frozen=True)
class Programme:
    """What studies hold: how often each of KINDS, how long in seconds, from which keys on."""

    shares: tuple[float, ...]
    seconds: tuple[float, float]
    bases: tuple[int, ...]


MIXED = Programme((0.3, 0.15, 0.15, 0.12, 0.15, 0.1, 0.03), (2.0, 6.0), (36, 48, 54, 60, 72))
CHORDS = Programme((0.75, 0.1, 0.03, 0.03, 0.02, 0.06, 0.01), (1.0, 2.2), tuple(range(36, 73)))
"""Mostly chords, in every register: what a decoder says too quietly for want of practice."""


def render_study(seed: int, frames: int, programme: Programme = MIXED) -> dict[str, Samples]:
    """Stems `low`, `noise` and `tones`, each (2, frames * 2048), one sound after another."""
    rng = np.random.default_rng((seed, 11))
    total = frames * HOP
    stems = {name: np.zeros((2, total), np.float32) for name in ("low", "noise", "tones")}
    timbres, kit, piano = draw_timbres(rng), draw_kit(rng), draw_piano(rng)
    at = 0
    while at < total:
        seconds = float(rng.uniform(*programme.seconds))
        count = min(int(seconds * RATE), total - at)
        kind = str(rng.choice(KINDS, p=programme.shares))
        part = {name: stem[:, at : at + count] for name, stem in stems.items()}
        gain = np.float32(10 ** (rng.uniform(QUIETEST_DB, 0) / 20))
        if kind == "drum":
            _drum(part, kit, gain, rng)
        elif kind != "rest":
            part["tones"] += gain * _tones(kind, count, programme.bases, timbres, piano, rng)
        at += count
    if rng.random() < 0.3:
        wet = np.float32(rng.uniform(0.03, 0.25))
        stems["tones"] += wet * reverb(stems["tones"], rng, rng.uniform(0.4, 1.4), 150.0)
    return stems


def _tones(
    kind: str,
    count: int,
    bases: tuple[int, ...],
    timbres: dict[str, Timbre],
    piano: Piano,
    rng: np.random.Generator,
) -> Samples:
    """A sound (2, count) that peaks at 0.7, with short fades."""
    out = np.zeros((2, count), np.float32)
    seconds = count / RATE
    if kind == "harmonic":
        out += _harmonics(count, rng)
    elif kind == "piano":
        for pitch in rng.integers(36, 90, int(rng.integers(1, 5))):
            note = piano.note(int(pitch), float(rng.uniform(0.1, 1)), seconds)
            out[:, : len(note)] += note
    elif kind == "melody":
        timbre = timbres[str(rng.choice(("lead", "arp", "bass", "stab", "pad")))]
        steps, start, pitch = rng.uniform(0.2, 1.2), 0.0, int(rng.integers(40, 84))
        while start < seconds:
            _add(out, timbre.note(pitch, 0.9 * steps, float(rng.uniform(0.4, 1))), start)
            start, pitch = start + steps, int(np.clip(pitch + rng.integers(-5, 6), 33, 90))
    else:
        timbre = timbres["pad"] if rng.random() < 0.6 else timbres["lead"]
        chord = draw_progression(rng).chord(0) if kind == "chord" else (int(rng.integers(12)),)
        base = int(rng.choice(bases))
        for pitch_class in chord:
            pitch = base + (pitch_class - base) % 12
            _add(out, timbre.note(pitch, seconds, float(rng.uniform(0.3, 1))), 0.0)
    fade = np.minimum(1, np.arange(count, dtype=np.float32) / 400)
    out *= fade * fade[::-1]
    return out * np.float32(0.7 / max(float(np.abs(out).max()), 1e-6))


def _harmonics(count: int, rng: np.random.Generator) -> Samples:
    """A held tone off any instrument, for a third of them between the keys as well."""
    cents = 0.0 if rng.random() < 0.67 else rng.uniform(-50, 50)
    hz = 440.0 * 2.0 ** ((rng.integers(33, 88) - 69) / 12 + cents / 1200)
    t = np.arange(count) / RATE
    partials = range(1, int(rng.integers(1, 9)) + 1)
    slope, phase = rng.uniform(0.5, 2), rng.uniform(0, 6.28)
    mono = sum(np.sin(2 * np.pi * k * hz * t + k * phase) / k**slope for k in partials)
    return np.repeat(np.asarray(mono, np.float32)[None], 2, axis=0)


def _drum(part: dict[str, Samples], kit: Kit, gain: np.float32, rng: np.random.Generator) -> None:
    name = str(rng.choice(list(kit.noise)))
    step = float(rng.uniform(0.12, 1.0))
    start = float(rng.uniform(0, step))
    seconds = part["low"].shape[1] / RATE
    while start < seconds:
        level = gain * np.float32(rng.uniform(0.6, 1.4))
        if name in kit.low:
            _add(part["low"], level * kit.low[name][None], start)
        shots = kit.noise[name]
        _add(part["noise"], level * shots[int(rng.integers(len(shots)))][None], start)
        start += step


def _add(stem: Samples, shot: Samples, seconds: float) -> None:
    at = int(seconds * RATE)
    stem[:, at : at + shot.shape[1]] += shot[:, : max(stem.shape[1] - at, 0)]
