"""How soon a control is heard: events against a stream that is read in real time.

The stream's own timeline says what would have been heard without the event; the first sample that
differs from that rendering by more than 1e-4 of full scale is the answer.
"""

from __future__ import annotations

import copy
import random
import time

import numpy as np

from rtgen.audio.resample import Resampler
from rtgen.bundle.load import load_bundle
from rtgen.stream.offline import samples
from rtgen.stream.player import Player
from rtgen.stream.renderer import Renderer
from rtgen.stream.sink import MemorySink

AUDIBLE = 1e-4
WATCH_SECONDS = 0.3


def measure(model: str, events: int, rate: int, block: int, seed: int = 11) -> list[float]:
    """Milliseconds from each event to the first changed sample; density and energy in turn."""
    bundle = load_bundle(model)
    sink = MemorySink(rate, 1 << 20)
    chance = random.Random(seed)
    reference, resampler = Renderer(bundle), Resampler(rate)
    found: list[float] = []
    with Player(bundle, sink, seed=seed, block=block) as player:
        while player.snapshot().lead_seconds < 1.0:
            time.sleep(0.01)
        clock = _Reader(sink, block)
        for index in range(events):
            clock.run(chance.uniform(0.25, 0.4))
            before = copy.deepcopy(player.timeline)
            name = ("density", "energy")[index % 2]
            low, high = ((1.0, 15.0), (0.2, 1.0))[index % 2]
            value = high if index % 4 < 2 else low
            at = sink.playhead()
            player.set(name, value)
            heard = clock.run(WATCH_SECONDS)
            expected = samples(reference, player.voice, before, resampler, at, len(heard))
            changed = np.flatnonzero(np.abs(heard - expected).max(1) > AUDIBLE)
            if len(changed):
                found.append(1000.0 * int(changed[0]) / rate)
            else:
                found.append(float("inf"))
    return found


class _Reader:
    """Reads blocks from a sink at the pace of a device."""

    def __init__(self, sink: MemorySink, block: int) -> None:
        self._sink, self._block = sink, block
        self._due = time.monotonic()

    def run(self, seconds: float) -> np.ndarray:
        """Read for a while; the samples."""
        parts = []
        self._due = max(self._due, time.monotonic())
        for _ in range(max(round(seconds * self._sink.rate / self._block), 1)):
            self._due += self._block / self._sink.rate
            time.sleep(max(self._due - time.monotonic(), 0))
            parts.append(self._sink.read(self._block))
        return np.concatenate(parts)
