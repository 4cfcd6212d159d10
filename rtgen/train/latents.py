"""Stretches of latents with their conditioning, for training the generator."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from rtgen.nets.autoencoder import Autoencoder
from rtgen.train.checkpoints import load_checkpoint

FLAGS = slice(29, 32)
GROUPS = ((15, 16, 29), (16, 17, 30), (17, 29, 31))
"""(first, stop, flag) of the control groups that may be left free: density, energy, chroma."""


@cache
def frozen_autoencoder(path: Path) -> Autoencoder:
    """The averaged autoencoder of a checkpoint, in evaluation mode."""
    net = Autoencoder().eval().requires_grad_(False)
    load_checkpoint(path, {"average": net})
    return net


class Stretch(Protocol):
    """Anything with latents (T, 64) and conditioning (T, 32), float32."""

    @property
    def latents(self) -> np.ndarray:
        """What is heard."""

    @property
    def controls(self) -> np.ndarray:
        """What is said of it."""


def latent_crops(
    clips: Sequence[Stretch], frames: int, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Random stretches: latents (B, frames, 64) and controls (B, frames, 32)."""
    starts = [int(rng.integers(0, len(c.latents) - frames + 1)) for c in clips]
    pairs = list(zip(clips, starts, strict=True))
    latents = torch.from_numpy(np.stack([c.latents[s : s + frames] for c, s in pairs]))
    controls = torch.from_numpy(np.stack([c.controls[s : s + frames] for c, s in pairs]))
    return latents, controls


def free_some(controls: Tensor, rng: np.random.Generator, share: float = 0.12) -> Tensor:
    """Controls with each group left free (zero, flag down) in a share of the batch."""
    out = controls.clone()
    for first, stop, flag in GROUPS:
        picked = torch.from_numpy(rng.random(len(out)) < share)
        out[picked, :, first:stop] = 0.0
        out[picked, :, flag] = 0.0
    return out
