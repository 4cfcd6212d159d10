"""Music of all kinds to ask a generator for, where a graph is calibrated or a generator taught."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rtgen.bundle.manifest import ControlRange, FrameManifest
from rtgen.export.quantise import Feed
from rtgen.timeline.controls import ANY_CHROMA, AUTO, CHROMA, TABLE, Value, chroma_of
from rtgen.timeline.coordinates import anchor_inputs
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.voice import Voice


@dataclass(frozen=True)
class Asker:
    """What the inputs of a generator depend on besides what is asked.

    Attributes
    ----------
    trunk : frames that its trunk reaches to each side.
    head_left : frames of the past that its head looks at.
    tempo : its range; None where there is no beat.
    lead_seconds : how much earlier beats are asked for.
    """

    trunk: tuple[int, int]
    head_left: int
    tempo: ControlRange | None
    lead_seconds: float

    @classmethod
    def of(cls, manifest: FrameManifest) -> Asker:
        """As a manifest says."""
        m, tempo = manifest.margins, manifest.controls.get("tempo")
        lead_seconds = manifest.beat_lead_ms / 1000
        return cls((m.trunk_left, m.trunk_right), m.head_left, tempo, lead_seconds)

    def feed(self, voice: Voice, timeline: ControlTimeline, first: int, frames: int) -> Feed:
        """Inputs (1, T, channels) for so many frames of a timeline."""
        behind, (left, right) = frames + self.head_left, self.trunk
        anchors = anchor_inputs(voice.seed, first - left, behind + left + right)
        beat = self.tempo is not None
        return {
            "anchors": anchors[None],
            "style": voice.style(timeline.values("morph", first, behind))[None],
            "controls": timeline.conditioning(first, behind, self.lead_seconds, beat)[None],
            "variation": timeline.variation(first, behind)[None],
        }


def settings(chance: np.random.Generator, k: int, tempo: ControlRange | None) -> dict[str, Value]:
    """Controls of passage k: each is free, at rest or anywhere in its range now and then."""
    found: dict[str, Value] = {
        name: float(chance.uniform(c.low, c.high))
        for name, c in TABLE.items()
        if not (c.auto and chance.random() < 0.25)
    }
    for name, c in TABLE.items():
        found.setdefault(name, AUTO)
        if not c.auto and chance.random() < 0.5:
            found[name] = float(c.default)
    if tempo is not None:
        found["tempo"] = float(chance.uniform(tempo.low, tempo.high))
    root, chord = int(chance.integers(12)), ((0, 4, 7), (0, 3, 7), (0, 3, 7, 10), (0,))[k % 4]
    held = chroma_of({(root + step) % 12 for step in chord})
    found[CHROMA] = held if k % 2 else ANY_CHROMA
    return found
