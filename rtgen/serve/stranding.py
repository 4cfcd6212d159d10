"""A host that plays where the newest take holds nothing: the engine was kept from its work."""

from __future__ import annotations

SURE_SECONDS = 0.05
"""For so long a host is where it was before a jump that it has just told."""
EARLY_SECONDS = 1.0
"""A take that answers a change begins after what is heard, by less than this."""


class Stranding:
    """Watches one host.

    Parameters
    ----------
    rate : the host's, in samples per second.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._since: float | None = None
        self._noticed = 0
        self.found = False
        """Whether the host is stranded: it goes on outside the take, and not for a jump's sake."""

    def watch(self, now: float, playhead: int, start: int, end: int) -> None:
        """Where a host that plays live is, and what the newest take holds, in samples."""
        if start - EARLY_SECONDS * self._rate <= playhead < end:
            self.forget()
        elif self._since is None:
            self._since, self._noticed = now, playhead
        else:
            moves = playhead > self._noticed
            self.found = self.found or (moves and now - self._since > SURE_SECONDS)

    def forget(self) -> None:
        """It is where it should be, or plays no more."""
        self._since, self.found = None, False
