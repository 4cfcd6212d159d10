"""Rows of numbers that seldom change, kept as their changes: a stream may be played for days."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rtgen.timeline.passage import ran_by
from rtgen.timeline.units import FRAMES_PER_SECOND

Rows = npt.NDArray[np.float64]
EXACT_BEAT = 1e-6
"""Beats by which what is kept may differ from what was given."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Rows of which only some are held: small, and alike where their numbers are.

    Attributes
    ----------
    at : places of those that are held, as the bytes of 64-bit numbers; the first is 0.
    held : their values, as the bytes of doubles.
    width : numbers in a row; None where a row is one number.
    """

    at: bytes
    held: bytes
    width: int | None = None

    @property
    def places(self) -> npt.NDArray[np.int64]:
        """Where the rows lie that are held."""
        return np.frombuffer(self.at, np.int64)

    @property
    def values(self) -> Rows:
        """The rows that are held."""
        values = np.frombuffer(self.held, np.float64)
        return values if self.width is None else values.reshape(-1, self.width)

    def lengths(self, count: int) -> npt.NDArray[np.int64]:
        """How many of `count` rows each one that is held stands for."""
        return np.diff(self.places, append=count)


class SparseRows:
    """A lane (n,) or (n, m), of which only rows that differ from the one before are held."""

    __slots__ = ("_at", "_count", "_held", "_last")

    def __init__(self) -> None:
        self._count = 0
        self._at = array("q")
        self._held = array("d")
        self._last: Rows | None = None

    def extend(self, rows: Rows) -> None:
        """Add rows at the end."""
        before = rows[:1] if self._last is None else self._last
        earlier = np.concatenate([before, rows[:-1]])
        same = (rows == earlier) | (np.isnan(rows) & np.isnan(earlier))
        differs = ~same.reshape(len(rows), -1).all(axis=1)
        differs[0] |= self._last is None
        found = np.flatnonzero(differs)
        if len(found):
            self._at.extend((found + self._count).tolist())
            self._held.frombytes(rows[found].tobytes())
        self._count += len(rows)
        self._last = rows[-1:].copy()

    def changes(self) -> Changes:
        """What is held; rows must have been added."""
        assert self._last is not None
        width = None if self._last.ndim == 1 else self._last.shape[1]
        return Changes(self._at.tobytes(), self._held.tobytes(), width)


def dense_rows(kept: Changes, count: int) -> Rows:
    """All rows of a lane, to be read only."""
    if len(kept.places) == 1:  # most lanes of most passages: they take no room
        return np.broadcast_to(kept.values[0], (count, *kept.values.shape[1:]))
    return np.repeat(kept.values, kept.lengths(count), axis=0)


class SparseBeats:
    """Beat positions (n,), of which only those are held that the tempo does not lead to."""

    __slots__ = ("_at", "_count", "_expected", "_held")

    def __init__(self) -> None:
        self._count = 0
        self._at = array("q")
        self._held = array("d")
        self._expected = np.nan

    def extend(self, beats: Rows, tempo: Rows) -> None:
        """Add beats (n,) at the end, with the tempi (n,) of the same frames."""
        expected = self._expected + ran_by(tempo)
        k = 0
        while True:
            near = np.abs(expected[k:] - beats[k:]) <= EXACT_BEAT
            if near.all():
                break
            k += int(near.argmin())
            self._at.append(self._count + k)
            self._held.append(float(beats[k]))
            expected[k:] = beats[k] + ran_by(tempo[k:])
        self._count += len(beats)
        self._expected = float(expected[-1] + tempo[-1] / 60 / FRAMES_PER_SECOND)

    def changes(self) -> Changes:
        """What is held; beats must have been added."""
        return Changes(self._at.tobytes(), self._held.tobytes())


def dense_beats(kept: Changes, tempo: Rows) -> Rows:
    """All beats, with all tempi (n,) given again."""
    ran = ran_by(tempo)
    return ran + np.repeat(kept.values - ran[kept.places], kept.lengths(len(tempo)))
