"""The targets of the decoder: synthesised again they are the stem they came from."""

import numpy as np
import torch

from rtgen.audio import carriers, noise_table, synthesis
from rtgen.audio.synthesis import DecodedFrames
from rtgen.corpus.techno import render_techno
from rtgen.train import analysis


def test_the_constants_are_those_of_the_synthesis():
    assert np.allclose(analysis.carrier_hz().numpy(), carriers.carrier_hz())
    assert np.allclose(analysis.noise_band_matrix().numpy(), noise_table.band_matrix(), atol=1e-6)
    assert analysis.LOG_FLOOR == synthesis.LOG_FLOOR


def test_a_steady_tone_lands_on_its_carrier_alone():
    n = torch.arange(2048 * 12) / 44100
    x = 0.25 * torch.sin(2 * torch.pi * 440.0 * n)[None]
    peaks = analysis.tone_peaks(x)[0, 12:-12]
    assert torch.allclose(peaks[:, 135], torch.tensor(0.25), rtol=0.05)
    others = peaks.clone()
    others[:, 135] = 0
    assert others.max() < 0.005


def test_white_noise_gives_its_own_level_in_every_band():
    torch.manual_seed(0)
    bands = analysis.noise_bands(0.1 * torch.randn(1, 2048 * 64))
    level = torch.exp(2 * bands).mean((0, 1)).sqrt()
    assert torch.allclose(level[1:], torch.full((31,), 0.1), rtol=0.1)


def test_stems_survive_analysis_and_synthesis():
    tracks = (render_techno(seed, 64) for seed in range(50))
    track = next(t for t in tracks if all(x.std() > 0.01 for x in t.stems.values()))
    stems = {k: torch.from_numpy(v)[None] for k, v in track.stems.items()}
    targets = analysis.decoder_targets(stems["low"], stems["noise"], stems["tones"])
    decoded = DecodedFrames(*(t[0].numpy() for t in targets))
    cut = slice(2048, -2048)
    low = track.stems["low"][0][cut]
    error = synthesis.low(decoded) - low
    assert 10 * np.log10(np.mean(low**2) / np.mean(error**2)) > 20
    for name, made in (
        ("tones", synthesis.tones(decoded, 1)[0]),
        ("noise", synthesis.noise(decoded, 1, 0)[0]),
    ):
        wanted = track.stems[name].mean(0)[cut]
        assert abs(20 * np.log10(made.std() / wanted.std())) < 1.5
        envelopes = [np.sqrt((x.reshape(-1, 2048) ** 2).mean(1)) for x in (made, wanted)]
        assert np.corrcoef(*envelopes)[0, 1] > 0.95
