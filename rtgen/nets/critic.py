"""The critic and the readers: used in training only, so they may pad and stride."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rtgen.nets.recipe import CriticRecipe


class _Stage(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(inputs, outputs, 5, padding=2),
            nn.LeakyReLU(0.2),
            nn.Conv1d(outputs, outputs, 4, stride=2, padding=1),
        )
        self.skip = nn.Conv1d(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        pooled = nn.functional.avg_pool1d(self.skip(x), 2)
        return nn.functional.leaky_relu(self.body(x) + pooled, 0.2)


class Critic(nn.Module):
    """Scores (B,) of latents (B, T, 64) under controls (B, T, 32): mean of per-position scores at
    two scales, each with a projection of the controls of its place."""

    def __init__(self, recipe: CriticRecipe | None = None) -> None:
        super().__init__()
        r = recipe or CriticRecipe()
        sizes = r.channels
        self.read = nn.Conv1d(r.latent_channels + r.control_channels, sizes[0], 1)
        self.stages = nn.ModuleList(
            _Stage(a, b) for a, b in zip((sizes[0], *sizes[:-1]), sizes, strict=True)
        )
        self.taps = (1, 3)
        self.scores = nn.ModuleList(nn.Conv1d(sizes[i], 1, 3, padding=1) for i in self.taps)
        self.project = nn.ModuleList(
            nn.Conv1d(r.control_channels, sizes[i], 1, bias=False) for i in self.taps
        )

    def forward(self, latents: Tensor, controls: Tensor) -> Tensor:
        c = controls.transpose(1, 2)
        x = nn.functional.leaky_relu(self.read(torch.cat([latents.transpose(1, 2), c], 1)), 0.2)
        total: Tensor | float = 0.0
        for index, stage in enumerate(self.stages):
            x = stage(x)
            if index in self.taps:
                k = self.taps.index(index)
                here = nn.functional.avg_pool1d(c, 2 ** (index + 1))
                projected = (self.project[k](here) * x).sum(1) / x.shape[1] ** 0.5
                total = total + (self.scores[k](x)[:, 0] + projected).mean(1)
        assert isinstance(total, Tensor)
        return total


class LabelReader(nn.Module):
    """Reads the 29 control numbers (phases, tempo, density, energy, chroma) off latents."""

    OUTPUTS = 29

    def __init__(self, latent_channels: int = 64, width: int = 160) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv1d(latent_channels, width, 1), nn.LeakyReLU(0.2)]
        for dilation in (1, 2, 4, 8, 16):
            layers += [
                nn.Conv1d(width, width, 3, dilation=dilation, padding=dilation),
                nn.LeakyReLU(0.2),
            ]
        self.body = nn.Sequential(*layers, nn.Conv1d(width, self.OUTPUTS, 1))

    def forward(self, latents: Tensor) -> Tensor:  # (B, T, 64) -> (B, T, 29)
        out: Tensor = self.body(latents.transpose(1, 2)).transpose(1, 2)
        return out


class TrackReader(nn.Module):
    """Unit vectors (B, 32) from latents (B, T, 64): alike for stretches of one track."""

    def __init__(self, latent_channels: int = 64, width: int = 160) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(latent_channels, width, 1),
            nn.LeakyReLU(0.2),
            nn.Conv1d(width, width, 5, stride=2, padding=2),
            nn.LeakyReLU(0.2),
            nn.Conv1d(width, width, 5, stride=2, padding=2),
            nn.LeakyReLU(0.2),
        )
        self.write = nn.Linear(2 * width, 32)

    def forward(self, latents: Tensor) -> Tensor:
        x = self.body(latents.transpose(1, 2)).float()
        return nn.functional.normalize(self.write(torch.cat([x.mean(2), x.std(2)], 1)), dim=1)
