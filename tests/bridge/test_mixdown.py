"""The plain steps of the synthesis refuse what does not fit; what they make is tested in
tests/audio."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from rtgen._bridge import bend_peaks, mix_stereo, steady_amplitudes

BLOCKS = 3


def mixed(
    *,
    channels: int = 2,
    samples: int = 32 * BLOCKS,
    low: int = BLOCKS + 16,
    taps: int = 17,
    out: int = 32 * BLOCKS,
) -> np.ndarray:
    sides = np.zeros((channels, samples), np.float32)
    made = np.ones((out, 2), np.float32)
    mix_stereo(sides, sides, np.zeros(low, np.float32), np.zeros((taps, 32), np.float32), made)
    return made


def steadied(frames: int, out: int, dtype: type = np.float32) -> None:
    steady_amplitudes(np.zeros((frames, 7), dtype), np.zeros((out, 7), np.float32))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: mixed(channels=1),
        lambda: mixed(samples=32 * BLOCKS - 1),
        lambda: mixed(low=16),
        lambda: mixed(low=BLOCKS + 17),
        lambda: mixed(taps=16),
        lambda: mixed(out=32 * BLOCKS - 32),
        lambda: steadied(4, 0),
        lambda: steadied(8, 3),
        lambda: bend_peaks(np.zeros(4, np.float32), 1.0),
        lambda: bend_peaks(np.zeros(4, np.float32), float("nan")),
    ],
)
def test_what_does_not_fit_is_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"must|fit"):
        wrong()
    assert not mixed().any()


def test_other_numbers_and_cuts_are_refused() -> None:
    with pytest.raises(TypeError):
        steadied(8, 4, np.float64)
    with pytest.raises(TypeError):
        bend_peaks(np.zeros(8, np.float32)[::2], 0.8)
    every_other = np.zeros((2, 64 * BLOCKS), np.float32)[:, ::2]
    low, kernel = np.zeros(BLOCKS + 16, np.float32), np.zeros((17, 32), np.float32)
    with pytest.raises(ValueError, match="shape"):
        mix_stereo(every_other, every_other, low, kernel, np.zeros((32 * BLOCKS, 2), np.float32))


def test_mid_and_side_may_be_cut_out_of_longer_ones() -> None:
    wide = np.arange(2 * 40 * BLOCKS, dtype=np.float32).reshape(2, -1)
    cut = wide[:, 8 : 8 + 32 * BLOCKS]
    low, kernel = np.zeros(BLOCKS + 16, np.float32), np.zeros((17, 32), np.float32)
    out = np.zeros((32 * BLOCKS, 2), np.float32)
    mix_stereo(cut, cut, low, kernel, out)
    mid, side = 2 * cut
    assert np.array_equal(out, np.stack([mid + side, mid - side], axis=1))
