"""Spectra to samples: what was analysed comes back, whatever the rate."""

from __future__ import annotations

import numpy as np
import pytest

from rtgen.audio.spectra import HOP, TAIL, WINDOW, overlapped

MEAN, SPREAD = -25.0, 75.0


def analysed(sound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Magnitude and phase (1, T, 513) of mono samples, scaled as the nets are."""
    count = (len(sound) - WINDOW) // HOP + 1
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    spectrum = np.stack(
        [np.fft.rfft(sound[k * HOP : k * HOP + WINDOW] * hann) for k in range(count)]
    )
    level = 10 * np.log10(np.maximum(np.abs(spectrum) ** 2, 1e-10))
    magnitude, phase = (level - MEAN) / SPREAD, np.angle(spectrum) / np.pi
    return magnitude[None].astype(np.float32), phase[None].astype(np.float32)


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    time = np.arange(40 * HOP)
    chance = np.random.default_rng(3)
    return 0.3 * np.sin(0.05 * time) + 0.05 * chance.standard_normal(len(time))


def test_analysis_and_synthesis_are_inverse(sound: np.ndarray) -> None:
    again = overlapped(*analysed(sound), MEAN, SPREAD)[0]
    whole = slice(TAIL * HOP, len(again) - TAIL * HOP)
    assert len(again) == len(sound)
    assert np.abs(again[whole] - sound[whole]).max() < 2e-3  # the floor of 1e-7 adds a little


def test_at_twice_the_rate_every_second_sample_is_as_it_was(sound: np.ndarray) -> None:
    magnitude, phase = analysed(sound)
    narrow = overlapped(magnitude, phase, MEAN, SPREAD)
    wide = overlapped(magnitude, phase, MEAN, SPREAD, widening=2)
    assert wide.shape == (1, 2 * narrow.shape[1])
    assert np.abs(wide[:, ::2] - narrow).max() < 1e-5


def test_at_twice_the_rate_nothing_is_heard_above_the_old_band() -> None:
    time = np.arange(60 * HOP)
    magnitude, phase = analysed(0.5 * np.sin(2.9 * time))  # close under half the rate
    wide = overlapped(magnitude, phase, MEAN, SPREAD, widening=2)[0]
    middle = wide[4 * WINDOW : -4 * WINDOW]
    power = np.abs(np.fft.rfft(middle * np.hanning(len(middle)))) ** 2
    assert power[len(power) * 6 // 10 :].sum() < 1e-5 * power.sum()


def test_groups_added_by_their_tails_are_the_whole(sound: np.ndarray) -> None:
    magnitude, phase = analysed(sound)
    count = magnitude.shape[1]
    whole = overlapped(magnitude, phase, MEAN, SPREAD)
    joined = np.zeros_like(whole)
    for first in range(0, count, 8):
        part = overlapped(
            magnitude[:, first : first + 8], phase[:, first : first + 8], MEAN, SPREAD
        )
        joined[:, first * HOP : first * HOP + part.shape[1]] += part
    assert np.abs(joined - whole).max() < 1e-6
