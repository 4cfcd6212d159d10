"""What the generator learns from: latents, and what is said of them."""

import numpy as np
import pytest

from rtgen.corpus.techno import render_techno
from rtgen.timeline.conditioning import build_conditioning
from rtgen.train.batches import CLIP_FRAMES
from rtgen.train.encoding import bundle_encoder, encode, opened
from rtgen.train.hearing import density_heard
from rtgen.train.latent_clip import LatentClip

SEED = 6


@pytest.fixture(scope="module")
def source():
    return bundle_encoder("techno")


def test_what_is_said_lies_beside_the_latents_it_is_said_of(source):
    clip = LatentClip(source, "techno", SEED)
    track = render_techno(SEED, CLIP_FRAMES)
    whole = encode(track.mix, opened(source))
    middle = clip.latents[100]
    at = int(np.argmin(np.abs(whole - middle).sum(1)))
    assert np.allclose(whole[at], middle, atol=1e-4)
    first, labels = at - 100, track.labels
    inner = slice(first, first + len(clip.latents))
    given = np.ones(len(clip.latents), bool)
    heard = density_heard(track.mix.mean(0), CLIP_FRAMES)[inner]
    told = build_conditioning(
        *(getattr(labels, name)[inner] for name in ("beat_position", "tempo_bpm")),
        heard,
        *(getattr(labels, name)[inner] for name in ("energy", "chroma")),
        *(given, given, given),
    )
    assert np.array_equal(clip.controls, told)
