"""MIDI and automation without end: sound goes on meanwhile, and the last word counts."""

from __future__ import annotations

import pytest

from tests.drills.conftest import Check
from tests.drills.live_host import RATE, LiveHost

FLOOD_SECONDS = 4
SETTLED_SECONDS = 5.0
"""Frames hear of a control for more than two seconds after it has changed."""


@pytest.mark.parametrize("knob", ["density", "seed"])
def test_a_knob_that_moves_at_every_block_leaves_the_sound_whole(
    host: LiveHost, knob: str, ends_as_rendered: Check
) -> None:
    start = host.meters()
    host.say(f"sweep {knob} {FLOOD_SECONDS * RATE}")
    assert host.go_on(FLOOD_SECONDS + 0.2)["underruns"] == start["underruns"]
    host.say(f"param {knob} {start[knob]}")
    host.go_on(SETTLED_SECONDS)
    ends_as_rendered(host.end()[0])


def test_ten_thousand_midi_messages_a_second_leave_the_sound_whole(
    host: LiveHost, ends_as_rendered: Check
) -> None:
    start = host.meters()
    host.say(f"flood 64 {FLOOD_SECONDS * RATE}")
    assert 64 * RATE / 256 > 10_000
    assert host.go_on(FLOOD_SECONDS + 0.2)["underruns"] == start["underruns"]
    for value in ("0.1", None):  # what MIDI moved holds until the knob is moved
        for knob in ("density", "energy", "variation"):
            host.say(f"param {knob} {value or start[knob]}")
        host.go_on(0.1)
    host.go_on(SETTLED_SECONDS)
    ends_as_rendered(host.end()[0])
