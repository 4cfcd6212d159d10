"""Studies: single sounds that stand still, and a corpus of everything by turns."""

from itertools import pairwise

import numpy as np

from rtgen.corpus.stream import ALL, SETTLING, stems_of
from rtgen.corpus.studies import render_study
from rtgen.corpus.techno import render_techno

FRAMES = 200


def test_a_seed_is_a_study_and_its_stems_are_finite_and_not_too_loud():
    for seed in range(6):
        made = render_study(seed, FRAMES)
        assert set(made) == {"low", "noise", "tones"}
        mix = sum(made.values())
        assert mix.shape == (2, FRAMES * 2048)
        assert np.isfinite(mix).all()
        assert 0.01 < np.abs(mix).max() < 2.0
        again = render_study(seed, FRAMES)
        assert all(np.array_equal(made[k], again[k]) for k in made)


def test_one_sound_follows_another_tones_and_drums_apart():
    both, alone = 0, 0
    for seed in range(12):
        made = render_study(seed, FRAMES)
        seconds = [x[0][: 9 * 44100].reshape(9, -1).std(1) > 1e-4 for x in made.values()]
        tones, drums = seconds[2], seconds[0] | seconds[1]
        both += int((tones & drums).sum())
        alone += int((tones ^ drums).sum())
    assert alone > 3 * both


def test_all_takes_styles_and_studies_by_turns():
    assert turns(ALL, ("techno", "piano", "studies"), 11) == [5, 4, 2]
    assert np.array_equal(stems_of("techno", 3, 4)["low"], render_techno(3, 4).stems["low"])


def test_a_decoder_settles_on_chords_more_than_on_all_else():
    chords, *others = turns(SETTLING, ("chords", "techno", "piano", "studies"), 15)
    assert chords > sum(others)
    assert min(others) >= 1


def turns(mixture, kinds, seeds):
    """How many seeds of a mixture are of each kind."""
    return [
        sum(
            all(np.array_equal(x, stems_of(kind, seed, 4)[k]) for k, x in made.items())
            for seed, made in ((seed, stems_of(mixture, seed, 4)) for seed in range(seeds))
        )
        for kind in kinds
    ]


def test_chords_are_of_several_notes_in_every_register_and_short():
    found = []
    for seed in range(8):
        mono = stems_of("chords", seed, 400)["tones"].mean(0)
        spectra = np.abs(np.fft.rfft(mono[: 18 * 44100].reshape(18, -1) * np.hanning(44100)))
        found += [spectrum[50:2000] for spectrum in spectra if spectrum.max() > 10]
    lowest = [50 + int(np.argmax(x > 0.1 * x.max())) for x in found]
    assert min(lowest) < 100
    assert max(lowest) > 250
    changes = [np.corrcoef(a, b)[0, 1] < 0.5 for a, b in pairwise(found)]
    assert np.mean(changes) > 0.3
