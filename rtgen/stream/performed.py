"""Passages to sound: what was heard, made again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from rtgen.stream.offline import pieces
from rtgen.stream.renderer import BlockSource
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.passage import Passage
from rtgen.timeline.voice import Voice

FADE_SECONDS = 0.01
Floats = npt.NDArray[np.float32]


def performed(
    source: BlockSource,
    passages: Sequence[Passage],
    rate: int,
    voice: Voice | None = None,
) -> Iterator[Floats]:
    """Samples (n, 2) of passages one after the other, cross-faded where the voice or the place
    changes.

    Parameters
    ----------
    voice : plays everything, instead of those that were heard.
    """
    joiner = _Joiner(round(FADE_SECONDS * rate))
    for passage in passages:
        timeline = passage.timeline()
        voices = passage.voices if voice is None else ((passage.start, voice),)
        ends = [*(at for at, _ in voices[1:]), passage.start + passage.seconds]
        for (start, heard), end in zip(voices, ends, strict=True):
            first, last = round(start * rate), round(end * rate)
            made = _stretch(source, heard, timeline, first, last + joiner.length, rate)
            yield from joiner.join(made, last - first)


def _stretch(
    source: BlockSource, voice: Voice, timeline: ControlTimeline, first: int, end: int, rate: int
) -> Iterator[Floats]:
    return pieces(source, voice, timeline, first / rate, (end - first) / rate, rate)


class _Joiner:
    """Lays stretches end to end; each brings `length` samples more than it is long, which fade."""

    def __init__(self, length: int) -> None:
        self.length = length
        turn = np.linspace(0, math.pi / 2, length, endpoint=False, dtype=np.float32)[:, None]
        self._rise, self._fall = np.sin(turn), np.cos(turn)
        self._over = np.zeros((length, 2), np.float32)
        self._begun = False

    def join(self, made: Iterator[Floats], n: int) -> Iterator[Floats]:
        """The next `n` samples; what is left of `made` goes under the stretch that follows."""
        at, tail = 0, []
        for given in made:
            piece = given.copy()
            rising = self._rise[at : at + len(piece)] if self._begun else self._rise[:0]
            piece[: len(rising)] *= rising
            main = max(min(n - at, len(piece)), 0)
            if main:
                yield self._under(piece[:main])
            tail.append(piece[main:])
            at += len(piece)
        self._over += np.concatenate(tail) * self._fall
        self._begun = True

    def _under(self, piece: Floats) -> Floats:
        k = min(len(piece), self.length)
        piece[:k] += self._over[:k]
        self._over = np.concatenate([self._over[k:], np.zeros((k, 2), np.float32)])
        return piece
