"""Coherence is high where a stream stays the same and falls where it wanders."""

from __future__ import annotations

import numpy as np
import pytest

from rtgen.evaluate.coherence import coherence, near_and_far, recognised

WINDOWS, DIMENSIONS = 100, 10


def streams(piece: float, drift: float) -> list[np.ndarray]:
    """Windows with something of their piece, something that wanders, and something of their own."""
    rng = np.random.default_rng(4)
    made = []
    for _ in range(4):
        steps = rng.standard_normal((WINDOWS, DIMENSIONS))
        wander = np.cumsum(steps, axis=0) / np.sqrt(WINDOWS)
        own = rng.standard_normal((WINDOWS, DIMENSIONS))
        made.append(piece * rng.standard_normal(DIMENSIONS) + drift * wander + 0.3 * own)
    return made


def test_one_piece_stays_one_piece() -> None:
    near, far = near_and_far(coherence(streams(piece=2.0, drift=0.0)))
    assert near == pytest.approx(far, abs=0.05)
    assert far > 0.6
    assert recognised(streams(piece=2.0, drift=0.0)) > 0.95


def test_what_wanders_is_near_but_not_far() -> None:
    near, far = near_and_far(coherence(streams(piece=0.0, drift=3.0)))
    assert near > 0.5
    assert far < near - 0.3


def test_windows_without_a_piece_have_none() -> None:
    near, far = near_and_far(coherence(streams(piece=0.0, drift=0.0)))
    assert near == pytest.approx(0.0, abs=0.05)
    assert far == pytest.approx(0.0, abs=0.05)
    assert recognised(streams(piece=0.0, drift=0.0)) == pytest.approx(1 / 4, abs=0.12)


def test_the_shortest_stream_has_both() -> None:
    assert len(near_and_far(coherence([s[:3] for s in streams(1.0, 0.0)]))) == 2
