"""What a step of the latent GAN starts from: scaled latents, anchors, variation, a label reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from rtgen.nets.critic import LabelReader, TrackReader
from rtgen.timeline.conditioning import BEAT_SLOTS
from rtgen.timeline.coordinates import anchor_inputs
from rtgen.train.gan_losses import contrast, reader_error
from rtgen.train.latents import Stretch, latent_crops
from rtgen.train.team import Team

CROP = 128
READER_STEPS = 700


class Source(Protocol):
    """Where clips come from: the endless corpus, or recordings."""

    made: int

    def fill(self, count: int) -> None:
        """Wait until there are so many."""

    def draw(self, rng: np.random.Generator, count: int) -> Sequence[Stretch]:
        """So many, with replacement."""

    def close(self) -> None:
        """Stop making them."""


@dataclass(frozen=True)
class Scale:
    """Mean and spread (64,) of the latents over the corpus; the GAN sees standardised latents."""

    mean: Tensor
    spread: Tensor

    def apply(self, latents: Tensor) -> Tensor:
        """Raw latents to standardised ones, on the scale's device."""
        return (latents.to(self.mean.device) - self.mean) / self.spread

    def undo(self, latents: Tensor) -> Tensor:
        """Standardised latents to raw ones, on the CPU."""
        return latents.cpu() * self.spread.cpu() + self.mean.cpu()


def draw_anchors(rng: np.random.Generator, batch: int, frames: int) -> Tensor:
    """Anchor inputs (B, frames, 56) of random seeds at random places."""
    items = [
        anchor_inputs(int(rng.integers(2**62)), int(rng.integers(100_000)), frames)
        for _ in range(batch)
    ]
    return torch.from_numpy(np.stack(items))


def draw_variation(rng: np.random.Generator, batch: int, frames: int) -> Tensor:
    """Mostly full variation, for a fifth of the batch less."""
    level = np.where(rng.random(batch) < 0.2, rng.random(batch), 1.0).astype(np.float32)
    return torch.from_numpy(np.broadcast_to(level[:, None, None], (batch, frames, 1)).copy())


def train_reader(
    reader: LabelReader, store: Source, scale: Scale, rng: np.random.Generator, team: Team
) -> None:
    """Teach the label reader on real latents."""
    optimiser = torch.optim.AdamW(reader.parameters(), lr=1e-3)
    for step in range(READER_STEPS):
        optimiser.param_groups[0]["lr"] = 1e-3 * (1 - step / READER_STEPS) + 1e-5
        latents, controls = latent_crops(store.draw(rng, 32), CROP, rng)
        z = scale.apply(latents)
        z = z + 0.1 * torch.randn_like(z)
        with torch.autocast(z.device.type, torch.bfloat16):
            controls = controls.to(z.device)
            error = (reader_error(reader, z, controls) * read_flags(controls)).mean()
        optimiser.zero_grad(set_to_none=True)
        error.backward()
        team.average_gradients(reader)
        optimiser.step()
        if step % 100 == 0 and team.leads:
            print(f"reader {step} {error.item():.4f}", flush=True)


def train_track_reader(
    reader: TrackReader, store: Source, scale: Scale, rng: np.random.Generator, team: Team
) -> None:
    """Teach the track reader to find the other stretch of the same track."""
    optimiser = torch.optim.AdamW(reader.parameters(), lr=1e-3)
    for step in range(READER_STEPS):
        optimiser.param_groups[0]["lr"] = 1e-3 * (1 - step / READER_STEPS) + 1e-5
        z = scale.apply(track_pairs(store, 16, rng))
        with torch.autocast(z.device.type, torch.bfloat16):
            vectors = reader(z + 0.1 * torch.randn_like(z))
        loss = contrast(vectors[None]).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        team.average_gradients(reader)
        optimiser.step()
        if step % 100 == 0 and team.leads:
            print(f"track reader {step} {loss.item():.4f}", flush=True)


def track_pairs(store: Source, count: int, rng: np.random.Generator) -> Tensor:
    """Latents (2 * count, CROP, 64): two stretches of each of `count` tracks, side by side."""
    clips = [clip for clip in store.draw(rng, count) for _ in range(2)]
    return latent_crops(clips, CROP, rng)[0]


def read_flags(controls: Tensor) -> Tensor:
    """(B, 29): 1 where the controls say something that the reader may check."""
    flags = controls.new_ones(len(controls), LabelReader.OUTPUTS)
    flags[:, :BEAT_SLOTS] = controls[:, :1, : BEAT_SLOTS - 1].any(-1).float()
    flags[:, 15] = controls[:, 0, 29]
    flags[:, 16] = controls[:, 0, 30]
    flags[:, 17:29] = controls[:, 0, 31:32]
    return flags
