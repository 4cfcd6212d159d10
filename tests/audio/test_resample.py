"""The resampler: pure tones stay pure, positions never drift, cuts do not matter."""

import numpy as np
import pytest

from rtgen.audio.resample import Resampler
from rtgen.errors import DeviceError


def stretch(rate: int, first: int, n: int, hz: float) -> np.ndarray:
    resampler = Resampler(rate)
    low, high = resampler.inputs(first, n)
    t = np.arange(low, high, dtype=np.float64)
    x = np.repeat(np.sin(2 * np.pi * hz / 44100 * t)[:, None], 2, 1).astype(np.float32)
    return resampler(x, low, first, n)


@pytest.mark.parametrize("rate", [22050, 32000, 48000, 88200, 96000, 192000])
@pytest.mark.parametrize("hz", [100.0, 997.0, 9000.0])
def test_a_tone_keeps_its_shape_after_ten_minutes(rate, hz):
    first, n = rate * 600, 4096
    got = stretch(rate, first, n, hz)[:, 0]
    wanted = np.sin(2 * np.pi * hz * np.arange(first, first + n) / rate)
    assert 10 * np.log10(np.mean(wanted**2) / np.mean((got - wanted) ** 2)) > 80


def test_what_the_lower_rate_cannot_hold_is_removed():
    assert np.abs(stretch(22050, 10_000, 2048, 15_000.0)).max() < 1e-3


@pytest.mark.parametrize("rate", [44100, 48000, 96000])
def test_equal_positions_give_equal_bits_however_they_are_cut(rate):
    whole = stretch(rate, 12_345, 5000, 440.0)
    part = stretch(rate, 12_345 + 777, 1000, 440.0)
    assert np.array_equal(part, whole[777:1777])


def test_odd_rates_are_refused_in_words():
    for rate in (44101, 1000, 10**6):
        with pytest.raises(DeviceError, match=str(rate)):
            Resampler(rate)


def test_no_output_is_over_full_scale_and_quiet_ones_are_left_alone():
    # A square wave swings over its corners between the samples.
    square = np.sign(np.sin(2 * np.pi * 997 * np.arange(44100) / 44100 + 0.1)).astype(np.float32)
    loud, quiet = (np.stack([x, -x], axis=1) for x in (square, 0.5 * square))
    resampler = Resampler(48000)
    heard, half = (resampler(x, -resampler.margin, 0, 20_000) for x in (loud, quiet))
    assert np.abs(half).max() > 0.55
    assert np.abs(heard).max() == 1.0
    assert np.allclose(np.clip(2 * half, -1, 1), heard, atol=1e-6)


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 32000, 48000, 88200, 96000, 176400, 192000])
def test_no_rate_is_made_of_many_small_products(rate):
    # At 88.2 kHz one product for each sample took a hundred times as long as at 96 kHz.
    resampler = Resampler(rate)
    assert resampler.down >= 128
    assert resampler.up * 44100 == resampler.down * rate
