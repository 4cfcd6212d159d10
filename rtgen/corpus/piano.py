"""Renders a clip of procedural piano music with its labels; everything is drawn from the seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rtgen.corpus import labels as exact
from rtgen.corpus.effects import reverb
from rtgen.corpus.rubato import Clock
from rtgen.corpus.score import Score, draw_score
from rtgen.corpus.strings import Piano, draw_piano
from rtgen.corpus.track import HOP, RATE, Labels, Samples, Track

PREROLL_SECONDS = 5.0
"""Rendered before the clip and cut off, so that strings struck earlier still ring."""
PEAK = 0.98
LONGEST_SECONDS = 7.0
QUIETEST_DB, LOUDEST_DB = -27.0, 0.0


@dataclass(frozen=True)
class Stroke:
    """A key struck at a time, in seconds of the clip, until its damper falls."""

    seconds: float
    held_s: float
    pitch: int
    velocity: float


def strokes(score: Score, clock: Clock, first_bar: int, last_bar: int) -> list[Stroke]:
    """All strokes of some bars, as the hands and the pedal make them."""
    found = []
    jitter = np.random.default_rng((score.seed, 6))
    spread = float(jitter.uniform(0.001, 0.006))
    for bar in range(first_bar, last_bar + 1):
        changes = [*score.pedal_changes(bar), (bar + 1.0) * score.metre.beats]
        pedal = len(changes) > 1
        rng = np.random.default_rng((score.seed, 7, bar + 100_000))
        for note in score.notes(bar):
            start = clock.seconds(note.beat) + note.late_s + float(rng.normal(0, spread))
            stop = clock.seconds(note.beat + 0.92 * note.length_beats) + note.late_s
            if pedal:
                lift = next((c for c in changes if c > note.beat + 0.02), changes[-1])
                stop = max(stop, clock.seconds(lift) + 0.03)
            loud = 0.08 + 0.92 * score.level(note.beat)
            velocity = loud * note.velocity * float(rng.uniform(0.9, 1.05))
            held = float(np.clip(stop - start, 0.06, LONGEST_SECONDS))
            found.append(Stroke(start, held, note.pitch, float(np.clip(velocity, 0.03, 1.0))))
    return found


def render_piano(seed: int, frames: int) -> Track:
    """Render `frames` frames of the track of a seed.

    Parameters
    ----------
    seed : non-negative int.
    frames : positive int, in units of 2048 samples at 44.1 kHz.

    Returns
    -------
    Track whose mix peaks at 0.98 or less; its labels have no tempo and no beat (NaN).
    """
    score = draw_score(seed)
    rng = np.random.default_rng((seed, 8))
    piano = draw_piano(rng)
    length = frames * HOP / RATE
    bars = 16 * score.section_bars
    zero = float(rng.uniform(0, bars * score.metre.beats)) + bars * score.metre.beats
    clock = Clock(score.pace, zero, PREROLL_SECONDS + 1, length + 1)
    first, last = (
        int(np.floor(clock.beat(t) / score.metre.beats)) for t in (-PREROLL_SECONDS, length)
    )
    played = strokes(score, clock, first, last)
    stems = _sound(piano, played, frames, rng)
    mix = stems["low"] + stems["noise"] + stems["tones"]
    peak = float(np.abs(mix).max())
    if peak > PEAK:
        stems = {name: stem * np.float32(PEAK / peak) for name, stem in stems.items()}
        mix = stems["low"] + stems["noise"] + stems["tones"]
    return Track(stems, _labels(score, clock, frames, played, piano, mix))


def _sound(
    piano: Piano, played: list[Stroke], frames: int, rng: np.random.Generator
) -> dict[str, Samples]:
    preroll = int(PREROLL_SECONDS * RATE)
    total = preroll + frames * HOP
    tones = np.zeros((2, total), np.float32)
    noise = np.zeros((2, total), np.float32)
    low = np.zeros((1, total), np.float32)
    volume = float(rng.uniform(0.28, 0.5))
    # Longest first, so that the shorter notes of a pitch come out of the cache.
    for stroke in sorted(played, key=lambda s: -s.held_s):
        at = int(round(stroke.seconds * RATE)) + preroll
        gain = volume * 10 ** (
            (QUIETEST_DB + (LOUDEST_DB - QUIETEST_DB) * stroke.velocity**0.7) / 20
        )
        fade = piano.damping_seconds(stroke.pitch)
        ring = min(stroke.held_s + 5 * fade, LONGEST_SECONDS)
        shot = piano.note(stroke.pitch, stroke.velocity, ring).copy()
        damped = np.arange(max(len(shot) - int(stroke.held_s * RATE), 0), dtype=np.float32)
        if len(damped):
            shot[-len(damped) :] *= np.exp(-damped / np.float32(fade * RATE))
        shot[-200:] *= np.linspace(1, 0, len(shot[-200:]), dtype=np.float32)
        pan = piano.pan(stroke.pitch)
        _add(tones, shot, at, gain, pan)
        knock = gain * stroke.velocity**0.5
        _add(noise, piano.felt, at, knock * piano.felt_level / 0.2, pan)
        _add(low, piano.thud, at, knock * piano.thud_level / 0.2, 0.0)
    room, wet = float(rng.uniform(0.4, 2.2)), float(rng.uniform(0.03, 0.3))
    tones += np.float32(wet) * reverb(tones, rng, room, 120.0)
    noise += np.float32(wet) * reverb(noise, rng, room, 300.0)
    stems = {"low": np.repeat(low, 2, axis=0), "noise": noise, "tones": tones}
    return {name: np.ascontiguousarray(stem[:, preroll:]) for name, stem in stems.items()}


def _add(stem: Samples, shot: Samples, at: int, gain: float, pan: float) -> None:
    start, stop = max(at, 0), min(at + len(shot), stem.shape[1])
    if start < stop:
        part = shot[start - at : stop - at]
        for channel, side in zip(stem, (1 - max(pan, 0), 1 + min(pan, 0)), strict=False):
            channel[start:stop] += np.float32(gain * side) * part


def _labels(
    score: Score, clock: Clock, frames: int, played: list[Stroke], piano: Piano, mix: Samples
) -> Labels:
    chroma = np.zeros((frames, 12), np.float32)
    active = np.zeros(frames, bool)
    for s in played:
        stop = s.seconds + s.held_s + 2 * piano.damping_seconds(s.pitch)
        first, last = int(np.floor(s.seconds * RATE / HOP)), int(np.ceil(stop * RATE / HOP))
        active[max(first, 0) : max(last, 0)] = True
    for i in np.flatnonzero(active):
        chord = score.chord(clock.beat(i * HOP / RATE)).classes
        chroma[i, list(chord)] = 1 / len(set(chord))
    onsets = exact.merged_onsets(np.array([s.seconds for s in played], np.float64))
    return Labels(
        tempo_bpm=np.full(frames, np.nan, np.float32),
        beat_position=np.full(frames, np.nan),
        density=exact.density(onsets, frames),
        chroma=chroma,
        energy=exact.energy(mix, frames),
    )
