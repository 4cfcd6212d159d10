"""Losses of the autoencoder in the spectral feature domain."""

from __future__ import annotations

import torch
from torch import Tensor

from rtgen.nets.autoencoder import HEADS, Decoded
from rtgen.train.analysis import LOG_FLOOR

WEIGHTS = {
    "tones": 1.5,
    "tone motion": 2.0,
    "tone level": 40.0,
    "width": 0.3,
    "noise": 1.0,
    "noise level": 15.0,
    "low": 12.0,
}


def feature_losses(out: Decoded, targets: Tensor) -> dict[str, Tensor]:
    """Terms of the first phase; each a scalar.

    Log amplitudes are compared above the floor only; amplitudes themselves are compared too, so
    that loud parts count more. Carriers that sound weigh three times those that are silent.
    """
    tones, width, noise, low = targets.split(HEADS, dim=-1)
    said = out.tones.float().clamp(LOG_FLOOR, 2.0)
    active = (tones > LOG_FLOOR + 0.1).float()
    weight = 0.5 + active
    heard = 0.02 + torch.exp(tones).reshape(*tones.shape[:2], 4, 24, 12).sum((2, 4)).clamp(max=1)
    noise_said = out.noise.float().clamp(LOG_FLOOR, 2.0)
    return {
        "tones": (weight * (said - tones).abs()).mean(),
        "tone motion": _motion(said, tones, active),
        "tone level": (said.exp() - tones.exp()).abs().mean() * 10,
        "width": (heard * (out.width.float() - width).abs()).mean() * 4,
        "noise": (noise_said - noise).abs().mean(),
        "noise level": (noise_said.exp() - noise.exp()).abs().mean() * 4,
        "low": (out.low.float() - low).abs().mean() + (out.low.float() - low).square().mean() * 3,
    }


def _motion(said: Tensor, tones: Tensor, active: Tensor) -> Tensor:
    """How much the steps of sounding carriers from one sub-frame to the next are off: jitter puts
    side bands around a tone that should be still."""
    batch, frames, width = tones.shape
    shape = (batch, 4 * frames, width // 4)
    step = said.reshape(shape).diff(dim=1) - tones.reshape(shape).diff(dim=1)
    both = active.reshape(shape)[:, 1:] * active.reshape(shape)[:, :-1]
    return (both * step.abs()).mean()


def moments(latents: Tensor) -> Tensor:
    """Pull each channel to mean 0 and variance 1 over the batch: mean^2 + var - log var - 1."""
    flat = latents.float().reshape(-1, latents.shape[-1])
    mean, var = flat.mean(0), flat.var(0) + 1e-6
    return (mean.square() + var - var.log() - 1).mean()
