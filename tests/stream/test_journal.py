"""What was heard is kept, and what is kept of a jump is little: some play by jumping for hours."""

from __future__ import annotations

import tracemalloc

import numpy as np

from rtgen.stream.journal import Journal
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import HOP, RATE
from rtgen.timeline.voice import Voice

HEARD = 4 * HOP
MOST_BYTES = 1000


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
    assert told[0].frames < journal.heard()[0].frames
    assert np.isclose(told[0].end, HEARD / RATE)


def test_thousands_of_jumps_take_little_room():
    journal, timeline, voice = Journal(RATE), ControlTimeline(), Voice(5)

    def jump(times):
        for k in range(times):
            journal.begin(voice, k * 1000 * HOP, True)
            journal.follow(timeline, k * 1000 * HOP + HEARD)

    jump(10)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        jump(1000)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(journal.heard()) == 1010
    assert after - before < 1000 * MOST_BYTES
