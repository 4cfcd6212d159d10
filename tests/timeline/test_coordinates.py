"""Coordinates: any frame alone, unit variance everywhere, loops that close."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rtgen.timeline.coordinates import Loop, anchor_inputs, anchor_line


@given(st.integers(-1000, 10**12), st.integers(1, 40), st.integers(0, 39))
def test_a_stretch_equals_the_same_frames_of_a_longer_one(first, n, cut):
    whole = anchor_inputs(5, first, n + cut)
    assert np.array_equal(whole[cut:], anchor_inputs(5, first + cut, n))


def test_variance_is_one_at_and_between_anchors():
    frames = np.arange(0, 256, 64, dtype=np.int64)
    draws = np.stack([anchor_line(seed, 1, 256, 32, frames) for seed in range(2000)])
    assert np.allclose(draws.std((0, 2)), 1.0, atol=0.02)


def test_a_loop_repeats_and_its_join_is_no_larger_than_any_step():
    loop = Loop(start=1000, length=320)
    line = anchor_inputs(9, 1000, 960, loop)
    assert np.array_equal(line[:320], line[320:640])
    steps = np.abs(np.diff(line[:, :48], axis=0)).max(1)
    assert steps[319] <= steps[:319].max() * 1.5
