"""Clips of the endless corpus as the generator learns from them: encoded, and heard."""

from __future__ import annotations

import numpy as np
import torch

from rtgen.corpus.stream import STYLES
from rtgen.timeline.conditioning import build_conditioning
from rtgen.train.analysis import encoder_features
from rtgen.train.batches import CLIP_FRAMES
from rtgen.train.encoding import EncoderSource, opened
from rtgen.train.hearing import density_heard


class LatentClip:
    """One clip: latents (T, 64) and conditioning (T, 32), float32.

    Its density is what is heard: in dense bars a third of the events hide behind others.
    """

    def __init__(self, source: EncoderSource, style: str, seed: int) -> None:
        torch.set_num_threads(1)
        encoder, left, _ = opened(source)
        track = STYLES[style](seed, CLIP_FRAMES)
        with torch.no_grad():
            self.latents = encoder(encoder_features(torch.from_numpy(track.mix)[None]))
        inner = slice(left, left + len(self.latents))
        labels = track.labels
        given = np.ones(len(self.latents), bool)
        self.controls = build_conditioning(
            labels.beat_position[inner],
            labels.tempo_bpm[inner],
            density_heard(track.mix.mean(0), CLIP_FRAMES)[inner],
            labels.energy[inner],
            labels.chroma[inner],
            given,
            given,
            given,
        )
