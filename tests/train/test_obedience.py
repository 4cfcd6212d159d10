"""What decides when to stop hears what was asked, and styles are told apart by their own sound."""

import numpy as np
import pytest
import torch

from rtgen.corpus.techno import render_techno
from rtgen.nets.autoencoder import Autoencoder
from rtgen.nets.generator import Generator
from rtgen.train import obedience as listening
from rtgen.train.gan_inputs import Scale
from rtgen.train.gan_losses import contrast
from rtgen.train.hearing import density_heard
from rtgen.train.obedience import Obedience, chord_share, is_in_time, obedience, rank_correlation
from rtgen.train.previews import net_decoder

RATE = 44100


def clicks(bpm, seconds=8.0):
    out = np.zeros(int(seconds * RATE), np.float32)
    out[(np.arange(0, seconds, 60 / bpm) * RATE).astype(int)] = 1.0
    return np.convolve(out, np.hanning(64), "same").astype(np.float32)


def test_a_chord_is_heard_in_its_own_classes():
    t = np.arange(4 * RATE) / RATE
    chord = sum(np.sin(2 * np.pi * 261.6256 * 2 ** (k / 12) * t) for k in (0, 4, 7))
    mono = (0.2 * chord).astype(np.float32)
    assert chord_share(mono, {0, 4, 7}) > 0.4
    assert chord_share(mono, {1, 5, 8}) < 0.0


def test_a_tempo_is_heard_doubled_too_but_no_other():
    assert is_in_time(clicks(125), 125)
    assert is_in_time(clicks(125), 62.5)
    assert not is_in_time(clicks(125), 112)


def test_ranks_correlate_and_ties_are_no_order():
    asked = np.array([3.0, 1.0, 2.0])
    assert rank_correlation(asked, np.array([30.0, 10.0, 20.0])) == pytest.approx(1.0)
    assert rank_correlation(asked, np.array([1.0, 1.0, 1.0])) == 0.0


def test_density_heard_counts_no_more_than_was_played():
    track = render_techno(5, 256)
    heard = density_heard(track.mix.mean(0), 256)
    assert heard.shape == track.labels.density.shape
    assert 0.4 < heard.mean() / track.labels.density.mean() < 1.2
    assert density_heard(clicks(120), 172)[40:-40].mean() == pytest.approx(2.0, abs=0.3)


def test_a_generator_that_nobody_trained_obeys_badly_and_is_listened_to(monkeypatch):
    monkeypatch.setattr(listening, "CLIPS", 3)
    monkeypatch.setattr(listening, "FRAMES", 64)
    torch.manual_seed(0)
    decode = net_decoder(Autoencoder().decoder)
    scale = Scale(torch.zeros(64), torch.ones(64))
    heard = obedience(Generator().eval(), decode, scale, (100.0, 160.0))
    assert -1 <= heard.density <= 1
    assert abs(heard.chroma) < 0.2
    good, better = Obedience(0.5, 0.2, 0.9), Obedience(0.8, 0.2, 0.9)
    assert better.score > good.score > heard.score - 2


def test_contrast_is_nothing_for_fellows_and_a_guess_for_strangers():
    fellows = torch.eye(4)[[0, 0, 1, 1]][None]
    assert contrast(fellows).item() < 0.01
    strangers = torch.eye(4)[None]
    assert contrast(strangers).item() == pytest.approx(np.log(3), abs=1e-5)
    crossed = torch.eye(4)[[0, 1, 0, 1]][None]
    assert contrast(crossed).item() > 5
