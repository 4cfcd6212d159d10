"""Whether styles differ: many clips of each, told apart by a linear probe that has not heard them.

A style of the corpus is a track; its clips are cut from it one after the other. A style of the
model is a style vector; its clips differ in their anchors only and share their controls. The probe
is scikit-learn's logistic regression on the mean point of each clip, cross-validated by clip.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import numpy.typing as npt

from rtgen.evaluate.clips import START_FRAME, Clip, Stereo, corpus_clip, frames_of
from rtgen.evaluate.coherence import distances
from rtgen.evaluate.embeddings import Embedding, Points, too_short
from rtgen.evaluate.frechet import Scale
from rtgen.evaluate.gathered import Gathered
from rtgen.evaluate.heard import Row, Rows
from rtgen.evaluate.meter import Meter
from rtgen.evaluate.reconstruction import MARGIN_LEFT, MARGIN_RIGHT
from rtgen.evaluate.settings import Purpose
from rtgen.evaluate.systems import AUTOENCODER, CORPUS, MODEL, SHUFFLED, Systems
from rtgen.stream.renderer import Voice
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import HOP

FOLDS = 5
Numbers = npt.NDArray[np.int64]


def styles(systems: Systems, embeddings: list[Embedding], meter: Meter) -> Rows:
    """Accuracy of probes, and distances between styles over those within one.

    The row `shuffled` is the model's with styles dealt out at random: chance.
    """
    settings = systems.settings
    each = settings.clips_per_style
    meter.begin("Styles", settings.styles)
    heard = Gathered(embeddings)
    for k in range(settings.styles):
        for system, audio in _clips_of_style(systems, k):
            heard.add(system, audio)
        meter.step()
    labels = np.repeat(np.arange(settings.styles), each)
    rows: Rows = {}
    for embedding in embeddings:
        clips = heard.of(embedding)
        if any(len(points) == 0 for points in clips[MODEL]):
            raise too_short(embedding.name, "--style-seconds")
        named = {system: np.array([p.mean(0) for p in found]) for system, found in clips.items()}
        for system, x in named.items():
            rows.setdefault(system, {}).update(style_figures(embedding.name, x, labels))
        dealt = np.random.default_rng(3).permutation(labels)
        rows.setdefault(SHUFFLED, {}).update(style_figures(embedding.name, named[MODEL], dealt))
    return rows


def _clips_of_style(systems: Systems, k: int) -> Iterator[tuple[str, Stereo]]:
    """Clips of one style by every system that has styles."""
    settings = systems.settings
    seed, each = settings.seed(Purpose.STYLES, k), settings.clips_per_style
    frames = frames_of(settings.style_seconds)
    for i in range(each):
        voice = Voice(settings.seed(Purpose.STYLE_CLIPS, k * each + i), style_a=seed)
        yield MODEL, systems.renderer.render(voice, ControlTimeline(), START_FRAME, frames)
    if systems.style is None:
        return
    whole = corpus_clip(systems.style, seed, each * frames + MARGIN_LEFT + MARGIN_RIGHT)
    views: dict[str, Clip] = {CORPUS: whole.inner(MARGIN_LEFT, MARGIN_RIGHT)}
    if systems.through is not None:
        views[AUTOENCODER] = systems.through.inner(whole)
    for system, clip in views.items():
        for i in range(each):
            yield system, clip.audio[i * frames * HOP : (i + 1) * frames * HOP]


def style_figures(name: str, x: Points, labels: Numbers) -> Row:
    """Figures of clips (n, dimensions) with their styles (n,)."""
    return {
        f"style_probe:{name}": probe(x, labels),
        f"style_pairs:{name}": float(
            np.mean(
                [
                    probe(x[(labels == a) | (labels == b)], labels[(labels == a) | (labels == b)])
                    for a, b in combinations(np.unique(labels).tolist(), 2)
                ]
            )
        ),
        f"style_spread:{name}": between_over_within(x, labels),
    }


def probe(x: Points, labels: Numbers) -> float:
    """Share of held-out clips whose style a linear probe names, over five folds by clip."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    return float(cross_val_score(model, x, labels, cv=folds).mean())


def between_over_within(x: Points, labels: Numbers) -> float:
    """Mean distance between clips of different styles over that between clips of one style, each
    dimension scaled to unit variance."""
    scaled = Scale.of(x)(x)
    table = distances(scaled, scaled)
    same = labels[:, None] == labels
    apart = ~np.eye(len(x), dtype=bool)
    return float(table[~same].mean() / max(float(table[same & apart].mean()), 1e-12))
