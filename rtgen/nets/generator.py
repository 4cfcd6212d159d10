"""The generator: a two-sided trunk over anchors, a causal head that hears style and controls.

Valid convolutions only, so it is strictly translation-equivariant; the control path looks back
only, so a knob never changes what came before it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rtgen.nets.layers import FrameNorm, TapConv
from rtgen.nets.recipe import GeneratorRecipe


class TrunkBlock(nn.Module):
    """Residual two-sided block: (B, T, C) -> (B, T - 2 d, C), aligned to the middle tap."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.norm = FrameNorm(channels)
        self.taps = TapConv(channels, channels, dilation)
        self.out = nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        y = self.out(nn.functional.leaky_relu(self.taps(self.norm(x)), 0.2))
        return x[:, self.dilation : -self.dilation] + y


class HeadBlock(nn.Module):
    """Residual causal block, scaled and shifted by the condition of the same frame (FiLM)."""

    def __init__(self, channels: int, condition: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.norm = FrameNorm(channels)
        self.taps = TapConv(channels, channels, dilation)
        self.film = nn.Linear(condition, 2 * channels)
        self.out = nn.Linear(channels, channels)
        nn.init.normal_(self.film.weight, std=0.1 / condition**0.5)
        nn.init.zeros_(self.out.bias)
        with torch.no_grad():
            self.out.weight.mul_(0.3)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """x (B, T, C), condition (B, >= T - 2 d, E) with equal last frames -> (B, T - 2 d, C)."""
        y = self.taps(self.norm(x))
        gain, shift = self.film(condition[:, -y.shape[1] :]).chunk(2, dim=-1)
        y = self.out(nn.functional.leaky_relu(y * (1 + gain) + shift, 0.2))
        return x[:, 2 * self.dilation :] + y


class Generator(nn.Module):
    """Latent frames from anchors, style, controls and variation.

    For T output frames: anchors (B, T + head_left + trunk_left + trunk_right, 56); style, controls
    and variation (B, T + head_left, ...) -> latents (B, T, 64).
    """

    def __init__(self, recipe: GeneratorRecipe | None = None) -> None:
        super().__init__()
        self.recipe = r = recipe or GeneratorRecipe()
        self.read = nn.Linear(r.anchor_channels, r.trunk_channels)
        self.trunk = nn.Sequential(*(TrunkBlock(r.trunk_channels, d) for d in r.trunk_dilations))
        self.condition = nn.Sequential(
            nn.Linear(r.style_channels + r.control_channels, 192),
            nn.LeakyReLU(0.2),
            nn.Linear(192, 192),
            nn.LeakyReLU(0.2),
        )
        self.start = nn.Linear(r.trunk_channels + 192, r.head_channels)
        self.head = nn.ModuleList(HeadBlock(r.head_channels, 192, d) for d in r.head_dilations)
        self.norm = FrameNorm(r.head_channels)
        self.write = nn.Linear(r.head_channels, r.latent_channels)

    def forward(
        self, anchors: Tensor, style: Tensor, controls: Tensor, variation: Tensor
    ) -> Tensor:
        moved = self.trunk(self.read(anchors)) * variation
        condition = self.condition(torch.cat([style, controls], dim=-1))
        x = self.start(torch.cat([moved, condition], dim=-1))
        for block in self.head:
            x = block(x, condition)
        latents: Tensor = self.write(self.norm(x))
        return latents
