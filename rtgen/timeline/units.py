"""All conversions between samples, frames, seconds, beats and bars."""

from __future__ import annotations

import math

RATE = 44100
HOP = 2048
BEATS_PER_BAR = 4
FRAMES_PER_SECOND = RATE / HOP


def frames_to_samples(frames: int) -> int:
    """First sample of a frame at the model's rate."""
    return frames * HOP


def samples_to_frame(samples: int) -> int:
    """The frame that holds a sample; floor, also for negative positions."""
    return samples // HOP


def frame_at_or_after(samples: int) -> int:
    """The first frame that starts at or after a sample."""
    return -(-samples // HOP)


def seconds_to_samples(seconds: float, rate: int = RATE) -> int:
    """Nearest sample."""
    return round(seconds * rate)


def seconds_to_frame(seconds: float) -> int:
    """The first frame that starts at or after a time."""
    return frame_at_or_after(seconds_to_samples(seconds))


def frames_to_seconds(frames: float) -> float:
    """Seconds of a number of frames."""
    return frames * HOP / RATE


def bars_to_seconds(bars: float, tempo_bpm: float) -> float:
    """Seconds of a number of 4/4 bars at a steady tempo."""
    return bars * BEATS_PER_BAR * 60.0 / tempo_bpm


def beats_per_frame(tempo_bpm: float) -> float:
    """Beats that pass in one frame."""
    return tempo_bpm / 60.0 * HOP / RATE


def resampled(samples: int, rate_from: int, rate_to: int) -> int:
    """The last position at another rate that is not later."""
    return samples * rate_to // rate_from


def octave(tempo_bpm: float, low: float, high: float) -> float:
    """The power of two that brings a tempo nearest to the middle of a range."""
    middle = (math.log2(low) + math.log2(high)) / 2
    return float(2.0 ** round(middle - math.log2(tempo_bpm)))
