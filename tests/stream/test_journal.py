"""What was heard is kept, and what is kept of a jump is little: some play by jumping for hours."""

from __future__ import annotations

import gc
import pickle
import tracemalloc

import numpy as np

from rtgen.stream.journal import Journal
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import HOP, RATE
from rtgen.timeline.voice import Voice

HEARD = 4 * HOP
MOST_BYTES = 200
MOST_TO_HAND_OVER = 500_000
"""What pickling may take besides for a moment: the allocator does not give it back."""


def test_each_jump_ends_a_passage_and_what_was_not_heard_is_none():
    journal, timeline = Journal(RATE), ControlTimeline()
    timeline.set("density", 9.0, 1000)
    journal.begin(Voice(1), 0, True)
    journal.follow(timeline, HEARD)
    journal.begin(Voice(1), 500 * HOP, True)  # nothing of it is heard
    journal.begin(Voice(2), 1000 * HOP, True)
    journal.follow(timeline, 1000 * HOP + HEARD)
    journal.begin(Voice(3), 1002 * HOP, False)
    first, second = journal.passages()
    assert (first.start, first.voices) == (0.0, ((0.0, Voice(1)),))
    assert [voice.seed for _, voice in second.voices] == [2, 3]
    assert np.isclose(second.start, 1000 * HOP / RATE)
    assert set(second.lanes["density"].tolist()) == {9.0}
    assert set(first.lanes["density"].tolist()) != {9.0}
    assert np.array_equal(second.beats, timeline.clock.beats(second.first, len(second.beats)))


def test_what_was_told_does_not_change_with_what_is_heard_later():
    journal, timeline = Journal(RATE), ControlTimeline()
    journal.begin(Voice(1), 0, True)
    journal.follow(timeline, HEARD)
    told = journal.heard()
    journal.follow(timeline, 2 * HEARD)
    (then,), (now,) = told, journal.heard()
    assert then.frames < now.frames
    assert np.isclose(then.end, HEARD / RATE)


def jump(journal, timeline, times):
    for k in range(times):
        journal.begin(Voice(5), k * 1000 * HOP, True)
        journal.follow(timeline, k * 1000 * HOP + HEARD)


def steered(times):
    """Knobs turned all over the stream: each passage hears other values than the one before."""
    timeline = ControlTimeline()
    for k in range(times):
        timeline.set(("density", "energy", "variation")[k % 3], k % 10 / 10, k * 700)
    return timeline


def test_thousands_of_jumps_take_little_room():
    journal, timeline = Journal(RATE), steered(3000)
    jump(journal, timeline, 64)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        jump(journal, timeline, 1984)
        gc.collect()  # empties free lists
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(journal.heard()) == len(list(journal.heard())) == 2047 + 1
    assert after - before < 1984 * MOST_BYTES


def test_thousands_of_jumps_take_little_room_while_they_are_handed_over():
    journal = Journal(RATE)
    jump(journal, steered(3000), 3000)
    tracemalloc.start()
    try:
        handed = pickle.dumps(journal.heard())
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2 * len(handed) + MOST_TO_HAND_OVER
    assert most < MOST_TO_HAND_OVER * 2


def test_what_is_packed_is_what_was_heard():
    journal, timeline = Journal(RATE), steered(300)
    jump(journal, timeline, 150)
    for k, passage in enumerate(journal.passages()):
        assert np.isclose(passage.start, k * 1000 * HOP / RATE)
        for name in ("density", "energy", "variation", "chroma"):
            heard = timeline.values(name, passage.first, len(passage.beats))
            assert np.array_equal(passage.lanes[name], heard, equal_nan=True)
        assert np.allclose(passage.beats, timeline.clock.beats(passage.first, len(passage.beats)))
    assert k == 149
