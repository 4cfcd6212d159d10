"""The piano corpus: deterministic, tonal, and its labels mean what is heard."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from librosa.onset import onset_detect
from scipy.stats import spearmanr

from rtgen.corpus.chords import draw_chords, draw_key, lead
from rtgen.corpus.labels import merged_onsets
from rtgen.corpus.phrases import Metre, onsets_of_bar
from rtgen.corpus.piano import render_piano, strokes
from rtgen.corpus.preview import write_preview
from rtgen.corpus.rubato import Clock
from rtgen.corpus.score import draw_score
from rtgen.corpus.strings import damped_sum, draw_piano

FRAMES = 160


@pytest.fixture(scope="module")
def tracks():
    return [render_piano(seed, FRAMES) for seed in range(24)]


def test_a_seed_is_a_track(tracks):
    assert np.array_equal(render_piano(4, FRAMES).mix, tracks[4].mix)
    assert not np.array_equal(tracks[4].mix, tracks[5].mix)


def test_shapes_levels_and_labels_without_a_beat(tracks):
    for track in tracks:
        assert track.mix.shape == (2, FRAMES * 2048)
        assert np.abs(track.mix).max() <= 0.9801
        labels = track.labels
        assert all(len(v) == FRAMES for v in vars(labels).values())
        assert np.isnan(labels.tempo_bpm).all()
        assert np.isnan(labels.beat_position).all()
        sums = labels.chroma.sum(1)
        assert np.all(np.isclose(sums, 1, atol=1e-5) | (sums == 0))


def test_pieces_go_from_almost_silent_to_dense(tracks):
    densities = np.array([t.labels.density.mean() for t in tracks])
    energies = np.array([t.labels.energy.mean() for t in tracks])
    assert densities.min() < 1
    assert densities.max() > 9
    assert energies.min() < 0.15
    assert energies.max() > 0.6


def test_the_density_that_labels_say_is_what_an_onset_detector_hears(tracks):
    heard = [
        len(onset_detect(y=t.mix.mean(0), sr=44100, hop_length=256, delta=0.03)) for t in tracks
    ]
    said = [t.labels.density.mean() for t in tracks]
    assert spearmanr(heard, said).statistic > 0.95


def test_chords_hold_most_of_the_tones():
    shares, chances = [], []
    for seed in range(40):
        track = render_piano(seed, 48)
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


def test_bars_come_back_with_variation():
    shared = []
    for seed in range(30):
        score = draw_score(seed)
        bars = [k * score.section_bars for k in range(2 * len(score.form))]
        kinds = [score.section(b) for b in bars]
        for a, b in combinations(range(len(bars)), 2):
            alike = all(
                getattr(kinds[a], name) == getattr(kinds[b], name)
                for name in ("kind", "bass", "onsets_per_second")
            )
            if alike and kinds[a].onsets_per_second > 3:
                first, second = (
                    {
                        (round(n.beat - bar * score.metre.beats, 3), n.pitch)
                        for n in score.notes(bar)
                    }
                    for bar in (bars[a], bars[b])
                )
                shared.append(len(first & second) / max(len(first | second), 1))
    assert len(shared) > 30
    assert np.median(shared) > 0.7
    assert min(shared) < 0.9


def test_every_bar_of_every_piece_can_be_played():
    for seed in range(600):
        score = draw_score(seed)
        for bar in (0, 7, 130 + seed % 16):
            for note in score.notes(bar):
                assert 21 <= note.pitch <= 108
                assert 0 < note.velocity <= 1
                assert 0 <= note.beat - bar * score.metre.beats < score.metre.beats
                assert note.length_beats > 0


def test_voices_move_less_than_the_roots():
    rng = np.random.default_rng(0)
    voices, roots = [], []
    for _ in range(40):
        chords = draw_chords(rng, draw_key(rng))
        assert 4 <= len(chords) <= 8
        held: tuple[int, ...] = ()
        for one, two in pairwise(chords):
            before = held or tuple(lead(one.classes, (), 48, 72))
            held = tuple(lead(two.classes, before, 48, 72))
            voices.append(abs(np.mean(held) - np.mean(before)))
            roots.append(min((two.classes[0] - one.classes[0]) % 12, 5))
            assert {p % 12 for p in held} == set(two.classes)
    assert np.mean(voices) < np.mean(roots) - 1


def test_a_bar_has_as_many_onsets_as_wanted_on_strong_places_first():
    rng = np.random.default_rng(0)
    for metre in (Metre(4, False), Metre(3, True)):
        assert onsets_of_bar(metre, 1.0, rng) == [0.0]
        beats = [float(b) for b in range(metre.beats)]
        assert onsets_of_bar(metre, float(metre.beats), rng) == beats
        assert len(onsets_of_bar(metre, 11.0, rng)) == 11
    counts = [len(onsets_of_bar(Metre(4, False), 0.3, rng)) for _ in range(400)]
    assert 0.2 < np.mean(counts) < 0.4


def test_time_breathes_but_never_runs_back():
    for seed in range(20):
        pace = draw_score(seed).pace
        clock = Clock(pace, 100.0, 5.0, 20.0)
        assert clock.seconds(100.0) == pytest.approx(0, abs=1e-9)
        times = [clock.seconds(100 + k / 4) for k in range(40)]
        lengths = np.diff(times)
        assert (lengths > 0).all()
        assert np.std(lengths) / np.mean(lengths) > 0.003
        assert clock.beat(times[10]) == pytest.approx(102.5, abs=1e-6)


def test_strokes_are_what_the_density_label_counts():
    score = draw_score(3)
    clock = Clock(score.pace, 400.0, 6.0, 8.0)
    played = strokes(score, clock, 100, 103)
    distinct = merged_onsets(np.array([s.seconds for s in played]))
    assert 0 < len(distinct) <= len(played)
    assert np.diff(distinct).min() > 0.03


def test_a_damped_sum_is_the_sum_of_damped_sines():
    levels, hz, rates = np.array([1.0, 0.5]), np.array([110.0, 333.3]), np.array([3.0, 9.0])
    t = np.arange(3000) / 44100
    wanted = sum(
        a * np.sin(2 * np.pi * f * t) * np.exp(-r * t)
        for a, f, r in zip(levels, hz, rates, strict=True)
    )
    assert np.allclose(damped_sum(levels, hz, rates, 3000), wanted, atol=1e-4)


def test_strings_are_stiff_in_tune_and_bass_rings_longer():
    piano = draw_piano(np.random.default_rng(2))
    note = piano.note(57, 0.7, 4.0)
    spectrum = np.abs(np.fft.rfft(note * np.hanning(len(note))))
    hz = np.fft.rfftfreq(len(note), 1 / 44100)

    def peak(low, high):
        keep = (hz > low) & (hz < high)
        return hz[keep][spectrum[keep].argmax()]

    assert peak(200, 240) == pytest.approx(220.0, abs=0.5)
    assert peak(2150, 2290) > 2200.5

    def kept(pitch):
        x = piano.note(pitch, 0.7, 3.0).astype(np.float64) ** 2
        return x[66150:].sum() / x[:66150].sum()

    assert kept(36) > 4 * kept(84)


def test_a_preview_says_that_there_is_no_beat(tmp_path):
    assert "no beat" in write_preview("piano", 3, tmp_path / "x.wav", 2.0)
