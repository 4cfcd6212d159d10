"""Bars that are not of four beats start where the host's bars start."""

from __future__ import annotations

import numpy as np
import pytest

from rtgen.timeline.clock import in_bars_of_four
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import HOP, RATE


@pytest.mark.parametrize("bar_beats", [1.0, 2.0, 4.0, 8.0, 16.0])
def test_bars_that_fit_into_four_are_left_alone(bar_beats: float) -> None:
    beats = np.linspace(-20, 50, 500)
    assert np.array_equal(in_bars_of_four(beats, bar_beats), beats)


@pytest.mark.parametrize("bar_beats", [0.5 * 3, 2.5, 3.0, 3.5, 4.5, 5.0, 6.0, 7.0, 0.75, 10.5])
@pytest.mark.parametrize("bar", [-3, 0, 1, 250])
def test_every_bar_starts_a_bar_of_four(bar_beats: float, bar: int) -> None:
    start = bar * bar_beats
    inside = np.array([start, start + 0.25 * bar_beats, start + 0.99 * bar_beats])
    heard = in_bars_of_four(inside, bar_beats)
    assert heard[0] % 4 == 0
    assert np.allclose(heard - heard[0], inside - start)
    following = in_bars_of_four(np.array([start + bar_beats]), bar_beats)
    assert following[0] > heard[-1]


def test_a_timeline_counts_from_its_origin_both_ways() -> None:
    timeline = ControlTimeline({"tempo": 120.0}, origin=3.0)
    per_frame = 2.0 * HOP / RATE
    assert timeline.clock.beat(0) == 3.0
    assert timeline.clock.beat(-10) == pytest.approx(3.0 - 10 * per_frame)
    assert timeline.clock.beat(1000) == pytest.approx(3.0 + 1000 * per_frame)
    assert timeline.clock.beats(-2, 5) == pytest.approx(3.0 + np.arange(-2, 3) * per_frame)


def test_the_downbeat_of_a_bar_of_three_is_told_as_a_downbeat() -> None:
    # At 120 bpm a bar of three lasts 1.5 s; its frame is not exact, so the phase is near 0 only.
    timeline = ControlTimeline({"tempo": 120.0}, bar_beats=3.0)
    frame = round(3 * 1.5 * RATE / HOP)
    (said,) = timeline.conditioning(frame, 1)
    bar_sine, bar_cosine = said[6], said[7]
    assert bar_cosine > 0.99
    assert abs(bar_sine) < 0.1
    (four,) = ControlTimeline({"tempo": 120.0}).conditioning(frame, 1)
    assert four[7] < 0.99
