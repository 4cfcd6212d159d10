"""Rows of numbers that seldom change, kept as their changes: a stream may be played for days."""

from __future__ import annotations

from array import array

import numpy as np
import numpy.typing as npt

from rtgen.timeline.passage import ran_by
from rtgen.timeline.units import FRAMES_PER_SECOND

Rows = npt.NDArray[np.float64]
EXACT_BEAT = 1e-6
"""Beats by which what is kept may differ from what was given."""


class SparseRows:
    """A lane (n,) or (n, m), of which only rows that differ from the one before are held."""

    def __init__(self) -> None:
        self._count = 0
        self._at = array("q")
        self._values = array("d")
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
            self._values.frombytes(rows[found].tobytes())
        self._count += len(rows)
        self._last = rows[-1:].copy()

    def dense(self) -> Rows:
        """All rows, to be read only; at least one must have been added."""
        assert self._last is not None
        kept = np.array(self._values).reshape(len(self._at), *self._last.shape[1:])
        if len(self._at) == 1:  # most lanes of most passages: they take no room
            return np.broadcast_to(kept[0], (self._count, *kept.shape[1:]))
        lengths = np.diff([*self._at, self._count])
        return np.repeat(kept, lengths, axis=0)


class SparseBeats:
    """Beat positions (n,), of which only those are held that the tempo does not lead to."""

    def __init__(self) -> None:
        self._count = 0
        self._at = array("q")
        self._beats = array("d")
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
            self._beats.append(float(beats[k]))
            expected[k:] = beats[k] + ran_by(tempo[k:])
        self._count += len(beats)
        self._expected = float(expected[-1] + tempo[-1] / 60 / FRAMES_PER_SECOND)

    def dense(self, tempo: Rows) -> Rows:
        """All beats, with all tempi (n,) given again; at least one must have been added."""
        ran = ran_by(tempo)
        lengths = np.diff([*self._at, self._count])
        offsets = np.array(self._beats) - ran[np.array(self._at)]
        return ran + np.repeat(offsets, lengths)
