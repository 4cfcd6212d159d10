"""A host's state is taken for one only if a host can be in it."""

from __future__ import annotations

import math

import pytest

from rtgen.serve.host_state import FARTHEST, LARGEST_BLOCK, parse

VALUES = (7.0, 0.65, 1.0, 0.0, 0.0, -1.0, -1.0)


def said(
    position: int = 0,
    beat: float = 0.0,
    tempo: float = 128.0,
    bar_beats: float = 4.0,
    block: int = 256,
    values: tuple[float, ...] = VALUES,
) -> tuple[object, ...]:
    """A state as a segment gives it."""
    return 1, 0, 0, position, beat, tempo, bar_beats, True, True, block, 0, values


def test_a_state_within_bounds_is_taken_as_it_is() -> None:
    state = parse(said(position=-FARTHEST + 1, block=LARGEST_BLOCK))  # type: ignore[arg-type]
    assert state is not None
    assert state.position == -FARTHEST + 1
    assert state.values.density == 7.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"position": FARTHEST},
        {"position": -FARTHEST},
        {"beat": math.nan},
        {"beat": 1e15},
        {"tempo": 0.0},
        {"tempo": 5e-324},
        {"tempo": 1e9},
        {"bar_beats": 5e-324},
        {"bar_beats": 1e9},
        {"tempo": math.inf},
        {"bar_beats": -4.0},
        {"block": LARGEST_BLOCK + 1},
        {"values": (*VALUES[:-1], math.nan)},
    ],
)
def test_a_state_that_no_host_is_in_is_none(wrong: dict[str, object]) -> None:
    assert parse(said(**wrong)) is None  # type: ignore[arg-type]
