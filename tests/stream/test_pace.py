"""Changes that come without end take a part of the processor, and sound stays ahead."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rtgen.stream.pace import (
    COALESCE_SECONDS,
    FLOOR_SECONDS,
    MOST_FILLING_SECONDS,
    MOST_LEAD_SECONDS,
    Pace,
)


def taken(pace: Pace, now: float, filling: float) -> None:
    """A take that is ahead again after `filling` seconds."""
    pace.begun(now)
    pace.made(now + filling / 2, FLOOR_SECONDS / 2)
    pace.made(now + filling, FLOOR_SECONDS)


def test_a_single_change_is_answered_at_once() -> None:
    pace = Pace()
    assert pace.lets_change(0.0, 2.5)
    taken(pace, 0.0, 0.01)
    assert pace.lets_change(5.0, 2.5)


def test_a_change_waits_while_the_take_before_it_is_not_ahead() -> None:
    pace = Pace()
    pace.begun(1.0)
    assert not pace.lets_change(2.0, FLOOR_SECONDS)
    pace.made(2.0, FLOOR_SECONDS)
    assert not pace.lets_change(9.0, FLOOR_SECONDS / 2)


@given(st.floats(0.001, 2.0))
def test_changes_without_end_take_half_the_time_at_most(filling: float) -> None:
    pace, now, answered = Pace(), 0.0, 0
    while now < 60.0:
        if pace.lets_change(now, 1.0):
            taken(pace, now, filling)
            answered += 1
            now += filling
        now += 0.001
    assert answered * filling <= 30.0 + 2 * filling
    assert answered >= 60.0 / max(2 * filling + 0.002, COALESCE_SECONDS + 0.002) - 1


def test_a_slow_machine_wants_more_sound_before_a_change_and_forgets_it_again() -> None:
    pace = Pace()
    taken(pace, 0.0, 0.01)
    assert pace.least_lead == FLOOR_SECONDS
    taken(pace, 1.0, 1.0)
    assert pace.least_lead == MOST_LEAD_SECONDS
    for k in range(20):
        taken(pace, 10.0 + k, 0.01)
    assert pace.least_lead == FLOOR_SECONDS


def test_a_take_in_whose_making_a_laptop_was_closed_holds_up_no_change() -> None:
    pace = Pace()
    taken(pace, 0.0, 8 * 3600.0)
    now = 8 * 3600.0
    assert not pace.lets_change(now, 2.5)
    assert pace.lets_change(now + MOST_FILLING_SECONDS, 2.5)
