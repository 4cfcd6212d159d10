"""The tools hear what was put there."""

from __future__ import annotations

import numpy as np
import pytest

from rtgen.evaluate import listen
from rtgen.timeline.units import RATE
from tests.evaluate.signals import clicks_at, hits, sines


@pytest.mark.parametrize("bpm", [97.0, 120.0, 151.0])
def test_every_tool_hears_the_tempo_of_a_click_train(bpm: float) -> None:
    # Soft clicks between the beats: aubio takes bare beats for every third half.
    audio = clicks_at(bpm, 20.0, hz=80.0) + 0.2 * clicks_at(2 * bpm, 20.0, hz=6000.0)
    found = listen.tempi(listen.mono_of(audio))
    assert set(found) == set(listen.TEMPO_TOOLS)
    assert all(listen.folded_error(heard, bpm) < 0.02 for heard in found.values()), found


def test_silence_has_no_tempo() -> None:
    found = listen.tempi(np.zeros(5 * RATE, np.float32))
    assert all(listen.folded_error(heard, 120.0) == 1.0 for heard in found.values())


@pytest.mark.parametrize(
    ("found", "error"),
    [(120.0, 0.0), (60.0, 0.0), (480.0, 0.0), (123.6, 0.03), (61.8, 0.03), (180.0, 0.25)],
)
def test_octaves_are_folded_and_nothing_else(found: float, error: float) -> None:
    assert listen.folded_error(found, 120.0) == pytest.approx(error)


@pytest.mark.parametrize("late_ms", [0.0, 15.0, 30.0])
def test_low_onsets_tell_how_late_a_kick_is(late_ms: float) -> None:
    bpm = 120.0

    def median_ms(late: float) -> float:
        kicks = clicks_at(bpm, 12.0, hz=60.0, late=late)
        times = listen.low_onsets(listen.mono_of(kicks))
        assert len(times) > 15
        return float(np.median(listen.from_beat_ms(times * bpm / 60, bpm)))

    assert median_ms(late_ms / 1000) - median_ms(0.0) == pytest.approx(late_ms, abs=3.0)


def test_high_hits_between_kicks_are_no_low_onsets() -> None:
    kicks = clicks_at(60.0, 6.0, hz=60.0, late=0.1)
    burst = np.hanning(2205) * np.sin(2 * np.pi * 5000.0 * np.arange(2205) / RATE)
    for second in range(6):
        kicks[round((second + 0.6) * RATE) :][: len(burst)] += 0.5 * burst[:, None]
    times = listen.low_onsets(listen.mono_of(kicks))
    assert len(times) == 6
    assert times % 1.0 == pytest.approx(0.1, abs=0.03)


def test_onsets_are_counted_in_every_window() -> None:
    slow, fast = np.arange(0.25, 8, 0.5), np.arange(8, 16, 0.125)
    audio = hits(np.concatenate([slow, fast]), 16.0)
    rates, centres = listen.onset_rates(listen.mono_of(audio), 4.0, 1.0)
    assert rates[centres == 3.0] == pytest.approx(2.0, abs=0.3)
    assert rates[centres == 13.0] == pytest.approx(8.0, abs=0.6)


def test_a_chord_has_its_energy_in_its_pitch_classes() -> None:
    c_major = sines([261.63, 329.63, 392.0], 4.0)
    shares = listen.pitch_shares(listen.mono_of(c_major))
    assert shares.sum() == pytest.approx(1.0)
    inside, elsewhere = listen.share_and_chance(shares, frozenset({0, 4, 7}))
    assert inside > 0.6
    assert elsewhere < 0.25
    assert inside == max(
        listen.share_and_chance(shares, frozenset((p + t) % 12 for p in (0, 4, 7)))[0]
        for t in range(12)
    )


@pytest.mark.parametrize(("rms_db", "energy"), [(-36.0, 0.0), (-23.0, 0.5), (-10.0, 1.0)])
def test_the_level_is_on_the_scale_of_the_labels(rms_db: float, energy: float) -> None:
    peak = np.sqrt(2) * 10 ** (rms_db / 20)
    assert listen.level(sines([440.0], 3.0, peak)) == pytest.approx(energy, abs=0.01)
