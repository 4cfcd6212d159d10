"""What a player tells of its speed is sound by work, however unevenly the work falls."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtgen.stream.meters import Throughput


def told(pieces: list[tuple[float, float]]) -> float:
    throughput = Throughput()
    for made, took in pieces:
        throughput.add(made, took)
    return throughput.factor


def test_nothing_made_is_no_speed() -> None:
    assert told([]) == 0.0
    assert told([(1.0, 0.0)]) == 0.0


def test_a_window_that_is_made_at_once_and_handed_out_in_pieces_does_not_flatter() -> None:
    window = [(1.0, 1.2), *[(1.0, 0.001)] * 11]
    assert told(window * 10) == pytest.approx(12 / 1.211, rel=0.25)


def test_old_work_is_forgotten() -> None:
    assert told([(1.0, 1.0)] * 100 + [(1.0, 0.1)] * 300) == pytest.approx(10, rel=0.01)


@given(st.lists(st.tuples(st.floats(0.01, 2), st.floats(0.001, 2)), min_size=1, max_size=40))
def test_it_lies_between_the_slowest_and_the_fastest_piece(
    pieces: list[tuple[float, float]],
) -> None:
    factors = [made / took for made, took in pieces]
    assert min(factors) * 0.999 <= told(pieces) <= max(factors) * 1.001
