"""Loudness, peaks and clipping of signals that have them by construction."""

from __future__ import annotations

import numpy as np
import pytest

from rtgen.evaluate.levels import Levels, clipped, loudness, true_peak_db
from rtgen.timeline.units import RATE
from tests.evaluate.signals import noise, sines, stereo


@pytest.mark.parametrize("peak_db", [-10.0, -23.0, -40.0])
def test_a_sine_of_1_khz_on_both_sides_is_as_loud_as_its_peak(peak_db: float) -> None:
    # BS.1770: 997 Hz at full scale on one channel is -3.01 LUFS, on two 3.01 LU more.
    assert loudness(sines([997.0], 4.0, 10 ** (peak_db / 20))) == pytest.approx(peak_db, abs=0.1)


def test_silence_has_a_loudness_that_can_be_averaged() -> None:
    assert loudness(np.zeros((RATE, 2), np.float32)) == -70.0


def test_a_true_peak_lies_between_samples() -> None:
    t = np.arange(RATE)
    quarter = stereo(0.9 * np.sin(np.pi / 2 * t + np.pi / 4) * np.hanning(RATE))
    assert np.abs(quarter).max() < 0.65
    assert true_peak_db(quarter) == pytest.approx(20 * np.log10(0.9), abs=0.1)


def test_clipped_samples_are_found_and_clean_ones_are_not() -> None:
    clean = sines([441.0], 2.0, 0.95)
    cut = np.clip(clean, -0.7, 0.7)
    assert not clipped(clean).any()
    assert not clipped(noise(2.0)).any()
    truth = np.abs(clean) > 0.7
    # A run shorter than three samples, and the ends of silence, are left out.
    assert clipped(cut).sum() == pytest.approx(truth.sum(), rel=0.02)


def test_full_scale_is_clipped_even_for_a_sample() -> None:
    sound = noise(1.0, level=0.05)
    sound[1000] = 1.0
    assert clipped(sound).sum() == 2


def test_figures_are_of_all_clips() -> None:
    levels = Levels()
    for peak in (0.1, 0.2):
        levels.add(sines([997.0], 2.0, peak))
    broken = sines([997.0], 2.0, 0.1)
    broken[500:510] = np.nan
    levels.add(broken)
    row = levels.figures()
    quiet, loud = -20.0, -13.98
    assert row["loudness_lufs"] == pytest.approx((2 * quiet + loud) / 3, abs=0.2)
    assert row["loudness_spread_lu"] == pytest.approx(np.std([quiet, quiet, loud]), abs=0.2)
    assert row["true_peak_db"] == pytest.approx(loud, abs=0.2)
    assert row["clipped_per_mille"] == 0.0
    assert row["not_finite"] == 20.0
