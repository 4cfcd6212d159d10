"""Times of MIDI messages on the system's monotonic clock, free of Python's own delays."""

from __future__ import annotations

LATEST_SECONDS = 0.05
LEAN = 0.05


class Stamps:
    """Adds up the times between messages that the driver measured.

    The sum leans slowly towards the time at which Python was told, since some drivers leave
    messages out of it; it is set right at once where it lies in the future or far in the past.
    """

    def __init__(self) -> None:
        self._at: float | None = None

    def at(self, since_last: float, now: float) -> float:
        """Time of a message in seconds.

        Parameters
        ----------
        since_last : seconds since the message before it, as the driver says.
        now : monotonic time at which Python was told.
        """
        told = now if self._at is None else self._at + since_last
        late = now - told
        self._at = told + LEAN * late if 0 <= late <= LATEST_SECONDS else now
        return self._at
