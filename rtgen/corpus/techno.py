"""Renders a clip of procedural techno with its labels; everything is drawn from the seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rtgen.corpus import labels as exact
from rtgen.corpus.arrangement import TONAL, Event, Section, draw_section, events_of_bar
from rtgen.corpus.drums import Kit, coloured_noise, draw_kit
from rtgen.corpus.effects import duck, ping_pong, reverb
from rtgen.corpus.harmony import Progression, draw_progression
from rtgen.corpus.tones import Timbre, draw_timbres
from rtgen.corpus.track import HOP, RATE, Labels, Samples, Track

PREROLL_SECONDS = 3.0
"""Rendered before the clip and cut off, so that tails of earlier events are there."""
PEAK = 0.98
CHOKE_SAMPLES = 220


@dataclass(frozen=True)
class Grid:
    """Linear tempo: beat(t) = beat0 + bpm t / 60 + ramp t^2 / 120, t in seconds from clip start."""

    beat0: float
    bpm: float
    ramp: float  # bpm per second

    def beat(self, seconds: np.ndarray | float) -> np.ndarray:
        """Beats at times in seconds."""
        t = np.asarray(seconds, np.float64)
        return self.beat0 + self.bpm * t / 60 + self.ramp * t * t / 120

    def seconds(self, beat: float) -> float:
        """Time in seconds of a beat."""
        away = beat - self.beat0
        if self.ramp == 0:
            return away * 60 / self.bpm
        root = self.bpm**2 + 120 * self.ramp * away
        return (np.sqrt(max(root, 1e-9)) - self.bpm) / self.ramp


@dataclass(frozen=True)
class Song:
    """What a seed decides about a track before a note is placed."""

    seed: int
    kit: Kit
    timbres: dict[str, Timbre]
    progression: Progression
    section_bars: int
    swing: float

    def section(self, bar: int) -> Section:
        """The section a bar lies in; sections are drawn by index, so any bar can be made."""
        index = bar // self.section_bars
        return draw_section(np.random.default_rng((self.seed, 2, index + 1000)))

    def events(self, bar: int, bar_seconds: float) -> list[Event]:
        """Events of one bar."""
        # Bars of a section repeat; the last of four varies.
        turn = 1 if bar % 4 == 3 else 0
        rng = np.random.default_rng((self.seed, 3, bar // self.section_bars + 1000, turn))
        section = self.section(bar)
        found = events_of_bar(section, self.progression, bar, bar_seconds, self.swing, rng)
        last = (bar + 1) % self.section_bars == 0
        if section.fill and last and "kick" in section.layers:
            found = [e for e in found if not (e.layer == "kick" and e.beat % 4 >= 3)]
        return found


def draw_song(seed: int) -> Song:
    """Kit, timbres, harmony and form of a seed."""
    rng = np.random.default_rng((seed, 1))
    return Song(
        seed=seed,
        kit=draw_kit(rng),
        timbres=draw_timbres(rng),
        progression=draw_progression(rng),
        section_bars=int(rng.choice((2, 4, 8), p=(0.25, 0.5, 0.25))),
        swing=float(rng.choice((0.0, rng.uniform(0.0, 0.33)), p=(0.7, 0.3))),
    )


def draw_grid(seed: int, frames: int) -> Grid:
    """Tempo (ramped for 15 % of the seeds) and a random place in the song."""
    rng = np.random.default_rng((seed, 4))
    bpm = float(rng.uniform(100, 180))
    ramp = 0.0
    if rng.random() < 0.15:
        ramp = float(np.clip(bpm + rng.uniform(-6, 6), 100, 180) - bpm) * RATE / (frames * HOP)
    return Grid(float(rng.integers(0, 64)) * 4 + float(rng.uniform(0, 4)), bpm, ramp)


def _add(stem: Samples, shot: Samples, at: int, gain: float) -> None:
    start, stop = max(at, 0), min(at + shot.shape[-1], stem.shape[-1])
    if start < stop:
        stem[..., start:stop] += np.float32(gain) * shot[..., start - at : stop - at]


def choked(shot: Samples, opened: Event, events: list[Event], bar_seconds: float) -> Samples:
    """An open hat's samples (n,) until the next closed one, which closes it."""
    later = [e.beat for e in events if e.layer == "hat" and e.beat > opened.beat]
    if not later:
        return shot
    count = int((min(later) - opened.beat) * bar_seconds / 4 * RATE) + CHOKE_SAMPLES
    if count >= len(shot):
        return shot
    shot = shot[:count].copy()
    shot[-CHOKE_SAMPLES:] *= np.linspace(1, 0, CHOKE_SAMPLES, dtype=np.float32)
    return shot


def render_techno(seed: int, frames: int) -> Track:
    """Render `frames` frames of the track of a seed.

    Parameters
    ----------
    seed : non-negative int.
    frames : positive int, in units of 2048 samples at 44.1 kHz.

    Returns
    -------
    Track whose mix peaks at 0.98 or less.
    """
    song, grid = draw_song(seed), draw_grid(seed, frames)
    rng = np.random.default_rng((seed, 5))
    preroll = int(PREROLL_SECONDS * RATE)
    total = preroll + frames * HOP
    low = np.zeros((1, total), np.float32)
    noise = np.zeros((2, total), np.float32)
    tones = {name: np.zeros((2, total), np.float32) for name in TONAL}
    pans = {name: rng.uniform(-0.6, 0.6) for name in song.kit.noise}
    pans["kick"] = pans["snare"] = pans["clap"] = 0.0
    onsets: list[float] = []
    kicks: list[int] = []
    sounding: list[tuple[float, float, int]] = []
    first_bar = int(np.floor(grid.beat(-PREROLL_SECONDS) / 4))
    last_bar = int(np.floor(grid.beat(frames * HOP / RATE) / 4))
    for bar in range(first_bar, last_bar + 1):
        bar_seconds = grid.seconds(4 * bar + 4) - grid.seconds(4 * bar)
        gain = 10 ** (song.section(bar).gain_db / 20)
        events = song.events(bar, bar_seconds)
        for event in events:
            t = grid.seconds(event.beat)
            at = int(round(t * RATE)) + preroll
            level = gain * event.velocity
            onsets.append(t)
            if event.layer in TONAL:
                timbre = song.timbres[event.layer]
                seconds = event.length_beats * bar_seconds / 4
                for pitch in event.pitches:
                    shot = timbre.note(pitch, seconds, event.velocity)
                    _add(tones[event.layer], shot, at, level / max(len(event.pitches), 1) ** 0.5)
                sounding.append((t, t + seconds + timbre.release_s, bar))
                continue
            if event.layer == "kick":
                kicks.append(at)
            if event.layer in song.kit.low:
                _add(low, song.kit.low[event.layer][None], at, level)
            shots = song.kit.noise[event.layer]
            shot = shots[int(rng.integers(len(shots)))]
            if event.layer == "open":
                shot = choked(shot, event, events, bar_seconds)
            pan = pans[event.layer]
            _add(noise[:1], shot[None], at, level * (1 - max(pan, 0)))
            _add(noise[1:], shot[None], at, level * (1 + min(pan, 0)))
    noise += 0.16 * reverb(noise, rng, rng.uniform(0.3, 0.9), 500.0) * rng.uniform(0.1, 1.0)
    _add_risers(noise, song, grid, rng, preroll)
    mixed = _mix_tones(tones, grid, rng)
    mixed *= duck(total, kicks, float(rng.uniform(0.0, 0.8)), float(rng.uniform(0.05, 0.14)))
    stems = {"low": np.repeat(low, 2, axis=0), "noise": noise, "tones": mixed}
    stems = {name: np.ascontiguousarray(stem[:, preroll:]) for name, stem in stems.items()}
    peak = float(np.abs(stems["low"] + stems["noise"] + stems["tones"]).max())
    if peak > PEAK:
        stems = {name: stem * np.float32(PEAK / peak) for name, stem in stems.items()}
    mix = stems["low"] + stems["noise"] + stems["tones"]
    return Track(stems, _labels(song, grid, frames, onsets, sounding, mix))


def _mix_tones(tones: dict[str, Samples], grid: Grid, rng: np.random.Generator) -> Samples:
    delay = int(round(rng.choice((0.5, 0.75)) * 60 / grid.bpm * RATE))
    echo_level, wet = rng.uniform(0.0, 0.35), rng.uniform(0.02, 0.25)
    sends = tones["stab"] + tones["arp"] + tones["lead"]
    dry = sends + tones["pad"]
    echoes = ping_pong(sends, delay, 0.45) * np.float32(echo_level)
    ambience = reverb(dry, rng, rng.uniform(0.5, 1.4), 200.0)
    mixed: Samples = tones["bass"] + dry + echoes + np.float32(wet) * ambience
    return mixed


def _add_risers(
    noise: Samples, song: Song, grid: Grid, rng: np.random.Generator, preroll: int
) -> None:
    first = int(np.floor(grid.beat(-PREROLL_SECONDS) / 4)) // song.section_bars
    last = int(np.floor(grid.beat((noise.shape[1] - preroll) / RATE) / 4)) // song.section_bars
    for index in range(first, last + 1):
        bar = index * song.section_bars
        section = song.section(bar)
        if not section.riser:
            continue
        start, stop = (grid.seconds(4.0 * (bar + k)) for k in (0, song.section_bars))
        count = int((stop - start) * RATE)
        rise = np.linspace(0, 1, count, dtype=np.float32) ** 2
        dark = coloured_noise(rng, stop - start + 0.1, 400, 2500, -3)[:count]
        bright = coloured_noise(rng, stop - start + 0.1, 2000, 14000, 0)[:count]
        gain = 0.05 * 10 ** (section.gain_db / 20)
        sweep = rise * (dark * (1 - rise) + bright * rise)
        _add(noise, np.stack([sweep, np.roll(sweep, 301)]), int(start * RATE) + preroll, gain)


def _labels(
    song: Song,
    grid: Grid,
    frames: int,
    onsets: list[float],
    sounding: list[tuple[float, float, int]],
    mix: Samples,
) -> Labels:
    t = np.arange(frames) * HOP / RATE
    beat = grid.beat(t)
    chroma = np.zeros((frames, 12), np.float32)
    active = np.zeros(frames, bool)
    for start, stop, _ in sounding:
        first = int(np.floor((start - 0.2) * RATE / HOP))
        active[max(first, 0) : max(int(np.ceil((stop + 0.2) * RATE / HOP)), 0)] = True
    for i in np.flatnonzero(active):
        chord = song.progression.chord(int(np.floor((beat[i] + 1e-9) / 4)))
        chroma[i, list(chord)] = 1 / len(chord)
    return Labels(
        tempo_bpm=(grid.bpm + grid.ramp * t).astype(np.float32),
        beat_position=beat,
        density=exact.density(exact.merged_onsets(np.asarray(onsets)), frames),
        chroma=chroma,
        energy=exact.energy(mix, frames),
    )
