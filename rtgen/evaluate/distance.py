"""How like held-out corpus each system sounds, and how loud it is, on the same clips."""

from __future__ import annotations

import numpy as np

from rtgen.evaluate.clips import corpus_clip, frames_of
from rtgen.evaluate.embeddings import Embedding, Points, too_short
from rtgen.evaluate.frechet import Scale, frechet, frechet_at_infinity
from rtgen.evaluate.gathered import Gathered
from rtgen.evaluate.heard import Rows
from rtgen.evaluate.levels import Levels
from rtgen.evaluate.meter import Meter
from rtgen.evaluate.reconstruction import spectral_distance_db
from rtgen.evaluate.settings import Purpose
from rtgen.evaluate.systems import AUTOENCODER, CORPUS, Systems


def distance(systems: Systems, embeddings: list[Embedding], meter: Meter) -> Rows:
    """Frechet distances to tracks that none of the systems played, levels, and the spectral
    distance of the autoencoder."""
    settings = systems.settings
    count, frames = settings.distance_clips, frames_of(settings.distance_seconds)
    meter.begin("Frechet distance, loudness", count * (2 if systems.style else 1))
    reference, heard = Gathered(embeddings), Gathered(embeddings)
    if systems.style is not None:
        for k in range(count):
            audio = corpus_clip(systems.style, settings.seed(Purpose.REFERENCE, k), frames).audio
            reference.add(CORPUS, audio)
            meter.step()
    levels: dict[str, Levels] = {}
    spectral = []
    for made in systems.stretches(Purpose.HELD_OUT, count, frames):
        for system, audio in made.items():
            levels.setdefault(system, Levels()).add(audio)
            if systems.style is not None:
                heard.add(system, audio)
        if AUTOENCODER in made:
            spectral.append(spectral_distance_db(made[CORPUS], made[AUTOENCODER]))
        meter.step()
    rows: Rows = {system: level.figures() for system, level in levels.items()}
    for embedding in embeddings if systems.style is not None else []:
        tracks = reference.of(embedding)[CORPUS]
        for system, row in frechet_rows(embedding.name, tracks, heard.of(embedding)).items():
            rows[system] |= row
    if spectral:
        rows[AUTOENCODER]["spectral_distance_db"] = float(np.mean(spectral))
    return rows


def frechet_rows(name: str, reference: list[Points], clips: dict[str, list[Points]]) -> Rows:
    """Distances of every system in one embedding, on the scale of the reference.

    Raises
    ------
    EvaluationError when the embedding found too little to measure.
    """
    if sum(map(len, reference)) < 2 or any(len(p) == 0 for p in reference):
        raise too_short(name, "--distance-seconds")
    scale = Scale.of(np.concatenate(reference))
    scaled = [scale(p) for p in reference]
    rows: Rows = {}
    for system, found in clips.items():
        mine = [scale(p) for p in found]
        rows[system] = {
            f"fad:{name}": frechet(np.concatenate(scaled), np.concatenate(mine)),
            f"fad_endless:{name}": frechet_at_infinity(scaled, mine),
        }
    # With few clips every distance is mostly bias, and ratios of it say nothing.
    floor = rows.get(AUTOENCODER, {}).get(f"fad_endless:{name}")
    for row in rows.values():
        endless = row[f"fad_endless:{name}"]
        row[f"fad_ratio:{name}"] = endless / floor if endless is not None and floor else None
    return rows
