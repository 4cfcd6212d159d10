"""How often changes are answered: soon, and yet so seldom that sound never runs short.

A take that answers a change begins with nothing made. Each is followed by a rest as long as it took
to be ahead again, so a knob that moves without end, in one stream or in many, takes a part of the
processor that leaves room for all of them.
"""

from __future__ import annotations

FLOOR_SECONDS = 0.25
COALESCE_SECONDS = 0.02
REST_PER_FILLING = 1.0
LEAD_PER_FILLING = 4.0
MOST_LEAD_SECONDS = 0.5
MOST_FILLING_SECONDS = 2.0
"""Nothing is learnt beyond: the process was stopped, as in a laptop that is closed."""
FORGETS = 0.8
"""Of what a slow take taught, this much is left after the next."""


class Pace:
    """Of one stream; times are seconds on any clock that only goes forward."""

    def __init__(self) -> None:
        self._begun_at = -COALESCE_SECONDS
        self._filled_at: float | None = self._begun_at
        self._filling = self._slowest = 0.0

    @property
    def least_lead(self) -> float:
        """Seconds of sound that must be there before a change may begin a take."""
        return max(FLOOR_SECONDS, min(LEAD_PER_FILLING * self._slowest, MOST_LEAD_SECONDS))

    def begun(self, now: float) -> None:
        """A take was begun."""
        self._begun_at, self._filled_at = now, None

    def made(self, now: float, lead_seconds: float) -> None:
        """A part of it was made, which is so far ahead of what is heard."""
        if self._filled_at is None and lead_seconds >= FLOOR_SECONDS:
            self._filled_at = now
            self._filling = min(now - self._begun_at, MOST_FILLING_SECONDS)
            self._slowest = max(self._filling, FORGETS * self._slowest)

    def lets_change(self, now: float, lead_seconds: float) -> bool:
        """Whether a change may be answered now."""
        if self._filled_at is None or lead_seconds < self.least_lead:
            return False
        rest = REST_PER_FILLING * self._filling
        return now >= max(self._begun_at + COALESCE_SECONDS, self._filled_at + rest)
