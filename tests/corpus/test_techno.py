"""The corpus: deterministic, and its labels mean what is heard."""

import numpy as np
import pytest

from rtgen.corpus.labels import density, merged_onsets
from rtgen.corpus.preview import write_preview
from rtgen.corpus.stream import SELECT_SEEDS, TEST_SEEDS, TRAIN_SEEDS, clips
from rtgen.corpus.techno import draw_grid, render_techno

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
