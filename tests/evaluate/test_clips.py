"""The model is asked exactly what the labels of a track say."""

from __future__ import annotations

import numpy as np
import pytest

from rtgen.bundle.load import Bundle
from rtgen.evaluate.clips import (
    ANEW_FRAMES,
    START_FRAME,
    corpus_clip,
    frames_of,
    labelled_timeline,
    mixed_labels,
    played,
    played_anew,
)
from rtgen.evaluate.settings import Purpose, Settings
from rtgen.evaluate.systems import CORPUS, FRESH, MODEL, SHUFFLED, Systems
from rtgen.stream.renderer import Renderer, Voice
from rtgen.timeline.conditioning import build_conditioning
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import HOP

FRAMES = 200


def test_a_timeline_says_what_the_labels_say(techno: Bundle) -> None:
    labels = corpus_clip("techno", 11_900_000, FRAMES).labels
    given = np.ones(FRAMES, bool)
    wanted = build_conditioning(
        labels.beat_position,
        labels.tempo_bpm,
        labels.density,
        labels.energy,
        labels.chroma,
        given,
        given,
        given,
    )
    asked = labelled_timeline(labels, techno.manifest).conditioning(START_FRAME, FRAMES)
    assert np.abs(asked - wanted).max() < 2e-3


def test_controls_that_a_model_does_not_know_keep_their_defaults(tiny: Bundle) -> None:
    deaf = tiny.manifest.model_copy(update={"controls": {}})
    labels = corpus_clip("techno", 11_900_001, FRAMES).labels
    timeline, plain = labelled_timeline(labels, deaf), ControlTimeline()
    for name in ("tempo", "density", "energy"):
        values = timeline.values(name, START_FRAME, FRAMES)
        assert np.array_equal(values, plain.values(name, START_FRAME, FRAMES))


def test_mixed_labels_keep_the_beat_and_take_the_rest_elsewhere() -> None:
    a, b, c, d = (corpus_clip("techno", 11_900_002 + k, 60).labels for k in range(4))
    mixed = mixed_labels(a, b, c, d)
    assert mixed.beat_position is a.beat_position
    assert (mixed.density is b.density, mixed.chroma is c.chroma, mixed.energy is d.energy) == (
        True,
        True,
        True,
    )


def test_fresh_anchors_are_another_music_in_every_window(tiny: Bundle) -> None:
    renderer, timeline = Renderer(tiny), ControlTimeline()
    once = played_anew(renderer, 5, timeline, 2 * ANEW_FRAMES)
    assert np.array_equal(once, played_anew(renderer, 5, timeline, 2 * ANEW_FRAMES))
    second = renderer.block(Voice(5 + 2 * 1_000_003), timeline, START_FRAME + ANEW_FRAMES, 20)
    middle = slice((ANEW_FRAMES + 1) * HOP, (ANEW_FRAMES + 20) * HOP)
    assert np.abs(once[middle] - second[HOP:]).max() < 1e-5
    whole = played(renderer, 5, timeline, 2 * ANEW_FRAMES)
    assert np.abs(once[middle] - whole[middle]).max() > 1e-2


def test_every_system_plays_the_same_stretch(tiny: Bundle) -> None:
    systems = Systems(Renderer(tiny), None, Settings())
    made = list(systems.stretches(Purpose.HELD_OUT, 2, 70))
    for clip in made:
        assert list(clip) == [CORPUS, MODEL, SHUFFLED, FRESH]
        assert {audio.shape for audio in clip.values()} == {(70 * HOP, 2)}
    assert not np.array_equal(made[0][CORPUS], made[1][CORPUS])
    assert not np.array_equal(made[0][MODEL], made[0][SHUFFLED])


def test_without_a_corpus_there_is_the_model_and_its_fresh_self(tiny: Bundle) -> None:
    own = tiny.manifest.model_copy(update={"style": "polka"})
    systems = Systems(Renderer(Bundle(tiny.folder, own, tiny.graphs)), None, Settings())
    (made,) = systems.stretches(Purpose.HELD_OUT, 1, 70)
    assert list(made) == [MODEL, FRESH]


@pytest.mark.parametrize(("seconds", "frames"), [(2048 / 44100, 1), (0.05, 2), (3.0, 65)])
def test_frames_hold_a_time(seconds: float, frames: int) -> None:
    assert frames_of(seconds) == frames


def test_no_two_purposes_share_a_seed() -> None:
    settings = Settings()
    ends = [[settings.seed(p, 0), settings.seed(p, 9999)] for p in Purpose]
    flat = [seed for pair in ends for seed in pair]
    assert flat == sorted(flat)
    assert len(set(flat)) == len(flat)
    with pytest.raises(ValueError, match="TEMPO has no seed 10000"):
        settings.seed(Purpose.TEMPO, 10_000)
