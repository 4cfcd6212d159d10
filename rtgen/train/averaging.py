"""Exponential moving average of weights, by half-life in steps."""

from __future__ import annotations

import copy

import torch
from torch import nn


class Average:
    """Keeps `module` as the average of another; buffers are copied."""

    def __init__(self, source: nn.Module, half_life_steps: float) -> None:
        self.module = copy.deepcopy(source).requires_grad_(False).eval()
        self.half_life_steps = half_life_steps

    @torch.no_grad()
    def update(self, source: nn.Module, step: int) -> None:
        """Move towards the source; early on the half-life is short, so that it does not lag."""
        half_life = max(min(self.half_life_steps, 0.1 * step), 1e-3)
        keep = 0.5 ** (1 / half_life)
        for mine, theirs in zip(self.module.parameters(), source.parameters(), strict=True):
            mine.lerp_(theirs, 1 - keep)
        for mine, theirs in zip(self.module.buffers(), source.buffers(), strict=True):
            mine.copy_(theirs)
