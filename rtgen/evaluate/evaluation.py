"""All measurements in order."""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass, field, replace
from typing import Any

from rtgen.bundle.load import Bundle
from rtgen.bundle.manifest import FrameManifest
from rtgen.evaluate.adherence import adherence
from rtgen.evaluate.distance import distance
from rtgen.evaluate.embeddings import Embedding, OnnxEmbedding, Texture
from rtgen.evaluate.heard import Row, Rows
from rtgen.evaluate.meter import Meter
from rtgen.evaluate.reconstruction import Features, Reconstructor, pitch, tone
from rtgen.evaluate.settings import Purpose, Settings
from rtgen.evaluate.streams import streams
from rtgen.evaluate.styles import styles
from rtgen.evaluate.systems import AUTOENCODER, SYSTEMS, Systems
from rtgen.stream.renderer import LONG_BLOCK_FRAMES, Renderer
from rtgen.stream.speed import decoding, rendering


@dataclass
class Evaluation:
    """What was found.

    Attributes
    ----------
    rows : figures by system; a figure that a system cannot have is absent or None.
    embeddings : names, ours first.
    curves : what plots are made of.
    speed : real-time factors, where they were measured.
    notes : sentences on what is missing, and why.
    """

    bundle: Bundle
    settings: Settings
    embeddings: list[str]
    rows: Rows = field(default_factory=lambda: {system: {} for system in SYSTEMS})
    curves: dict[str, Any] = field(default_factory=dict)
    speed: dict[str, Any] | None = None
    notes: list[str] = field(default_factory=list)

    def add(self, rows: Rows) -> None:
        """Take in figures; one that is no finite number counts as none."""
        for system, row in rows.items():
            self.rows[system] |= {
                key: None if value is None or not math.isfinite(value) else value
                for key, value in row.items()
            }


def evaluate(
    bundle: Bundle,
    settings: Settings,
    meter: Meter,
    encoder: bytes | None,
    features: Features | None,
    with_speed: bool = True,
) -> Evaluation:
    """Measure a bundle.

    Parameters
    ----------
    encoder : its ONNX encoder, or None where it has none.
    features : makes the encoder's input, or None where torch is missing.
    with_speed : off where other programs run, which would make the figures wrong.

    Raises
    ------
    EvaluationError for an embedding or encoder that cannot be used.
    """
    embeddings: list[Embedding] = [Texture()]
    if settings.embedding is not None:
        embeddings.append(
            OnnxEmbedding(settings.embedding, settings.embedding_rate, settings.embedding_input)
        )
    found = Evaluation(bundle, settings, [e.name for e in embeddings])
    through = None
    if encoder is None:
        found.notes.append(
            "No row for the autoencoder: the bundle has no encoder; give one with --encoder."
        )
    elif features is None:
        found.notes.append(
            "No row for the autoencoder: its input needs torch; pip install 'rtgen[train]'."
        )
    else:
        through = Reconstructor(bundle, encoder, features)
    live = Systems(Renderer(bundle), through, settings)
    systems = replace(live, renderer=Renderer(bundle, block_frames=LONG_BLOCK_FRAMES))
    _note_what_is_missing(found, systems)
    rows, found.curves = adherence(systems, meter)
    found.add(rows)
    found.add(distance(systems, embeddings, meter))
    found.add(styles(systems, embeddings, meter))
    rows, found.curves["streams"] = streams(live, embeddings, meter)
    found.add(rows)
    if through is not None:
        meter.begin("Held notes", 1)
        found.add({AUTOENCODER: held_notes(through, settings)})
        meter.step()
    if with_speed:
        meter.begin("Speed", 1)
        length, runs = settings.speed_seconds, settings.speed_runs
        found.speed = {"rendering, two workers": rendering(bundle, length, runs, 2)}
        if isinstance(bundle.manifest, FrameManifest):
            found.speed["decoder alone, one thread"] = decoding(bundle, length, runs)
        meter.step()
    return found


def held_notes(through: Reconstructor, settings: Settings) -> Row:
    """Chords and a tone through the autoencoder."""
    chords = [settings.seed(Purpose.HELD_CHORDS, k) for k in range(settings.chords)]
    error = pitch(through, chords)
    return {
        "pitch_error_db": error["error_db"],
        "pitch_ratio": error["ratio"],
        "tone_share": tone(through),
    }


def _note_what_is_missing(found: Evaluation, systems: Systems) -> None:
    if not systems.has_tempo:
        found.notes.append("No tempo or beats: the model has no control of tempo.")
    elif shutil.which("aubio") is None:
        found.notes.append("No tempo by aubio: the program aubio is not here.")
    if systems.style is None:
        style = systems.renderer.bundle.manifest.style
        found.notes.append(
            f"Nothing to compare with: there is no corpus of the style {style} here."
        )
