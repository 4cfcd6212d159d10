"""The tempo map of a MIDI file: seconds, ticks and beats, each from the other."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

SLOWEST = 2**24 - 1
"""Microseconds a beat that a MIDI file can say."""
DEFAULT_BPM = 120.0


class TempoMap:
    """Tempi that begin at ticks.

    Parameters
    ----------
    ticks_per_beat : of the file.
    bpm : until the first of them.
    """

    def __init__(self, ticks_per_beat: int, bpm: float = DEFAULT_BPM) -> None:
        self.ticks_per_beat = ticks_per_beat
        self._ticks, self._seconds, self._micros = [0], [0.0], [_micros(bpm)]

    @classmethod
    def of_ticks(
        cls, ticks_per_beat: int, tempi: Iterable[tuple[int, int]], bpm: float = DEFAULT_BPM
    ) -> TempoMap:
        """From ticks in order and microseconds a beat."""
        out = cls(ticks_per_beat, bpm)
        for tick, micros in tempi:
            out._put(tick, max(micros, 1))
        return out

    def add(self, seconds: float, bpm: float) -> tuple[int, int]:
        """A tempo from the tick next to a time on, later than all before; tick, microseconds."""
        tick, micros = self.tick(seconds), _micros(bpm)
        self._put(tick, micros)
        return tick, micros

    def tick(self, seconds: float) -> int:
        """The tick next to a time."""
        k = max(bisect_right(self._seconds, seconds) - 1, 0)
        since = seconds - self._seconds[k]
        return self._ticks[k] + round(since * 1e6 / self._micros[k] * self.ticks_per_beat)

    def seconds(self, tick: int) -> float:
        """The time of a tick."""
        k = bisect_right(self._ticks, tick) - 1
        since = (tick - self._ticks[k]) / self.ticks_per_beat
        return self._seconds[k] + since * self._micros[k] / 1e6

    def beats(self, seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Beats (n,) since the first tick, at times (n,)."""
        k = self._at(seconds)
        since = seconds - np.asarray(self._seconds)[k]
        ticks = np.asarray(self._ticks, float)[k]
        return np.asarray(ticks / self.ticks_per_beat + since * 1e6 / np.asarray(self._micros)[k])

    def bpm(self, seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Tempi (n,) at times (n,)."""
        return np.asarray(60e6 / np.asarray(self._micros, float)[self._at(seconds)])

    def _at(self, seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
        return np.maximum(np.searchsorted(self._seconds, seconds, side="right") - 1, 0)

    def _put(self, tick: int, micros: int) -> None:
        if tick == self._ticks[-1]:
            self._micros[-1] = micros
            return
        self._seconds.append(self.seconds(tick))
        self._ticks.append(tick)
        self._micros.append(micros)


def _micros(bpm: float) -> int:
    return min(max(round(60e6 / bpm), 1), SLOWEST)
