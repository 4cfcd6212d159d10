"""Audio to listen to while training: WAV files beside the log, and in TensorBoard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
import torch
from torch.utils.tensorboard import SummaryWriter

from rtgen.audio.synthesis import DecodedFrames
from rtgen.corpus.stream import SELECT_SEEDS, stems_of
from rtgen.corpus.track import RATE
from rtgen.nets.autoencoder import Autoencoder, Decoder
from rtgen.nets.decoding import Decode, sound
from rtgen.nets.generator import Generator
from rtgen.timeline.coordinates import anchor_inputs
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.noise import style_vector
from rtgen.train.analysis import encoder_features
from rtgen.train.gan_inputs import Scale

PREVIEW_FRAMES = 172
EVERY_STEPS = 1000
FIRST_FRAME = 1000
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
    stems = stems_of(style, SEED, PREVIEW_FRAMES)
    mix = torch.from_numpy(np.sum(list(stems.values()), axis=0))[None]
    latents = net.encoder(encoder_features(mix))
    return sound(net_decoder(net.decoder)(latents), SEED)


@torch.no_grad()
def generated(
    generator: Generator,
    decode: Decode,
    scale: Scale,
    beat: bool,
    timeline: ControlTimeline | None = None,
    seed: int = SEED,
    frames: int = PREVIEW_FRAMES,
) -> np.ndarray:
    """A stretch of the generator, at the default controls if none are given, (n, 2).

    Parameters
    ----------
    generator : on the CPU, in evaluation mode.
    scale : of the latents that it speaks.
    beat : whether it knows a beat.
    """
    r = generator.recipe
    first, behind = FIRST_FRAME, frames + r.head_left
    timeline = timeline or ControlTimeline()
    anchors = anchor_inputs(seed, first - r.trunk_left, behind + r.trunk_left + r.trunk_right)
    style = np.tile(style_vector(seed), (behind, 1))
    inputs = (
        anchors,
        style,
        timeline.conditioning(first, behind, beat=beat),
        timeline.variation(first, behind),
    )
    latents = generator(*(torch.from_numpy(x)[None] for x in inputs))
    return sound(decode(scale.undo(latents)), SEED)


def net_decoder(decoder: Decoder) -> Decode:
    """Latents as the autoencoder makes them, decoded by its net."""
    decoder = decoder.to("cpu").eval()
    return lambda latents: DecodedFrames(*(x[0].float().numpy() for x in decoder(latents)))
