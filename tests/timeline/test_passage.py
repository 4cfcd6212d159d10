"""A clock that is set right where a passage leaves it is never off by more than is allowed."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rtgen.timeline.passage import SAME_BEAT, resets


@given(st.integers(1, 600), st.sampled_from([0.0, 2e-5, 1e-4, 1e-2]), st.integers(0, 2**32 - 1))
def test_a_clock_set_right_stays_with_the_beats_and_is_set_no_oftener_than_needed(
    frames: int, drift: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    ran = np.cumsum(rng.uniform(0.05, 0.15, frames))
    beats = ran + np.cumsum(rng.normal(0, drift, frames) * (rng.random(frames) < 0.5))
    at = dict(resets(beats, ran))
    clock, offset = np.empty(frames), beats[0] - ran[0]
    for k in range(frames):
        if k in at:
            assert abs(offset + ran[k] - beats[k]) > SAME_BEAT
            offset = at[k] - ran[k]
        clock[k] = offset + ran[k]
    assert np.abs(clock - beats).max() <= SAME_BEAT + 1e-9
