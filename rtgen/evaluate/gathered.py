"""Points of many clips, by system and by embedding."""

from __future__ import annotations

from rtgen.evaluate.clips import Stereo
from rtgen.evaluate.embeddings import STEP_SECONDS, Embedding, Points


class Gathered:
    """Hears clips once with every embedding and keeps nothing but the points.

    Parameters
    ----------
    embeddings : which to hear with.
    step_seconds : between the windows of a clip.
    """

    def __init__(self, embeddings: list[Embedding], step_seconds: float = STEP_SECONDS) -> None:
        self.embeddings = embeddings
        self._step_seconds = step_seconds
        self._points: dict[str, dict[str, list[Points]]] = {e.name: {} for e in embeddings}

    def add(self, system: str, audio: Stereo) -> None:
        """A clip of a system."""
        for embedding in self.embeddings:
            points = embedding(audio, self._step_seconds)
            self._points[embedding.name].setdefault(system, []).append(points)

    def of(self, embedding: Embedding) -> dict[str, list[Points]]:
        """Points (windows, dimensions) of each clip in order, by system."""
        return self._points[embedding.name]
