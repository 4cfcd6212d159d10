"""Clips streamed to training without files, and the seed ranges that keep training honest."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat

from rtgen.corpus import studies
from rtgen.corpus.piano import render_piano
from rtgen.corpus.techno import render_techno
from rtgen.corpus.track import Samples, Track

TRAIN_SEEDS = range(0, 10_000_000)
SELECT_SEEDS = range(10_000_000, 11_000_000)
TEST_SEEDS = range(11_000_000, 12_000_000)
STYLES = {"techno": render_techno, "piano": render_piano}
TEMPO_RANGES = {"techno": (100.0, 180.0)}
"""Beats per minute that a style was drawn from; a style that is not here has no beat to follow."""
ALL = "all"
"""Every style and studies, by turns: what an autoencoder for all of them learns from."""
SETTLING = "settling"
"""Mostly held chords, and all else by turns: what a decoder settles on."""
_TURNS = {
    ALL: (*("techno", "piano") * 4, "studies", "techno", "studies"),
    SETTLING: (
        *("chords", "techno", "chords", "chords", "piano", "chords") * 2,
        *("chords", "studies", "chords"),
    ),
}
_STUDIES = {"studies": studies.MIXED, "chords": studies.CHORDS}


def stems_of(style: str, seed: int, frames: int) -> dict[str, Samples]:
    """Stems `low`, `noise` and `tones`, each (2, frames * 2048), of a seed.

    Parameters
    ----------
    style : a key of STYLES, `studies`, `chords`, ALL or SETTLING.
    """
    if style in _TURNS:
        style = _TURNS[style][seed % len(_TURNS[style])]
    if style in _STUDIES:
        return studies.render_study(seed, frames, _STUDIES[style])
    return STYLES[style](seed, frames).stems


def clips(style: str, seeds: range, frames: int, workers: int = 1) -> Iterator[Track]:
    """Tracks of the seeds, in order.

    Parameters
    ----------
    style : a key of STYLES.
    seeds : which tracks.
    frames : length of each in frames.
    workers : processes; 0 renders in this one.
    """
    render = STYLES[style]
    if workers == 0:
        yield from map(render, seeds, repeat(frames))
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(render, seeds, repeat(frames), chunksize=2)
