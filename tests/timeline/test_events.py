"""The control timeline and the clock."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtgen.errors import ControlError
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import HOP, RATE

PER_FRAME = HOP / RATE / 60


def test_steps_and_ramps_hold_exactly_at_their_frames():
    t = ControlTimeline({"density": 2.0})
    t.set("density", 12.0, 100, ramp_frames=10)
    t.set("density", 4.0, 200)
    values = t.values("density", 98, 110)
    assert values[0] == 2.0
    assert values[2] == 2.0
    assert values[7] == pytest.approx(7.0)
    assert values[12] == 12.0
    assert values[101] == 12.0
    assert values[102] == 4.0


def test_a_ramp_that_is_cut_short_goes_on_from_where_it_was():
    t = ControlTimeline({"energy": 0.0})
    t.set("energy", 1.0, 0, ramp_frames=100)
    t.set("energy", 0.0, 50, ramp_frames=50)
    assert t.values("energy", 50, 1)[0] == pytest.approx(0.5)
    assert t.values("energy", 75, 1)[0] == pytest.approx(0.25)


@given(
    st.lists(st.tuples(st.integers(0, 3000), st.floats(60, 200), st.integers(0, 500)), max_size=6),
    st.integers(0, 4000),
)
def test_beats_are_the_sum_of_the_tempo(events, at):
    t = ControlTimeline()
    for frame, tempo, ramp in events:
        t.set("tempo", tempo, frame, ramp)
    summed = t.values("tempo", 0, at + 1)[:at].sum() * PER_FRAME
    assert t.clock.beat(at) == pytest.approx(summed, abs=1e-6)
    assert t.clock.beats(at, 5)[0] == pytest.approx(summed, abs=1e-6)


def test_far_frames_cost_no_walk():
    t = ControlTimeline()
    t.set("tempo", 150.0, 1000, 200)
    started = t.clock.beat(10**9)
    steady = (10**9 - 1200) * 150 * PER_FRAME
    assert started == pytest.approx(t.clock.beat(1200) + steady, rel=1e-12)


def test_a_rebase_moves_the_beat_and_nothing_before():
    t = ControlTimeline({"tempo": 120.0})
    before = t.clock.beat(400)
    t.clock.rebase(500, 64.0)
    assert t.clock.beat(400) == before
    assert t.clock.beat(500) == 64.0
    assert t.clock.beats(498, 4)[2] == 64.0


def test_frame_of_beat_is_the_first_that_is_not_earlier():
    t = ControlTimeline({"tempo": 133.0})
    frame = t.clock.frame_of_beat(16.0, 0)
    assert t.clock.beat(frame) >= 16.0 > t.clock.beat(frame - 1)


def test_free_controls_lower_their_flags():
    t = ControlTimeline({"density": float("nan")})
    vector = t.conditioning(0, 1)[0]
    assert vector[15] == 0.0
    assert list(vector[29:]) == [0.0, 1.0, 0.0]


def test_bad_values_are_refused_and_change_nothing():
    t = ControlTimeline()
    with pytest.raises(ControlError):
        t.set("density", 99.0, 0)
    with pytest.raises(ControlError):
        t.set("chroma", (1.0, 0.0), 0)
    assert t.values("density", 0, 1)[0] == 7.0


def test_a_lead_asks_for_the_phases_of_later():
    t = ControlTimeline({"tempo": 60.0})
    now, led = t.conditioning(100, 4), t.conditioning(100, 4, lead_seconds=0.25)
    beat = t.clock.beats(100, 4) + 0.25
    assert np.allclose(led[:, 0], np.sin(2 * np.pi * beat), atol=1e-5)
    assert np.array_equal(now[:, 14:], led[:, 14:])


def test_ramps_may_be_cut_short_for_ever():
    t = ControlTimeline({"energy": 0.0})
    for k in range(5000):
        t.set("energy", float(k % 2 == 0), k, ramp_frames=2)
    assert t.values("energy", 4990, 1)[0] == pytest.approx(t.values("energy", 4992, 1)[0], abs=1e-6)
    assert 0.0 < t.values("energy", 4999, 1)[0] < 1.0


@given(
    st.lists(st.tuples(st.integers(0, 900), st.floats(100, 180), st.integers(0, 80)), max_size=8),
    st.lists(st.tuples(st.integers(0, 900), st.floats(1, 400)), max_size=4),
    st.integers(0, 1000),
)
def test_what_is_forgotten_changes_nothing_that_follows(events, rebases, frame):
    t = ControlTimeline({"density": 3.0})
    for at, tempo, ramp in events:
        t.set("tempo", tempo, at, ramp)
        t.set("density", tempo / 10, at, ramp)
    for at, beat in rebases:
        t.clock.rebase(at, beat)
    kept = t.copy()
    kept.forget_before(frame)
    assert np.array_equal(kept.conditioning(frame, 200), t.conditioning(frame, 200))
    assert kept.clock.beat(frame + 300) == t.clock.beat(frame + 300)


def test_a_timeline_that_forgets_does_not_grow():
    t = ControlTimeline()
    for frame in range(0, 10_000, 10):
        t.set("tempo", 120.0 + frame % 50, frame)
        t.set("energy", frame % 100 / 100, frame)
        t.clock.rebase(frame, frame / 20)
        t.forget_before(frame - 100)
    assert len(t.lanes["tempo"].events) < 15
    assert len(t.lanes["energy"].events) < 15


def test_a_copy_changes_by_itself():
    t = ControlTimeline({"tempo": 120.0})
    t.clock.rebase(10, 3.0)
    other = t.copy()
    other.set("tempo", 150.0, 20)
    other.clock.rebase(30, 77.0)
    assert t.values("tempo", 25, 1)[0] == 120.0
    assert t.clock.beat(30) == pytest.approx(3.0 + 20 * 120 * PER_FRAME)
    assert other.clock.beat(30) == 77.0
    assert other.clock.beat(20) == t.clock.beat(20)
