"""Layers on (B, T, C): valid convolutions in time as matrix products, norms over one frame only."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class FrameNorm(nn.Module):
    """RMS norm over the channels of one frame: no statistic over time, so chunks do not matter."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:  # (B, T, C) -> (B, T, C)
        scale = torch.rsqrt(x.float().square().mean(-1, keepdim=True) + 1e-6)
        return (x * scale.to(x.dtype)) * self.gain.to(x.dtype)


class TapConv(nn.Module):
    """Valid convolution over three taps, written as one matrix product over shifted slices.

    A three-tap convolution of dilation d shortens time by 2 d. Which frame the result belongs to
    (the middle tap: two-sided; the last tap: causal) is the caller's choice of alignment.
    """

    def __init__(self, inputs: int, outputs: int, dilation: int = 1, *, bias: bool = True) -> None:
        super().__init__()
        self.dilation = dilation
        self.product = nn.Linear(3 * inputs, outputs, bias=bias)

    def forward(self, x: Tensor) -> Tensor:  # (B, T, I) -> (B, T - 2 d, O)
        d = self.dilation
        taps = torch.cat([x[:, : -2 * d], x[:, d:-d], x[:, 2 * d :]], dim=-1)
        out: Tensor = self.product(taps)
        return out


class CausalBlock(nn.Module):
    """ConvNeXt-like block that looks back two frames: per-channel taps, norm, wide product."""

    def __init__(self, channels: int, expansion: int) -> None:
        super().__init__()
        self.taps = nn.Parameter(
            torch.randn(3, channels) * 0.2 + torch.tensor([[0.0], [0.0], [1.0]])
        )
        self.norm = FrameNorm(channels)
        self.up = nn.Linear(channels, expansion * channels)
        self.down = nn.Linear(expansion * channels, channels)
        self.scale = nn.Parameter(torch.full((channels,), 0.3))

    def forward(self, x: Tensor) -> Tensor:  # (B, T, C) -> (B, T - 2, C)
        taps = self.taps.to(x.dtype)
        mixed = x[:, :-2] * taps[0] + x[:, 1:-1] * taps[1] + x[:, 2:] * taps[2]
        out = self.down(nn.functional.silu(self.up(self.norm(mixed))))
        return x[:, 2:] + out * self.scale.to(out.dtype)
