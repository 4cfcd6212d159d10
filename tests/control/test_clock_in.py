"""A MIDI clock with jitter is followed in tempo and phase."""

from __future__ import annotations

import math
import random

import pytest

from rtgen.control.clock_in import Beat, ClockIn

PERIOD_120 = 60 / 120 / 24


def feed(clock: ClockIn, times: list[float]) -> list[Beat]:
    return [said for time in times if (said := clock.tick(time)) is not None]


def test_nothing_is_said_before_about_a_second_of_ticks() -> None:
    assert feed(ClockIn(), [k * PERIOD_120 for k in range(20)]) == []


def test_an_even_clock_is_told_exactly() -> None:
    clock = ClockIn()
    clock.start()
    said = feed(clock, [5 + k * PERIOD_120 for k in range(97)])
    assert said[-1].tempo_bpm == pytest.approx(120)
    assert said[-1].beat == pytest.approx(4)


@pytest.mark.parametrize("tempo", [60.0, 97.3, 128.0, 180.0])
def test_jitter_of_driver_blocks_is_averaged_out(tempo: float) -> None:
    clock, period, block = ClockIn(), 60 / tempo / 24, 256 / 48000
    clock.start()
    times = [math.ceil(k * period / block) * block for k in range(24 * 30)]
    said = feed(clock, times)[240:]
    assert all(abs(s.tempo_bpm / tempo - 1) < 0.004 for s in said)
    first = 24 * 30 - len(said)
    late = [(s.beat - k / 24) * 60 / tempo for k, s in enumerate(said, first)]
    assert max(map(abs, late)) < 0.006


def test_a_tempo_change_is_followed_without_losing_a_tick() -> None:
    clock, chance = ClockIn(), random.Random(2)
    clock.start()
    times, at = [], 0.0
    for k in range(24 * 16):
        times.append(at + chance.gauss(0, 0.0005))
        at += 60 / (120 if k < 24 * 4 else 140) / 24
    said = feed(clock, times)
    assert said[-1].tempo_bpm == pytest.approx(140, abs=0.7)
    assert said[-1].beat == pytest.approx((24 * 16 - 1) / 24, abs=0.01)


def test_a_stopped_clock_keeps_its_place_and_its_tempo() -> None:
    clock = ClockIn()
    clock.start()
    feed(clock, [k * PERIOD_120 for k in range(49)])
    clock.stop()
    stopped = feed(clock, [k * PERIOD_120 for k in range(49, 80)])
    assert not stopped[-1].playing
    assert stopped[-1].tempo_bpm == pytest.approx(120)
    clock.resume()
    assert feed(clock, [80 * PERIOD_120])[0].beat == pytest.approx(49 / 24)


def test_a_song_position_is_where_the_next_tick_is() -> None:
    clock = ClockIn()
    feed(clock, [k * PERIOD_120 for k in range(40)])
    clock.song_position(32)
    clock.resume()
    assert feed(clock, [40 * PERIOD_120])[0].beat == pytest.approx(8)


def test_start_without_a_song_position_is_the_beginning() -> None:
    clock = ClockIn()
    feed(clock, [k * PERIOD_120 for k in range(40)])
    clock.song_position(32)
    clock.start()
    assert feed(clock, [40 * PERIOD_120])[0].beat == pytest.approx(0)


def test_a_clock_that_was_away_for_a_second_is_learnt_anew() -> None:
    clock = ClockIn()
    clock.start()
    feed(clock, [k * PERIOD_120 for k in range(60)])
    again = feed(clock, [100 + k * 60 / 90 / 24 for k in range(60)])
    assert again
    assert again[0].tempo_bpm == pytest.approx(90)
