"""Noise that holds still: how even it is, where blocks join, and what the seed decides."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.signal import stft

from rtgen.audio import noise_table, synthesis
from rtgen.audio.noise_table import BLOCK_ROWS, BLOCK_SAMPLES, HOP, SHARED
from tests.audio.test_synthesis import silent

FRAMES = 200
LOUD = 0.1
WINDOWS = (512, 1024, 2048, 4096)
DRAWN_STD_DB = 5.57
"""Of the magnitudes of Gaussian noise, in theory: 10 / ln 10 * pi / sqrt(6)."""


@pytest.fixture(scope="module")
def made():
    """Mid and side of noise said to be LOUD, and white, from frame 0 on."""
    decoded = silent(FRAMES)
    decoded.noise[:] = np.log(LOUD)
    return synthesis.noise(decoded, 0, 3)


def magnitudes(x, window):
    """Those of the bins between 300 Hz and 15 kHz, over what drawn noise of variance 1 has."""
    hz, _, spectra = stft(x, 44100, "hann", window, window // 2, boundary=None, padded=False)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    return np.abs(spectra[(hz > 300) & (hz < 15000)]) * hann.sum() / np.sqrt((hann**2).sum())


def test_it_has_the_level_that_was_said(made):
    for channel in made:
        for window in WINDOWS:
            power = np.square(magnitudes(channel, window)).mean()
            assert np.sqrt(power) == pytest.approx(LOUD, rel=0.02)


def test_bursts_of_one_sub_frame_have_the_energy_that_was_said():
    decoded = silent(FRAMES)
    decoded.noise.reshape(-1, 2, 32)[8::32, :, :20] = np.log(LOUD)  # up to 7 kHz
    held = silent(FRAMES)
    held.noise.reshape(-1, 2, 32)[:, :, :20] = np.log(LOUD)
    bursts, whole = (np.square(synthesis.noise(d, 0, 3)).sum(1) for d in (decoded, held))
    # One window in 32, squared: independent frames of noise would add up to that.
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(512) / 512)
    share = np.square(hann).sum() / 1.5 / (32 * HOP)
    assert bursts == pytest.approx(share * whole, rel=0.1)


def test_it_fluctuates_by_six_tenths_of_what_drawn_noise_does(made):
    drawn = np.random.default_rng(1).normal(size=made.shape[1])
    for window in WINDOWS:
        level = 20 * np.log10(magnitudes(drawn, window))
        assert level.std() == pytest.approx(DRAWN_STD_DB, rel=0.03)
        for channel in made:
            assert 20 * np.log10(magnitudes(channel, window)).std() < 0.6 * DRAWN_STD_DB


def test_it_is_white_as_far_as_15_khz(made):
    for channel in made:
        bins = np.square(magnitudes(channel, 512)).mean(1)
        assert np.abs(10 * np.log10(bins / bins.mean())).max() < 1


def test_above_18_khz_it_falls_as_the_corpus_does(made):
    hz, _, spectra = stft(made[0], 44100, "hann", 512, 256, boundary=None, padded=False)
    power = np.square(np.abs(spectra)).mean(1)

    def db(low, high):
        return 10 * np.log10(power[(hz > low) & (hz < high)].mean())

    assert 1 < db(18000, 18800) - db(14000, 15000) < 3.5
    assert -8 < db(21500, 22050) - db(14000, 15000) < -5


def test_mid_and_side_have_nothing_to_do_with_each_other(made):
    assert abs(np.corrcoef(*made)[0, 1]) < 0.02
    rows = noise_table.rows(3, 0, 20_000)
    assert (rows[0] != rows[1]).all()


def test_no_join_of_blocks_is_heard(made):
    joins = np.arange(BLOCK_SAMPLES, made.shape[1] - BLOCK_SAMPLES, BLOCK_SAMPLES)
    # Sub-frame j reaches from 192 samples before its place to 320 after it.
    pieces = np.stack([made[0][at - 256 : at + 256] for at in joins])
    levels = 20 * np.log10(magnitudes(pieces.ravel(), 512)[:, ::2])
    assert levels.std() < 0.65 * DRAWN_STD_DB
    assert np.square(magnitudes(pieces.ravel(), 512)[:, ::2]).mean() == pytest.approx(
        LOUD**2, rel=0.15
    )


def test_every_block_begins_as_every_other_goes_on():
    blocks = noise_table.blocks()
    assert (blocks[:, :SHARED] == blocks[0, :SHARED]).all()
    assert (blocks[:, -SHARED:] == blocks[0, :SHARED]).all()
    assert np.abs(np.diff(blocks, axis=1)).max() < 8  # no step: five deviations of a difference


def test_no_block_is_heard_twice_in_a_row_and_all_are_heard():
    blocks = noise_table.rows(1, -50_000, 100_000) // BLOCK_ROWS
    for channel in blocks:
        heard = channel[np.flatnonzero(np.diff(channel)) + 1]
        assert len(heard) == pytest.approx(100_000 / BLOCK_ROWS, abs=1.5)
        assert set(heard) == set(range(noise_table.BLOCKS))
        followed = set(pairwise(heard.tolist()))
        assert len(followed) > 100  # of 128 that there are


def test_rows_go_on_within_a_block_wherever_one_begins_and_are_keyed():
    rows = noise_table.rows(1, -70, 5000)
    steps = np.diff(rows, axis=1)
    assert (steps == 1).mean() == pytest.approx(1 - 1 / BLOCK_ROWS, abs=0.01)
    assert np.array_equal(rows[:, 100:], noise_table.rows(1, 30, 4900))
    assert not np.array_equal(rows, noise_table.rows(2, -70, 5000))
    far = noise_table.rows(1, 16 * 10**9, 300)
    assert np.array_equal(far[:, 200:], noise_table.rows(1, 16 * 10**9 + 200, 100))


def test_the_table_is_made_of_the_blocks_frames():
    table = noise_table.table()
    assert table.shape == (noise_table.BLOCKS * BLOCK_ROWS, 257)
    frame = np.fft.irfft(table[3 * BLOCK_ROWS + 5], 512) * 2
    wanted = noise_table.blocks()[3, 5 * HOP : 5 * HOP + 512]
    # The top of the spectrum is coloured: little of the power.
    assert np.corrcoef(frame, wanted)[0, 1] > 0.97
