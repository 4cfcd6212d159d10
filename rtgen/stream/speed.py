"""How much faster than real time sound is made here, with nothing else running."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

import numpy as np

from rtgen.audio.synthesis import DecodedFrames, soft_ceiling, synthesise
from rtgen.bundle.load import Bundle
from rtgen.stream.offline import pieces
from rtgen.stream.renderer import LONG_BLOCK_FRAMES, BlockSource, Renderer, Voice
from rtgen.stream.sessions import PRECISIONS, Nets
from rtgen.stream.workers import Workers
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import HOP, RATE

FAR_SECONDS = 1000.0
"""Nothing that is made so far off is of use here."""
Factors = dict[str, float | int]
"""Median, min and max of the real-time factor, and the number of runs."""


def precisions(bundle: Bundle) -> list[str]:
    """Those that the bundle has a decoder for."""
    return [name for name, file in PRECISIONS.items() if file in bundle.graphs]


def rendering(bundle: Bundle, seconds: float, runs: int, count: int) -> dict[str, Factors]:
    """Real-time factors of rendering 44.1 kHz stereo as for a file, by precision, which take turns.

    Parameters
    ----------
    seconds : of music in a run.
    count : workers, one thread each.
    """
    with ExitStack() as stack:
        workers = {p: stack.enter_context(Workers(bundle, p, count)) for p in precisions(bundle)}
        return _timed({p: partial(_stretch, w, 0.0, seconds) for p, w in workers.items()}, runs)


def live(bundle: Bundle, seconds: float) -> float:
    """Real-time factor of one thread with the blocks of live playing, after a warm-up elsewhere.

    Parameters
    ----------
    seconds : of music.
    """
    renderer, starts = Renderer(bundle), iter((FAR_SECONDS, 0.0))
    timed = _timed({"live": lambda: _stretch(renderer, next(starts), seconds)}, runs=1)
    return float(timed["live"]["median"])


def _stretch(source: BlockSource, start_seconds: float, seconds: float) -> int:
    """Make a stretch; how many samples it has."""
    parts = pieces(source, Voice(7), ControlTimeline(), start_seconds, seconds, RATE)
    return sum(len(part) for part in parts)


def decoding(bundle: Bundle, seconds: float, runs: int) -> dict[str, Factors]:
    """Real-time factors of latents to samples by precision, on one thread.

    Raises
    ------
    BundleError when the bundle is not one of frames.
    """
    margins = bundle.frames.margins
    reach = margins.decoder_left + margins.decoder_right
    frames = LONG_BLOCK_FRAMES
    latents = np.random.default_rng(0).standard_normal((frames + 2 + reach, 64)).astype(np.float32)
    nets = {p: Nets(bundle, p) for p in precisions(bundle)}
    times = max(round(seconds * RATE / HOP / frames), 1)

    def run(precision: str) -> int:
        made = 0
        for k in range(times):
            decoded = DecodedFrames(*nets[precision].decode(latents))
            made += len(soft_ceiling(synthesise(decoded, k * frames, 0)))
        return made

    return _timed({p: partial(run, p) for p in nets}, runs)


def _timed(ways: dict[str, Callable[[], int]], runs: int) -> dict[str, Factors]:
    """Real-time factors of ways to make samples, which take turns."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for run in range(runs + 1):
        for name, way in ways.items():
            started = time.perf_counter()
            made = way()
            took = time.perf_counter() - started
            if run > 0:  # the first fills caches
                found[name].append(made / RATE / took)
    return {
        name: {"median": statistics.median(v), "min": min(v), "max": max(v), "runs": len(v)}
        for name, v in found.items()
    }
