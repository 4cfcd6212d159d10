"""Clips of the endless corpus as the generator learns from them: encoded, and heard."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch

from rtgen.bundle.load import load_bundle
from rtgen.corpus.stream import STYLES
from rtgen.timeline.conditioning import build_conditioning
from rtgen.train.analysis import encoder_features
from rtgen.train.batches import CLIP_FRAMES
from rtgen.train.encoding import EncoderSource, opened
from rtgen.train.hearing import density_heard
from rtgen.train.latents import frozen_autoencoder
from rtgen.train.previews import Decode, bundle_decoder, net_decoder, sound_of


class LatentClip:
    """One clip: latents (T, 64) and conditioning (T, 32), float32.

    Its density is what is heard of these latents: in dense bars a third of the events hide behind
    others, and the decoder smears a fifth of what is left.
    """

    def __init__(self, source: EncoderSource, style: str, seed: int) -> None:
        torch.set_num_threads(1)
        encoder, begin, _ = opened(source)
        decode, left, right = _decoder(source)
        track = STYLES[style](seed, CLIP_FRAMES)
        with torch.no_grad():
            latents = encoder(encoder_features(torch.from_numpy(track.mix)[None]))
            sound = sound_of(decode(torch.from_numpy(latents)[None]))
        # The synthesis wants one frame on each side, the decoder its own margins around those.
        self.latents = latents[left + 1 : len(latents) - right - 1]
        frames = len(self.latents)
        labels, inner = track.labels, slice(begin + left + 1, begin + left + 1 + frames)
        given = np.ones(frames, bool)
        self.controls = build_conditioning(
            labels.beat_position[inner],
            labels.tempo_bpm[inner],
            density_heard(np.ascontiguousarray(sound.mean(1)), frames),
            labels.energy[inner],
            labels.chroma[inner],
            given,
            given,
            given,
        )


@cache
def _decoder(source: EncoderSource) -> tuple[Decode, int, int]:
    """The other half of an encoder, and how many frames it uses up to the left and to the right."""
    if source.standardised:
        margins = load_bundle(source.path).frames.margins
        return bundle_decoder(source.path), margins.decoder_left, margins.decoder_right
    net = frozen_autoencoder(source.path).decoder
    return net_decoder(net), net.left, net.right
