"""What is kept as changes comes back as it was, and takes room for the changes only."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.sparse import EXACT_BEAT, SparseBeats, SparseRows, dense_beats, dense_rows

VALUES = st.lists(st.sampled_from([0.0, 1.0, 2.5, np.nan]), min_size=1, max_size=40)
SIZES = st.lists(st.integers(1, 7), min_size=1, max_size=40)


def parts(whole, sizes):
    at = 0
    for size in sizes * len(whole):
        if at >= len(whole):
            return
        yield slice(at, at + size)
        at += size


@given(VALUES, SIZES)
def test_rows_come_back_however_they_were_given(values, sizes):
    for whole in (np.array(values), np.stack([values, values[::-1]], axis=1)):
        rows = SparseRows()
        for part in parts(whole, sizes):
            rows.extend(whole[part])
        assert np.array_equal(dense_rows(rows.changes(), len(whole)), whole, equal_nan=True)


def test_what_never_changed_takes_no_room_when_it_is_told():
    rows = SparseRows()
    for _ in range(100):
        rows.extend(np.full((1000, 12), np.nan))
    told = dense_rows(rows.changes(), 100_000)
    assert told.shape == (100_000, 12)
    assert told.strides[0] == 0


@given(
    st.lists(st.tuples(st.integers(0, 300), st.floats(100, 180)), max_size=5),
    st.lists(
        st.tuples(st.integers(0, 300), st.floats(-100, 100, allow_subnormal=False)), max_size=3
    ),
    SIZES,
)
def test_beats_come_back_across_changes_of_tempo_and_jumps(tempi, jumps, sizes):
    timeline = ControlTimeline()
    for frame, tempo in tempi:
        timeline.set("tempo", tempo, frame, frame % 50)
    for frame, beat in jumps:
        timeline.clock.rebase(frame, beat)
    wanted, tempo = timeline.clock.beats(0, 320), timeline.values("tempo", 0, 320)
    beats = SparseBeats()
    for part in parts(wanted, sizes):
        beats.extend(wanted[part], tempo[part])
    assert np.abs(dense_beats(beats.changes(), tempo) - wanted).max() < 2 * EXACT_BEAT


def test_a_day_in_which_nothing_happens_takes_no_room():
    rows, beats = SparseRows(), SparseBeats()
    timeline = ControlTimeline()
    tempo = timeline.values("tempo", 0, 10_000)
    for k in range(0, 1_860_000, 10_000):
        rows.extend(np.ones(10_000))
        beats.extend(timeline.clock.beats(k, 10_000), tempo)
    assert len(rows.changes().places) == 1
    assert len(beats.changes().places) < 10
