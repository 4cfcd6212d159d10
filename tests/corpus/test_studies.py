"""Studies: single sounds that stand still, and a corpus of everything by turns."""

import numpy as np

from rtgen.corpus.stream import ALL, stems_of
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
    kinds = dict.fromkeys(("techno", "piano", "studies"), 0)
    for seed in range(11):
        made = stems_of(ALL, seed, 4)
        for name in kinds:
            same = stems_of(name, seed, 4)
            kinds[name] += all(np.array_equal(made[k], same[k]) for k in made)
    assert sum(kinds.values()) == 11
    assert min(kinds.values()) >= 2
    assert np.array_equal(stems_of("techno", 3, 4)["low"], render_techno(3, 4).stems["low"])
