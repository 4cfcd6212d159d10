"""Figures follow from what was asked and heard, and chance is chance."""

from __future__ import annotations

import numpy as np
import pytest

from rtgen.evaluate.heard import Heard, correlation, rank_correlation
from rtgen.timeline.units import FRAMES_PER_SECOND
from tests.evaluate.signals import clicks_at, hits, sines

SECONDS = 12.0
TEMPI = (100.0, 110.0, 125.0, 140.0, 156.0)


@pytest.fixture(scope="module")
def obedient() -> Heard:
    """What a system that does what it is told would be heard as."""
    heard = Heard()
    frames = np.arange(int(SECONDS * FRAMES_PER_SECOND))
    for bpm in TEMPI:
        audio = clicks_at(bpm, SECONDS, hz=60.0)
        heard.add_tempo(audio, bpm)
        heard.add_kicks(audio, bpm, frames / FRAMES_PER_SECOND * bpm / 60)
    for rate in (1.0, 2.0, 4.0, 8.0):
        heard.add_density(hits(np.arange(0.1, 6, 1 / rate), 6.0), rate)
    for k, root in enumerate((0, 3, 5)):
        wanted = [(root + step) % 12 for step in (0, 4, 7)]
        heard.add_chroma(sines([261.63 * 2 ** (p / 12) for p in wanted], 3.0), wanted)
        heard.add_energy(sines([440.0], 3.0, 0.03 * 3**k), 0.2 * k + 0.1)
    return heard


def test_one_that_obeys_gets_full_marks(obedient: Heard) -> None:
    row = obedient.figures(corpus_share=obedient.chroma_share())
    assert row["tempo_librosa"] == row["tempo_fourier"] == row["tempo_aubio"] == 1.0
    assert row["beat_offset_ms"] is not None
    assert row["beat_offset_ms"] < 12.0
    assert row["density_spearman"] == pytest.approx(1.0)
    assert row["energy_spearman"] == pytest.approx(1.0)
    assert row["chroma_gain"] == pytest.approx(1.0)


def test_judged_by_what_others_were_asked_for_it_fails(obedient: Heard) -> None:
    row = obedient.shuffled().figures(corpus_share=obedient.chroma_share())
    for tool in ("librosa", "fourier", "aubio"):
        share = row[f"tempo_{tool}"]
        assert share is not None
        assert share < 0.5
    for name in ("chroma_gain", "density_spearman", "energy_spearman"):
        value = row[name]
        assert value is not None
        assert value < 0.5, name
    assert row["ramp_r"] is None


def test_shuffling_gives_no_clip_its_own_question(obedient: Heard) -> None:
    for before, after in zip(obedient.density, obedient.shuffled().density, strict=True):
        assert before[1] == after[1]
        assert before[0] != after[0]


def test_a_rising_density_is_followed_and_a_steady_one_is_not() -> None:
    seconds = 24.0
    asked = np.linspace(1.0, 12.0, int(seconds * FRAMES_PER_SECOND))
    count = np.cumsum(asked) / FRAMES_PER_SECOND
    times = np.interp(np.arange(1, int(count[-1])), count, np.arange(len(asked)))
    rising, steady = Heard(), Heard()
    rising.add_ramp(hits(times / FRAMES_PER_SECOND, seconds, fade=0.008), asked)
    steady.add_ramp(hits(np.arange(0.1, seconds, 0.2), seconds, fade=0.008), asked)
    assert rising.ramps[0] > 0.97
    assert abs(steady.ramps[0]) < 0.6


def test_nothing_heard_is_nothing_said() -> None:
    assert set(Heard().figures().values()) == {None}


def test_correlations() -> None:
    assert correlation(np.arange(5), -np.arange(5)) == pytest.approx(-1.0)
    assert correlation(np.arange(5), np.ones(5)) == 0.0
    assert rank_correlation([(1, 10), (2, 100), (3, 101)]) == pytest.approx(1.0)
    assert rank_correlation([(1, 3), (2, 2)]) is None
