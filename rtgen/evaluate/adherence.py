"""How well a system obeys: tempo, beats, density, chroma and energy, asked against heard.

The model is asked for steady controls and for ramps of density. The corpus and its autoencoded self
are heard by the same tools against their labels: that is how far the tools can be trusted. With
shuffled controls each clip is judged by what another clip was asked for: that is chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from rtgen.bundle.manifest import Manifest
from rtgen.evaluate.clips import (
    START_FRAME,
    Clip,
    Stereo,
    corpus_clip,
    frames_of,
    played,
    played_anew,
)
from rtgen.evaluate.heard import Heard, Rows
from rtgen.evaluate.meter import Meter
from rtgen.evaluate.reconstruction import MARGIN_LEFT, MARGIN_RIGHT
from rtgen.evaluate.settings import Purpose, Settings
from rtgen.evaluate.systems import AUTOENCODER, CORPUS, FRESH, MODEL, SHUFFLED, Systems
from rtgen.stream.renderer import Renderer
from rtgen.timeline.controls import AUTO, Value, chroma_of
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import HOP, beats_per_frame

SHORT_SECONDS = 12.0
"""Clips for density, chroma and energy need be no longer."""
LOWEST_DENSITY, HIGHEST_DENSITY = 1.0, 14.0
LOWEST_ENERGY, HIGHEST_ENERGY = 0.15, 0.95
RAMP_SECONDS = 40.0
CHORD_FRAMES, CHORD_NOTES, TRIES_PER_CHORD = 128, 3, 12
STEADY_TEMPO = 0.005
MARGINS = MARGIN_LEFT + MARGIN_RIGHT
Play = Callable[[Renderer, int, ControlTimeline, int], Stereo]


def adherence(systems: Systems, meter: Meter) -> tuple[Rows, dict[str, Any]]:
    """Figures of every system, and what was asked and heard of the model clip by clip."""
    settings = systems.settings
    count, ramps = settings.clips, ramps_of(settings)
    meter.begin("Adherence", 2 * (4 * count + ramps) + (count + ramps + count // 3))
    heard = corpus_heard(systems, meter)
    model = heard[MODEL] = model_heard(systems, played, meter)
    heard[SHUFFLED] = model.shuffled()
    heard[FRESH] = model_heard(systems, played_anew, meter)
    share = heard[CORPUS].chroma_share() if CORPUS in heard else None
    rows: Rows = {system: h.figures(share) for system, h in heard.items()}
    curves: dict[str, Any] = {
        "tempo_tools": list(model.tempo[0][1]) if model.tempo else [],
        "tempo": [[asked, *found.values()] for asked, found in model.tempo],
        "density": model.density,
        "energy": model.energy,
        "ramps": model.ramps,
    }
    return rows, curves


def model_heard(systems: Systems, play: Play, meter: Meter) -> Heard:
    """The model, asked for steady controls one at a time, and for ramps of density."""
    heard = Heard()
    settings, renderer = systems.settings, systems.renderer
    manifest, count = renderer.bundle.manifest, settings.clips
    short = min(settings.seconds, SHORT_SECONDS)

    def clip(purpose: Purpose, k: int, controls: dict[str, Value], seconds: float) -> Stereo:
        meter.step()
        timeline = ControlTimeline({**steady_tempo(manifest, k), **controls})
        return play(renderer, settings.seed(purpose, k), timeline, frames_of(seconds))

    if systems.has_tempo:
        span = manifest.span("tempo")
        for k, bpm in enumerate(np.linspace(1.05 * span.low, 0.92 * span.high, count).tolist()):
            audio = clip(Purpose.TEMPO, k, {"tempo": bpm}, settings.seconds)
            heard.add_tempo(audio, bpm)
            at = START_FRAME + np.arange(len(audio) // HOP, dtype=np.float64)
            heard.add_kicks(audio, bpm, at * beats_per_frame(bpm))
    for k, wanted in enumerate(np.linspace(LOWEST_DENSITY, HIGHEST_DENSITY, count).tolist()):
        controls: dict[str, Value] = {"density": wanted, "energy": AUTO}
        heard.add_density(clip(Purpose.DENSITY, k, controls, short), wanted)
    for k in range(ramps_of(settings)):
        frames = frames_of(RAMP_SECONDS)
        timeline = ControlTimeline(
            {**steady_tempo(manifest, k), "density": LOWEST_DENSITY, "energy": AUTO}
        )
        timeline.set("density", HIGHEST_DENSITY, START_FRAME, frames)
        meter.step()
        audio = play(renderer, settings.seed(Purpose.RAMP, k), timeline, frames)
        heard.add_ramp(audio, timeline.values("density", START_FRAME, frames))
    rng = np.random.default_rng(5)
    for k in range(count):
        root, third = int(rng.integers(12)), int(rng.choice((3, 4)))
        chord = {root, (root + third) % 12, (root + 7) % 12}
        controls = {"chroma": chroma_of(chord), "density": AUTO}
        heard.add_chroma(clip(Purpose.CHROMA, k, controls, short), chord)
    for k, wanted in enumerate(np.linspace(LOWEST_ENERGY, HIGHEST_ENERGY, count).tolist()):
        heard.add_energy(clip(Purpose.ENERGY, k, {"energy": wanted}, short), wanted)
    return heard


def steady_tempo(manifest: Manifest, k: int) -> dict[str, Value]:
    """One of eight tempi for the clips that ask for something else."""
    if "tempo" not in manifest.controls:
        return {}
    span = manifest.span("tempo")
    return {"tempo": span.low + (0.1 + 0.1 * (k % 8)) * (span.high - span.low)}


def ramps_of(settings: Settings) -> int:
    """Clips with a moving density: an eighth of the others, two at least."""
    return max(settings.clips // 8, 2)


def corpus_heard(systems: Systems, meter: Meter) -> dict[str, Heard]:
    """The corpus and, where there is one, its autoencoded self, against the labels."""
    style, settings = systems.style, systems.settings
    if style is None:
        return {}
    views: dict[str, Callable[[Clip], Clip]] = {CORPUS: _inner}
    if systems.through is not None:
        views[AUTOENCODER] = systems.through.inner
    heard = {system: Heard() for system in views}
    make = partial(corpus_clip, style)
    for k in range(settings.clips):
        whole = make(settings.seed(Purpose.LABELLED, k), frames_of(settings.seconds) + MARGINS)
        for system, view in views.items():
            _add_labelled(heard[system], view(whole), systems.has_tempo)
        meter.step()
    for k in range(ramps_of(settings)):
        whole = make(settings.seed(Purpose.RAMPED_LABELS, k), frames_of(RAMP_SECONDS) + MARGINS)
        for system, view in views.items():
            clip = view(whole)
            heard[system].add_ramp(clip.audio, clip.labels.density)
        meter.step()
    for whole in held_chords(style, settings):
        for system, view in views.items():
            clip = view(whole)
            heard[system].add_chroma(clip.audio, np.flatnonzero(clip.labels.chroma[0]).tolist())
        meter.step()
    return heard


def _inner(clip: Clip) -> Clip:
    return clip.inner(MARGIN_LEFT, MARGIN_RIGHT)


def _add_labelled(heard: Heard, clip: Clip, with_beats: bool) -> None:
    labels = clip.labels
    bpm = float(labels.tempo_bpm.mean())
    if with_beats and np.ptp(labels.tempo_bpm) < STEADY_TEMPO * bpm:
        heard.add_tempo(clip.audio, bpm)
        heard.add_kicks(clip.audio, bpm, labels.beat_position)
    heard.add_density(clip.audio, float(labels.density.mean()))
    heard.add_energy(clip.audio, float(labels.energy.mean()))


def held_chords(style: str, settings: Settings) -> Iterator[Clip]:
    """Tracks of the corpus that hold one chord of three notes; a third as many as other clips."""
    frames = CHORD_FRAMES + MARGINS
    wanted = max(settings.clips // 3, 2)
    for k in range(wanted * TRIES_PER_CHORD):
        clip = corpus_clip(style, settings.seed(Purpose.CHORDS, k), frames)
        chord = clip.labels.chroma[0]
        if np.count_nonzero(chord) == CHORD_NOTES and (clip.labels.chroma == chord).all():
            yield clip
            wanted -= 1
            if wanted == 0:
                return
