"""The model and its baselines, side by side on the labels of held-out tracks.

| system | what it is |
|---|---|
| model | plays what the labels of a track say |
| corpus | the track itself: how far the tools can be trusted |
| autoencoder | the track, encoded and decoded: how far the model's sound could get |
| shuffled | the model with the tempo of one track and the other controls of three others |
| fresh | the model with new anchors and a new style every 3 s: what a short context gives |
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from rtgen.corpus.stream import STYLES
from rtgen.corpus.track import Labels
from rtgen.evaluate.clips import (
    Stereo,
    corpus_clip,
    labelled_timeline,
    mixed_labels,
    played,
    played_anew,
)
from rtgen.evaluate.reconstruction import MARGIN_LEFT, MARGIN_RIGHT, Reconstructor
from rtgen.evaluate.settings import Purpose, Settings
from rtgen.stream.renderer import Renderer
from rtgen.timeline.events import ControlTimeline

MODEL, CORPUS, AUTOENCODER, SHUFFLED, FRESH = SYSTEMS = (
    "model",
    "corpus",
    "autoencoder",
    "shuffled",
    "fresh",
)
OTHERS = 3
"""Tracks besides the first that shuffled controls are taken from."""


@dataclass(frozen=True)
class Systems:
    """What is compared.

    Attributes
    ----------
    renderer : of the model.
    through : its autoencoder, or None where there is none.
    settings : how much is measured.
    """

    renderer: Renderer
    through: Reconstructor | None
    settings: Settings

    @property
    def style(self) -> str | None:
        """Style of the corpus; None where the model was not made from a corpus of ours."""
        style = self.renderer.bundle.manifest.style
        return style if style in STYLES else None

    @property
    def has_tempo(self) -> bool:
        """Whether the model can be asked for a tempo."""
        return "tempo" in self.renderer.bundle.manifest.controls

    def stretches(self, purpose: Purpose, count: int, frames: int) -> Iterator[dict[str, Stereo]]:
        """`count` times (frames * 2048, 2) samples of every system that can be made.

        Without a corpus that is the model and `fresh`, at their default controls.
        """
        if self.style is None:
            for k in range(count):
                seed, timeline = self.settings.seed(purpose, k), ControlTimeline()
                yield {
                    MODEL: played(self.renderer, seed, timeline, frames),
                    FRESH: played_anew(self.renderer, seed, timeline, frames),
                }
            return
        around = frames + MARGIN_LEFT + MARGIN_RIGHT
        clips = (
            corpus_clip(self.style, self.settings.seed(purpose, k), around)
            for k in range(OTHERS + count)
        )
        others: deque[Labels] = deque(maxlen=OTHERS)
        for k, whole in enumerate(clips):
            clip = whole.inner(MARGIN_LEFT, MARGIN_RIGHT)
            if k >= OTHERS:
                made = {CORPUS: clip.audio}
                if self.through is not None:
                    made[AUTOENCODER] = self.through.inner(whole).audio
                yield made | self._played(self.settings.seed(purpose, k), clip.labels, *others)
            others.append(clip.labels)

    def _played(self, seed: int, labels: Labels, *others: Labels) -> dict[str, Stereo]:
        manifest, frames = self.renderer.bundle.manifest, len(labels.tempo_bpm)
        asked = labelled_timeline(labels, manifest)
        wrong = labelled_timeline(mixed_labels(labels, *others), manifest)
        return {
            MODEL: played(self.renderer, seed, asked, frames),
            SHUFFLED: played(self.renderer, seed, wrong, frames),
            FRESH: played_anew(self.renderer, seed, asked, frames),
        }
