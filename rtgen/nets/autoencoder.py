"""Encoder and decoder of one latent frame per 2048 samples, in the spectral feature domain."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from rtgen.nets.layers import CausalBlock, TapConv
from rtgen.nets.recipe import AutoencoderRecipe

TONES = 4 * 288
WIDTH = 24
NOISE = 16 * 64
LOW = 64
HEADS = (TONES, WIDTH, NOISE, LOW)
ENCODER_INPUTS = TONES + WIDTH + 16 * 32 + 4 * 32 + LOW
"""Log bands of the mid, side/mid ratio, short-window bands of mid and of side, low waveform."""


class Decoded(NamedTuple):
    """What the decoder says of each frame; amplitudes are natural logarithms of full scale."""

    tones: Tensor  # (B, T, 4 * 288)
    width: Tensor  # (B, T, 24)
    noise: Tensor  # (B, T, 16 * 64)
    low: Tensor  # (B, T, 64)


class Encoder(nn.Module):
    """(B, T + left + 1, ENCODER_INPUTS) -> (B, T, latent channels)."""

    def __init__(self, recipe: AutoencoderRecipe) -> None:
        super().__init__()
        width = recipe.encoder_channels
        self.left = 1 + 2 * recipe.encoder_blocks
        self.right = 1
        self.read = nn.Linear(ENCODER_INPUTS, width)
        self.mix = TapConv(width, width)
        self.blocks = nn.Sequential(
            *(CausalBlock(width, recipe.expansion) for _ in range(recipe.encoder_blocks))
        )
        self.write = nn.Linear(width, recipe.latent_channels)

    def forward(self, features: Tensor) -> Tensor:
        x = nn.functional.silu(self.read(features))
        latents: Tensor = self.write(self.blocks(self.mix(x)))
        return latents


class Decoder(nn.Module):
    """(B, T + left + 1, latent channels) -> Decoded over T frames; looks one frame ahead."""

    def __init__(self, recipe: AutoencoderRecipe) -> None:
        super().__init__()
        width = recipe.decoder_channels
        self.left, self.right = recipe.decoder_left, recipe.decoder_right
        self.read = TapConv(recipe.latent_channels, width)
        self.blocks = nn.Sequential(
            *(CausalBlock(width, recipe.expansion) for _ in range(recipe.decoder_blocks))
        )
        self.norm = nn.LayerNorm(width)
        self.write = nn.Linear(width, sum(HEADS))
        self.register_buffer("mean", torch.zeros(sum(HEADS)))
        self.register_buffer("spread", torch.ones(sum(HEADS)))
        self.mean: Tensor
        self.spread: Tensor

    def forward(self, latents: Tensor) -> Decoded:
        x = self.norm(self.blocks(self.read(latents)))
        out = self.write(x) * self.spread + self.mean
        return Decoded(*out.split(HEADS, dim=-1))


class Autoencoder(nn.Module):
    """Both halves; `encode` then `decode` cost `left` frames before and one after on each side."""

    def __init__(self, recipe: AutoencoderRecipe | None = None) -> None:
        super().__init__()
        self.recipe = recipe or AutoencoderRecipe()
        self.encoder = Encoder(self.recipe)
        self.decoder = Decoder(self.recipe)
