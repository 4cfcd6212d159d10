"""Critics that look at spectrograms of sound; used in training only, so they may pad and stride."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

WINDOWS = (2048, 1024, 512)
QUIETEST = 1e-4
"""Added to magnitudes before the logarithm, of a full-scale sine: -80 dB."""


def log_spectrogram(sound: Tensor, window: int) -> Tensor:
    """Log magnitudes (B, C, frames, bins) of sound (B, C, N), 75 % overlap, around 0."""
    weight = torch.hann_window(window, device=sound.device)
    spectrum = torch.stft(
        sound.float().flatten(0, 1), window, window // 4, window=weight, return_complex=True
    )
    magnitude = spectrum.abs() * (2 / float(weight.sum()))
    log = torch.log10(magnitude + QUIETEST) / 2 + 1.5
    return log.transpose(1, 2).unflatten(0, sound.shape[:2])


class _OneWindow(nn.Module):
    """Scores of patches of one spectrogram, and what its layers saw."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        sizes = (channels, width, 2 * width, 2 * width, 2 * width)
        self.layers = nn.ModuleList(
            nn.Conv2d(a, b, (3, 9), stride=(1, 4 if k == 0 else 2), padding=(1, 4))
            for k, (a, b) in enumerate(pairwise(sizes))
        )
        self.score = nn.Conv2d(sizes[-1], 1, 3, padding=1)

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        seen = []
        for layer in self.layers:
            x = nn.functional.leaky_relu(layer(x), 0.2)
            seen.append(x)
        return self.score(x), seen


class SpectrogramCritic(nn.Module):
    """Scores sound (B, 2, N), mid and side, by spectrograms of three windows."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.windows = nn.ModuleList(_OneWindow(2, width) for _ in WINDOWS)

    def forward(self, sound: Tensor, which: int) -> tuple[Tensor, list[Tensor]]:
        """Scores (B, 1, frames, bands) by one of the windows, and the features of its layers."""
        scores: tuple[Tensor, list[Tensor]] = self.windows[which](
            log_spectrogram(sound, WINDOWS[which])
        )
        return scores
