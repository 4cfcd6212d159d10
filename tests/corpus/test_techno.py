"""The corpus: deterministic, and its labels mean what is heard."""

import numpy as np
import pytest

from rtgen.corpus.arrangement import Event, draw_section, steps_of_bar
from rtgen.corpus.labels import density, merged_onsets
from rtgen.corpus.preview import write_preview
from rtgen.corpus.stream import SELECT_SEEDS, TEST_SEEDS, TRAIN_SEEDS, clips
from rtgen.corpus.techno import choked, draw_grid, render_techno

FRAMES = 256


def test_a_seed_is_a_track():
    a, b, c = (render_techno(seed, 64) for seed in (4, 4, 5))
    assert np.array_equal(a.mix, b.mix)
    assert not np.array_equal(a.mix, c.mix)


def test_shapes_levels_and_sums():
    track = render_techno(1, FRAMES)
    assert track.mix.shape == (2, FRAMES * 2048)
    assert np.array_equal(track.mix, sum(track.stems[k] for k in ("low", "noise", "tones")))
    assert np.abs(track.mix).max() <= 0.9801
    assert all(len(v) == FRAMES for v in vars(track.labels).values())


def test_kicks_fall_on_the_beats_that_the_labels_say():
    away = []
    for seed in range(12):
        track = render_techno(seed, FRAMES)
        low = track.stems["low"][0]
        power = np.convolve(low**2, np.ones(64) / 64, "same")
        rise = power[441:] - power[:-441]
        for i in np.flatnonzero((rise[1:-1] > rise[:-2]) & (rise[1:-1] >= rise[2:])):
            strong = (
                rise[i + 1] > 0.3 * rise.max()
                and rise[i + 1] == rise[max(i - 8000, 0) : i + 8000].max()
            )
            if strong:
                beat = draw_grid(seed, FRAMES).beat((i + 1) / 44100)
                away.append(abs(beat - np.round(beat)) * 60 / track.labels.tempo_bpm[0])
    assert len(away) > 80
    assert np.median(away) < 0.012


def test_beat_positions_move_with_the_tempo():
    for seed in range(20):
        labels = render_techno(seed, 48).labels
        step = np.diff(labels.beat_position) * 60 / (2048 / 44100)
        assert np.allclose(step, labels.tempo_bpm[:-1], atol=0.05)


def test_density_counts_what_lies_within_30_ms_once():
    onsets = merged_onsets(np.array([1.0, 1.02, 1.04, 1.5, 2.9]))
    assert list(onsets) == [1.0, 1.04, 1.5, 2.9]
    counted = density(onsets, 64)
    centre = int(1.3 * 44100 / 2048)
    assert counted[centre] == 3


def test_density_covers_its_range_at_every_tempo():
    means = np.array([render_techno(seed, 96).labels.density.mean() for seed in range(60)])
    assert means.min() < 3.5
    assert means.max() > 10
    assert means.std() > 2


def test_the_chord_holds_most_of_the_tones():
    shares, chances = [], []
    for seed in range(30):
        track = render_techno(seed, 48)
        chord = track.labels.chroma[24]
        if not chord.any() or not (track.labels.chroma == chord).all():
            continue
        mid = track.stems["tones"].mean(0)
        power = np.abs(np.fft.rfft(mid * np.hanning(len(mid)))) ** 2
        hz = np.fft.rfftfreq(len(mid), 1 / 44100)
        keep = (hz > 60) & (hz < 1200)
        pitch = np.round(69 + 12 * np.log2(hz[keep] / 440)).astype(int) % 12
        energy = np.bincount(pitch, power[keep], 12) / power[keep].sum()
        shares.append(energy[chord > 0].sum())
        chances.append(np.count_nonzero(chord) / 12)
    assert len(shares) >= 3
    assert np.mean(shares) > np.mean(chances) + 0.35


def drawn_bars(count):
    """Sections of many seeds with the steps of one bar of 1.7 s."""
    for seed in range(count):
        rng = np.random.default_rng(seed)
        section = draw_section(rng)
        yield section, steps_of_bar(section, 1.7, rng)


def test_kicks_stand_on_every_beat_however_sparse_the_bar_is():
    seen = 0
    for section, steps in drawn_bars(200):
        if "kick" in section.layers and section.density * 1.7 > 4.5:
            assert {0.0, 4.0, 8.0, 12.0} <= set(steps["kick"])
            seen += 1
    assert seen > 100


def test_one_layer_at_most_plays_the_off_beats_alone():
    between = {2, 6, 10, 14}
    for section, _ in drawn_bars(300):
        alone = [layer for layer, steps in section.patterns.items() if between.issuperset(steps)]
        assert len(alone) <= 1


def test_a_bar_has_as_many_steps_as_its_density_asks():
    for section, steps in drawn_bars(200):
        distinct = {step for layer in steps.values() for step in layer}
        wanted = min(section.density * 1.7, 32)
        assert len(distinct) <= max(wanted + 1, 1)
        assert len(distinct) >= wanted - 1


def test_a_closed_hat_closes_an_open_one():
    ringing = np.ones(20_000, np.float32)
    opened, kick, closed = Event("open", 2.0, 1.0), Event("kick", 2.1, 1.0), Event("hat", 2.5, 1.0)
    free = choked(ringing, opened, [Event("hat", 1.5, 1.0), opened, kick], 2.0)
    assert np.array_equal(free, ringing)
    shut = choked(ringing, opened, [opened, kick, closed], 2.0)
    at = int(0.25 * 44100)
    assert np.array_equal(shut[:at], ringing[:at])
    assert len(shut) < at + 441
    assert shut[-1] == 0


def test_seed_ranges_do_not_meet():
    assert TRAIN_SEEDS.stop <= SELECT_SEEDS.start < SELECT_SEEDS.stop <= TEST_SEEDS.start


def test_clips_stream_in_order_and_a_preview_is_written(tmp_path):
    streamed = list(clips("techno", range(2), 32, workers=0))
    assert np.array_equal(streamed[1].mix, render_techno(1, 32).mix)
    words = write_preview("techno", 3, tmp_path / "x.wav", 2.0)
    assert "bpm" in words
    assert (tmp_path / "x.wav").stat().st_size > 2 * 44100 * 2 * 2
    with pytest.raises(KeyError):
        write_preview("polka", 3, tmp_path / "y.wav", 2.0)
