"""Writes one clip of the corpus to a file, with a line that says what it holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rtgen.corpus.stream import STYLES
from rtgen.corpus.track import HOP, RATE
from rtgen.errors import RenderError


def write_preview(style: str, seed: int, path: Path, seconds: float) -> str:
    """Render and write a clip; returns a summary of its labels.

    Raises
    ------
    KeyError when the style is unknown; RenderError when the file cannot be written.
    """
    import soundfile

    track = STYLES[style](seed, max(int(np.ceil(seconds * RATE / HOP)), 1))
    try:
        soundfile.write(path, track.mix.T[: int(seconds * RATE)], RATE)
    except soundfile.LibsndfileError as error:
        raise RenderError(
            f"cannot write {path}: {error.error_string.rstrip('.')}",
            value=str(path),
            hint="choose another --out",
        ) from error
    labels = track.labels
    bpm = float(labels.tempo_bpm.mean())
    tempo = "no beat" if np.isnan(bpm) else f"{bpm:.1f} bpm"
    return (
        f"{style} seed {seed}: {tempo}, "
        f"density {labels.density.mean():.1f} onsets/s, energy {labels.energy.mean():.2f}"
    )
