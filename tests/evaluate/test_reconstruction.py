"""What the autoencoder loses: the measures, and the way through it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rtgen.bundle.load import Bundle
from rtgen.errors import BundleError, EvaluationError
from rtgen.evaluate import reconstruction
from rtgen.evaluate.clips import Stereo, corpus_clip
from rtgen.evaluate.reconstruction import (
    MARGIN_LEFT,
    MARGIN_RIGHT,
    Reconstructor,
    held_tone,
    pitch,
    share_near_partials,
    spectral_distance_db,
    tone,
)
from rtgen.timeline.units import HOP
from rtgen.train.analysis import encoder_features
from tests.evaluate.signals import noise, sines

AROUND = MARGIN_LEFT + MARGIN_RIGHT


def features(audio: Stereo) -> np.ndarray:
    mix = torch.from_numpy(np.ascontiguousarray(audio.T))[None]
    return encoder_features(mix)[0].numpy()


@pytest.fixture(scope="module")
def through(techno: Bundle) -> Reconstructor:
    return Reconstructor(techno, techno.graph("encoder.onnx"), features)


class Lossless(Reconstructor):
    """Gives back what it gets, as an autoencoder would that loses nothing."""

    def __init__(self) -> None:
        pass

    def frames(self, audio: Stereo, first: int = 0) -> tuple[Stereo, int, int]:
        return audio[3 * HOP : -2 * HOP], 3, 2


class Blurred(Lossless):
    """Says noise of the right level and no pitch."""

    def frames(self, audio: Stereo, first: int = 0) -> tuple[Stereo, int, int]:
        kept, left, right = super().frames(audio)
        return noise(len(kept) / 44100, level=float(kept.std()))[: len(kept)], left, right


def test_a_sound_is_no_distance_from_itself_and_6_db_from_its_double() -> None:
    sound = noise(1.0)
    assert spectral_distance_db(sound, sound) == 0.0
    assert spectral_distance_db(sound, 2 * sound) == pytest.approx(6.02, abs=0.1)


def test_what_lies_under_the_floor_costs_nothing() -> None:
    assert spectral_distance_db(noise(1.0, level=1e-6), np.zeros((44100, 2), np.float32)) == 0.0


@pytest.mark.parametrize(
    ("cents", "low", "high"), [(0, 0.99, 1.0), (10, 0.99, 1.0), (50, 0.0, 0.05)]
)
def test_energy_counts_only_near_the_partials(cents: float, low: float, high: float) -> None:
    partials = 440.0 * np.arange(1, 6) * 2 ** (cents / 1200)
    assert low <= share_near_partials(sines(partials, 3.0).mean(1)) <= high


def test_one_that_loses_nothing_gets_full_marks() -> None:
    assert tone(Lossless()) == pytest.approx(1.0, abs=1e-3)
    assert pitch(Lossless(), [1, 2])["ratio"] == pytest.approx(0.0, abs=1e-6)


def test_one_without_pitch_gets_none() -> None:
    assert tone(Blurred()) < 0.05
    assert pitch(Blurred(), [1, 2, 3])["ratio"] > 1.0


def test_the_shipped_one_comes_close(through: Reconstructor) -> None:
    clip = corpus_clip("techno", 11_900_010, 100 + AROUND)
    made = through.inner(clip)
    kept = clip.inner(MARGIN_LEFT, MARGIN_RIGHT)
    assert made.audio.shape == kept.audio.shape
    assert np.array_equal(made.labels.density, kept.labels.density)
    near = spectral_distance_db(kept.audio, made.audio)
    shifted = np.roll(made.audio, 4 * HOP, axis=0)
    assert near < 6.0
    assert near < 0.8 * spectral_distance_db(kept.audio, shifted)
    assert tone(through) > 0.5 * share_near_partials(held_tone().mean(1))


def test_long_clips_come_through_in_pieces(
    through: Reconstructor, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = corpus_clip("techno", 11_900_011, 150 + AROUND)
    whole = through.inner(clip).audio
    monkeypatch.setattr(reconstruction, "PIECE_FRAMES", 64)
    assert np.abs(through.inner(clip).audio - whole).max() < 1e-4


def test_a_foreign_encoder_is_refused(techno: Bundle) -> None:
    with pytest.raises(BundleError, match="cannot open the encoder"):
        Reconstructor(techno, b"no graph", features)
    wrong = Reconstructor(techno, techno.graph("decoder.onnx"), features)
    with pytest.raises(EvaluationError, match="does not fit"):
        wrong.frames(held_tone())
