"""Long streams of every system: do they stay one piece, and do they show where they were joined?"""

from __future__ import annotations

from typing import Any

import numpy as np

from rtgen.evaluate.clips import START_FRAME, frames_of, played, played_anew
from rtgen.evaluate.coherence import STEP_SECONDS, coherence, near_and_far, recognised
from rtgen.evaluate.embeddings import Embedding
from rtgen.evaluate.frechet import Scale
from rtgen.evaluate.gathered import Gathered
from rtgen.evaluate.heard import Rows
from rtgen.evaluate.meter import Meter
from rtgen.evaluate.seams import Seams
from rtgen.evaluate.settings import Purpose
from rtgen.evaluate.systems import CORPUS, FRESH, MODEL, Systems
from rtgen.stream.renderer import BLOCK_FRAMES, LONG_BLOCK_FRAMES, Renderer, Voice
from rtgen.timeline.events import ControlTimeline

COMPARED_FRAMES = 512


def streams(
    systems: Systems, embeddings: list[Embedding], meter: Meter
) -> tuple[Rows, dict[str, Any]]:
    """Figures of coherence and seams by system, and coherence by lag for a plot.

    The renderer's grid should be that of live playing, since that is where its seams are.
    """
    settings = systems.settings
    frames = frames_of(settings.stream_seconds)
    meter.begin("Long streams", 2 * settings.streams)
    heard = Gathered(embeddings, STEP_SECONDS)
    seams: dict[str, Seams] = {}
    for made in systems.stretches(Purpose.STREAMS, settings.streams, frames):
        for system, audio in made.items():
            seams.setdefault(system, Seams()).add(audio)
            heard.add(system, audio)
        meter.step()
    rows: Rows = {system: seam.figures() for system, seam in seams.items()}
    for system, row in known_alone(systems, embeddings, meter).items():
        rows[system] |= row
    rows[MODEL]["chunk_difference_db"] = chunk_difference_db(systems.renderer, settings.first_seed)
    curves: dict[str, Any] = {}
    for embedding in embeddings:
        points = heard.of(embedding)
        # One scale for all, the corpus's where there is one, or systems could not be compared.
        scale = Scale.of(np.concatenate(points.get(CORPUS, points[MODEL])))
        for system, found in points.items():
            scaled = [scale(p) for p in found]
            curve = coherence(scaled)
            near, far = near_and_far(curve)
            rows[system] |= {
                f"coherence_near:{embedding.name}": near,
                f"coherence_far:{embedding.name}": far,
                f"coherence_probe:{embedding.name}": recognised(scaled),
            }
            if embedding is embeddings[0]:
                curves[system] = curve.tolist()
    return rows, {"step_seconds": STEP_SECONDS, "coherence": curves}


def known_alone(systems: Systems, embeddings: list[Embedding], meter: Meter) -> Rows:
    """How well streams are known that share their controls and differ by their seed alone."""
    settings = systems.settings
    heard = Gathered(embeddings, STEP_SECONDS)
    for k in range(settings.streams):
        for system, play in ((MODEL, played), (FRESH, played_anew)):
            seed, frames = settings.seed(Purpose.STREAMS, k), frames_of(settings.stream_seconds)
            heard.add(system, play(systems.renderer, seed, ControlTimeline(), frames))
        meter.step()
    return {
        system: {f"coherence_alone:{e.name}": recognised(heard.of(e)[system]) for e in embeddings}
        for system in (MODEL, FRESH)
    }


def chunk_difference_db(renderer: Renderer, seed: int) -> float:
    """Largest difference between a stretch cut into short blocks and one cut into long blocks, in
    dB of full scale, at least -160."""
    other = BLOCK_FRAMES if renderer.block_frames == LONG_BLOCK_FRAMES else LONG_BLOCK_FRAMES
    again = Renderer(renderer.bundle, block_frames=other)
    voice, timeline = Voice(seed), ControlTimeline()
    a, b = (r.render(voice, timeline, START_FRAME, COMPARED_FRAMES) for r in (renderer, again))
    return float(20 * np.log10(max(float(np.abs(a - b).max()), 1e-8)))
