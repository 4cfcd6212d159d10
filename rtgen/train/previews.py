"""Audio to listen to while training: WAV files beside the log, and in TensorBoard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
import torch
from torch.utils.tensorboard import SummaryWriter

from rtgen.audio.synthesis import DecodedFrames, soft_ceiling, synthesise
from rtgen.corpus.stream import SELECT_SEEDS, STYLES
from rtgen.corpus.track import RATE
from rtgen.nets.autoencoder import Autoencoder, Decoder
from rtgen.nets.generator import Generator
from rtgen.timeline.coordinates import anchor_inputs
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.noise import style_vector
from rtgen.train.analysis import encoder_features

PREVIEW_FRAMES = 172
EVERY_STEPS = 1000
SEED = SELECT_SEEDS.start
"""Previews are for choosing, so they come from the selection seeds."""


def write_preview(
    samples: np.ndarray, name: str, step: int, folder: Path, log: SummaryWriter
) -> None:
    """Keep (n, 2) samples as `previews/<name>-<step>.wav` and in the log."""
    path = folder / "previews" / f"{name}-{step:06d}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, RATE)
    log.add_audio(name, torch.from_numpy(samples.mean(1)[None]), step, RATE)


@torch.no_grad()
def reconstructed(net: Autoencoder, style: str) -> np.ndarray:
    """A clip of the selection seeds through the autoencoder, (n, 2)."""
    net = net.to("cpu").eval()
    track = STYLES[style](SEED, PREVIEW_FRAMES)
    latents = net.encoder(encoder_features(torch.from_numpy(track.mix)[None]))
    return _sound(net.decoder, latents)


@torch.no_grad()
def generated(
    generator: Generator, decoder: Decoder, mean: torch.Tensor, spread: torch.Tensor, beat: bool
) -> np.ndarray:
    """A stretch of the generator at the default controls, with or without a beat, (n, 2)."""
    generator, decoder = generator.to("cpu").eval(), decoder.to("cpu").eval()
    r = generator.recipe
    first, behind = 1000, PREVIEW_FRAMES + r.head_left
    timeline = ControlTimeline()
    anchors = anchor_inputs(SEED, first - r.trunk_left, behind + r.trunk_left + r.trunk_right)
    style = np.tile(style_vector(SEED), (behind, 1))
    inputs = (
        anchors,
        style,
        timeline.conditioning(first, behind, beat=beat),
        timeline.variation(first, behind),
    )
    latents = generator(*(torch.from_numpy(x)[None] for x in inputs))
    return _sound(decoder, latents * spread.cpu() + mean.cpu())


def _sound(decoder: Decoder, latents: torch.Tensor) -> np.ndarray:
    decoded = DecodedFrames(*(x[0].float().numpy() for x in decoder(latents)))
    return soft_ceiling(synthesise(decoded, 1, SEED))
