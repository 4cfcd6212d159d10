"""Time that breathes: the beat's pace and the loudness of a piece as functions of the beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STEPS_PER_BEAT = 16


@dataclass(frozen=True)
class Pace:
    """Seconds per beat: a base, slow waves, and a broadening before each phrase ends.

    `waves` are (amplitude, period in beats, phase); `phrase_beats` is how long a phrase is;
    `broaden` is by how much the last beat of a phrase is longer.
    """

    beat_seconds: float
    waves: tuple[tuple[float, float, float], ...]
    phrase_beats: float
    broaden: float

    def seconds_per_beat(self, beat: np.ndarray) -> np.ndarray:
        """Local length of a beat at beat positions."""
        bend = np.zeros_like(beat)
        for amplitude, period, phase in self.waves:
            bend += amplitude * np.sin(2 * np.pi * (beat / period + phase))
        left = self.phrase_beats - np.mod(beat, self.phrase_beats)
        bend += self.broaden * np.clip(1 - left / 3, 0, 1) ** 2
        return self.beat_seconds * np.exp(bend)


class Clock:
    """Seconds of beats over a stretch, with `zero_beat` at 0 s."""

    def __init__(self, pace: Pace, zero_beat: float, before_s: float, after_s: float) -> None:
        slowest = pace.beat_seconds * 0.4
        low = np.floor(zero_beat - before_s / slowest)
        high = np.ceil(zero_beat + after_s / slowest)
        count = int((high - low) * STEPS_PER_BEAT) + 1
        self._beats = low + np.arange(count) / STEPS_PER_BEAT
        middle = self._beats[:-1] + 0.5 / STEPS_PER_BEAT
        gone = np.concatenate([[0.0], np.cumsum(pace.seconds_per_beat(middle) / STEPS_PER_BEAT)])
        self._seconds = gone - np.interp(zero_beat, self._beats, gone)

    def seconds(self, beat: float) -> float:
        """Time of a beat."""
        return float(np.interp(beat, self._beats, self._seconds))

    def beat(self, seconds: float) -> float:
        """Beat at a time."""
        return float(np.interp(seconds, self._seconds, self._beats))


def draw_pace(rng: np.random.Generator, beats_per_bar: int) -> Pace:
    """A pace between 40 and 132 beats a minute, from nearly strict to very free."""
    freedom = float(rng.uniform(0.01, 0.09))
    return Pace(
        beat_seconds=60 / float(np.exp(rng.uniform(np.log(40), np.log(132)))),
        waves=tuple(
            (freedom * float(rng.uniform(0.3, 1)), float(period), float(rng.random()))
            for period in (beats_per_bar * rng.uniform(1.5, 3), rng.uniform(11, 37))
        ),
        phrase_beats=4.0 * beats_per_bar,
        broaden=freedom * float(rng.uniform(0.5, 5)),
    )
