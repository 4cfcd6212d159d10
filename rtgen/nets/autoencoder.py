"""A hierarchical autoencoder: an inner level of four codes a frame, an outer one of one latent.

The inner level knows sound: sub-frames of 512 samples to codes and back to amplitudes. The outer
level knows only codes, and packs the four of a frame into one latent, so it trains without audio.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from rtgen.nets.layers import CausalBlock, TapConv
from rtgen.nets.recipe import SUB_FRAMES, AutoencoderRecipe

TONES = 4 * 288
WIDTH = 24
NOISE = 16 * 64
LOW = 64
HEADS = (TONES, WIDTH, NOISE, LOW)
SUB_HEADS = (TONES // SUB_FRAMES, WIDTH, NOISE // SUB_FRAMES, LOW // SUB_FRAMES)
INPUTS = (TONES, WIDTH, 16 * 32, 4 * 32, LOW)
"""Log bands of the mid, side/mid ratio, short-window bands of mid and of side, low waveform."""
ENCODER_INPUTS = sum(INPUTS)
SUB_INPUTS = sum(INPUTS) // SUB_FRAMES + WIDTH - WIDTH // SUB_FRAMES


class Decoded(NamedTuple):
    """What the decoder says of each frame; amplitudes are natural logarithms of full scale."""

    tones: Tensor  # (B, T, 4 * 288)
    width: Tensor  # (B, T, 24)
    noise: Tensor  # (B, T, 16 * 64)
    low: Tensor  # (B, T, 64)


def sub_frames(features: Tensor) -> Tensor:
    """Features of frames (B, T, ENCODER_INPUTS) by sub-frame (B, 4 T, SUB_INPUTS)."""
    tones, width, *rest = features.split(INPUTS, dim=-1)
    parts = [x.unflatten(-1, (SUB_FRAMES, -1)) for x in (tones, *rest)]
    parts.append(torch.stack([width] * SUB_FRAMES, dim=2))
    return torch.cat(parts, dim=-1).flatten(1, 2)


def frames(said: Tensor) -> Decoded:
    """What is said of sub-frames (B, 4 T, sum(SUB_HEADS)) by frame; the width is their mean."""
    tones, width, noise, low = said.unflatten(1, (-1, SUB_FRAMES)).split(SUB_HEADS, dim=-1)
    return Decoded(tones.flatten(2), width.mean(2), noise.flatten(2), low.flatten(2))


class InnerEncoder(nn.Module):
    """(B, J + left, SUB_INPUTS) -> (B, J, code channels); looks back only."""

    def __init__(self, recipe: AutoencoderRecipe) -> None:
        super().__init__()
        width, blocks = recipe.inner_channels, recipe.inner_encoder_blocks
        self.left = 2 + 2 * blocks
        self.read = nn.Linear(SUB_INPUTS, width)
        self.mix = TapConv(width, width)
        self.blocks = nn.Sequential(*(CausalBlock(width, recipe.expansion) for _ in range(blocks)))
        self.write = nn.Linear(width, recipe.code_channels)

    def forward(self, features: Tensor) -> Tensor:
        x = self.mix(nn.functional.silu(self.read(features)))
        codes: Tensor = self.write(self.blocks(x))
        return codes


class InnerDecoder(nn.Module):
    """(B, J + left, code channels) -> (B, J, sum(SUB_HEADS)); looks back only."""

    def __init__(self, recipe: AutoencoderRecipe) -> None:
        super().__init__()
        width, blocks = recipe.inner_channels, recipe.inner_decoder_blocks
        self.left = recipe.inner_decoder_left
        self.read = TapConv(recipe.code_channels, width)
        self.blocks = nn.Sequential(*(CausalBlock(width, recipe.expansion) for _ in range(blocks)))
        self.norm = nn.LayerNorm(width)
        self.write = nn.Linear(width, sum(SUB_HEADS))
        self.register_buffer("mean", torch.zeros(sum(SUB_HEADS)))
        self.register_buffer("spread", torch.ones(sum(SUB_HEADS)))
        self.mean: Tensor
        self.spread: Tensor

    def forward(self, codes: Tensor) -> Tensor:
        said: Tensor = self.write(self.norm(self.blocks(self.read(codes))))
        return said * self.spread + self.mean


class OuterEncoder(nn.Module):
    """(B, T + left + 1, 4 * code channels) -> (B, T, latent channels); looks one frame ahead."""

    def __init__(self, recipe: AutoencoderRecipe) -> None:
        super().__init__()
        width, blocks = recipe.outer_channels, recipe.outer_encoder_blocks
        self.left = 1 + 2 * blocks
        self.read = TapConv(SUB_FRAMES * recipe.code_channels, width)
        self.blocks = nn.Sequential(*(CausalBlock(width, recipe.expansion) for _ in range(blocks)))
        self.write = nn.Linear(width, recipe.latent_channels)

    def forward(self, codes: Tensor) -> Tensor:
        latents: Tensor = self.write(self.blocks(self.read(codes)))
        return latents


class OuterDecoder(nn.Module):
    """(B, T + left + 1, latent channels) -> (B, T, 4 * code channels); looks one frame ahead."""

    def __init__(self, recipe: AutoencoderRecipe) -> None:
        super().__init__()
        width, blocks = recipe.outer_channels, recipe.outer_decoder_blocks
        self.left = recipe.outer_decoder_left
        self.read = TapConv(recipe.latent_channels, width)
        self.blocks = nn.Sequential(*(CausalBlock(width, recipe.expansion) for _ in range(blocks)))
        self.write = nn.Linear(width, SUB_FRAMES * recipe.code_channels)

    def forward(self, latents: Tensor) -> Tensor:
        codes: Tensor = self.write(self.blocks(self.read(latents)))
        return codes


class Encoder(nn.Module):
    """Both levels: (B, T + left + 1, ENCODER_INPUTS) -> (B, T, latent channels)."""

    def __init__(self, recipe: AutoencoderRecipe) -> None:
        super().__init__()
        self.inner, self.outer = InnerEncoder(recipe), OuterEncoder(recipe)
        self.inner_frames = -(-self.inner.left // SUB_FRAMES)
        self.left, self.right = self.inner_frames + self.outer.left, 1

    def codes(self, features: Tensor) -> Tensor:
        """(B, T + inner_frames, ENCODER_INPUTS) -> codes of whole frames (B, T, 4 * channels)."""
        codes = self.inner(sub_frames(features))[:, -self.inner.left % SUB_FRAMES :]
        return codes.unflatten(1, (-1, SUB_FRAMES)).flatten(2)

    def forward(self, features: Tensor) -> Tensor:
        latents: Tensor = self.outer(self.codes(features))
        return latents


class Decoder(nn.Module):
    """Both levels: (B, T + left + 1, latent channels) -> Decoded over T frames."""

    def __init__(self, recipe: AutoencoderRecipe) -> None:
        super().__init__()
        self.inner, self.outer = InnerDecoder(recipe), OuterDecoder(recipe)
        self.inner_frames = recipe.inner_frames
        self.left, self.right = recipe.decoder_left, recipe.decoder_right

    def sound(self, codes: Tensor) -> Decoded:
        """Codes of whole frames (B, T + inner_frames, 4 * channels) -> Decoded over T frames."""
        said = self.inner(codes.unflatten(2, (SUB_FRAMES, -1)).flatten(1, 2))
        return frames(said[:, -self.inner.left % SUB_FRAMES :])

    def forward(self, latents: Tensor) -> Decoded:
        return self.sound(self.outer(latents))


class Autoencoder(nn.Module):
    """Both halves; `encode` then `decode` cost `left` frames before and one after on each side."""

    def __init__(self, recipe: AutoencoderRecipe | None = None) -> None:
        super().__init__()
        self.recipe = recipe or AutoencoderRecipe()
        self.encoder = Encoder(self.recipe)
        self.decoder = Decoder(self.recipe)
