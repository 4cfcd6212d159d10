"""What the generator learns from: latents, and what is said of them."""

import numpy as np
import pytest
import torch

from rtgen.bundle.load import load_bundle
from rtgen.corpus.techno import render_techno
from rtgen.timeline.conditioning import DENSITY_TOP, build_conditioning
from rtgen.train.batches import CLIP_FRAMES
from rtgen.train.encoding import bundle_encoder, encode, opened
from rtgen.train.hearing import density_heard
from rtgen.train.latent_clip import LatentClip
from rtgen.train.previews import bundle_decoder, sound_of

SEED = 6
DENSITY = 15
AROUND = 24
"""Frames whose second of onsets reaches beyond what can be played of the clip alone."""


@pytest.fixture(scope="module")
def source():
    return bundle_encoder("techno")


@pytest.fixture(scope="module")
def clip(source):
    return LatentClip(source, "techno", SEED)


def test_density_is_what_is_heard_of_the_latents_not_of_the_track(clip, source):
    margins = load_bundle("techno").frames.margins
    first, last = margins.decoder_left + 1, margins.decoder_right + 1
    sound = sound_of(bundle_decoder(source.path)(torch.from_numpy(clip.latents)[None]))
    frames = len(clip.latents) - first - last
    assert len(sound) == frames * 2048
    heard = density_heard(np.ascontiguousarray(sound.mean(1)), frames)[AROUND:-AROUND]
    said = np.expm1((clip.controls[:, DENSITY] + 1) / 2 * np.log1p(DENSITY_TOP))
    said = said[first:-last][AROUND:-AROUND]
    assert np.abs(said - heard).mean() < 0.3
    track = render_techno(SEED, CLIP_FRAMES)
    of_track = density_heard(track.mix.mean(0), CLIP_FRAMES)
    assert abs(of_track.mean() - said.mean()) > 0.2


def test_what_is_said_lies_beside_the_latents_it_is_said_of(clip, source):
    track = render_techno(SEED, CLIP_FRAMES)
    whole = encode(track.mix, opened(source))
    middle = clip.latents[100]
    at = int(np.argmin(np.abs(whole - middle).sum(1)))
    assert np.allclose(whole[at], middle, atol=1e-4)
    first, labels = at - 100, track.labels
    inner = slice(first, first + len(clip.latents))
    given = np.ones(len(clip.latents), bool)
    told = build_conditioning(
        *(getattr(labels, name)[inner] for name in ("beat_position", "tempo_bpm", "density")),
        *(getattr(labels, name)[inner] for name in ("energy", "chroma")),
        *(given, given, given),
    )
    others = [slot for slot in range(told.shape[1]) if slot != DENSITY]
    assert np.array_equal(clip.controls[:, others], told[:, others])
