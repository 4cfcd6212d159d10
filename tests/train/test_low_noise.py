"""The noise of the synthesis as it is made again."""

import numpy as np
import torch

from rtgen.audio.noise_table import BLOCK_SAMPLES, BLOCKS, FULL_SCALE, SHARED
from rtgen.train.low_noise import low_noise, magnitudes


def spread(samples):
    line = torch.from_numpy(samples.astype(np.float32))
    return [float((20 * magnitudes(line, window).log10()).std()) for window in (512, 4096)]


def test_more_steps_hold_it_stiller_and_the_level_stays():
    drawn, shaped = low_noise(steps=1, seed=3), low_noise(steps=60, seed=3)
    assert shaped.shape == (SHARED + BLOCKS * (BLOCK_SAMPLES - SHARED),)
    assert all(after < before - 1 for before, after in zip(spread(drawn), spread(shaped)))
    for made in (drawn, shaped):
        assert abs(made.std() / FULL_SCALE - 1) < 0.01
        assert np.abs(made.astype(np.int32)).max() < 32767  # nothing wrapped round
