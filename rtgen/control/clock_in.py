"""MIDI clock to tempo and phase: a phase lock over about a second of ticks."""

from __future__ import annotations

from dataclasses import dataclass

TICKS_PER_BEAT = 24
LOST_SECONDS = 1.0
SETTLE_TICKS = 24
GAIN_PHASE, GAIN_PERIOD = 0.08, 0.004


@dataclass(frozen=True)
class Beat:
    """What the clock says: beats since start, tempo in bpm, and whether it runs."""

    beat: float
    tempo_bpm: float
    playing: bool


class ClockIn:
    """Follows clock, start, stop, continue and song position; times in seconds.

    A second-order loop: each tick corrects the predicted time of the tick by a part of the error,
    and the period by a smaller part, so jitter is averaged and drift is not.
    """

    def __init__(self) -> None:
        self._period: float | None = None
        self._expected = 0.0
        self._last: float | None = None
        self._ticks = 0
        self._seen = 0
        self.playing = False

    def tick(self, now: float) -> Beat | None:
        """A clock message; what the clock says, once it has settled."""
        if self._last is None or now - self._last > LOST_SECONDS:
            self._period, self._seen = None, 0
        elif self._period is None:
            self._period = max(now - self._last, 1e-4)
            self._expected = now
        else:
            self._expected += self._period
            error = now - self._expected
            # While settling, average plainly; then hold on to what was learnt.
            period_gain = max(GAIN_PERIOD, 0.5 / max(self._seen, 1) ** 1.5)
            phase_gain = max(GAIN_PHASE, 1.0 / max(self._seen, 1))
            self._expected += phase_gain * error
            self._period += period_gain * error
        self._last = now
        self._seen += 1
        if self.playing:
            self._ticks += 1
        if self._period is None or self._seen <= SETTLE_TICKS:
            return None
        late = (now - self._expected) / self._period
        beat = (self._ticks - 1 + late) / TICKS_PER_BEAT
        return Beat(beat, 60.0 / (self._period * TICKS_PER_BEAT), self.playing)

    def start(self) -> None:
        """Play from the beginning: the next tick is beat 0."""
        self._ticks, self.playing = 0, True

    def stop(self) -> None:
        """Stand still; the position is kept."""
        self.playing = False

    def resume(self) -> None:
        """Continue from the position."""
        self.playing = True

    def song_position(self, sixteenths: int) -> None:
        """Where to continue, in sixteenths from the beginning."""
        self._ticks = sixteenths * TICKS_PER_BEAT // 4
