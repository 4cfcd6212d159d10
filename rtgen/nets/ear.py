"""An ear that a generator can learn from: what librosa will hear in latents, and its judgements.

The net says the onset envelope of what latents will sound like. Onsets and tempo are then judged as
librosa judges them, softly enough for gradients.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool1d, max_pool1d, pad, silu, softplus

from rtgen.nets.layers import FrameNorm, TapConv
from rtgen.timeline.units import HOP, RATE

ENVELOPE_HOP = 256
PER_FRAME = HOP // ENVELOPE_HOP
"""Values of the envelope in a latent frame."""
LEFT, RIGHT = 10, 2
"""Latent frames around a frame that its values of the envelope depend on."""
CHANNELS = 256

# librosa's own settings for picking peaks, at this hop.
MAX_REACH = int(0.03 * RATE / ENVELOPE_HOP)
MEAN_REACH = int(0.1 * RATE / ENVELOPE_HOP)
ONSET_DELTA = 0.03
SOFTNESS = 0.02
"""How far from the threshold a peak is half an onset, in shares of the highest peak."""

USUAL_BPM, SLOWEST_BPM, FASTEST_BPM = 120.0, 28.0, 320.0
OCTAVES = (0.25, 0.5, 1.0, 2.0, 4.0)
RIGHT_WITHIN, WRONG_BEYOND = 0.025, 0.06


class Ear(nn.Module):
    """(B, T + LEFT + RIGHT, 64) -> (B, 8 T): librosa's onset envelope at a hop of 256 samples."""

    def __init__(self, latent_channels: int = 64) -> None:
        super().__init__()
        blocks = (LEFT + RIGHT) // 2
        self.read = nn.Linear(latent_channels, CHANNELS)
        self.norms = nn.ModuleList(FrameNorm(CHANNELS) for _ in range(blocks))
        self.taps = nn.ModuleList(TapConv(CHANNELS, CHANNELS) for _ in range(blocks))
        self.mixes = nn.ModuleList(nn.Linear(CHANNELS, CHANNELS) for _ in range(blocks))
        self.norm = FrameNorm(CHANNELS)
        self.write = nn.Linear(CHANNELS, PER_FRAME)

    def forward(self, latents: Tensor) -> Tensor:
        x = self.read(latents)
        for norm, taps, mix in zip(self.norms, self.taps, self.mixes, strict=True):
            x = x[:, 2:] + mix(silu(taps(norm(x))))
        return softplus(self.write(self.norm(x)).float()).flatten(1)


def onsets_per_second(envelope: Tensor) -> Tensor:
    """Onsets that librosa would pick from envelopes (B, N), softly counted: (B,) per second."""
    x = envelope - envelope.amin(1, keepdim=True).detach()
    x = (x / (x.amax(1, keepdim=True).detach() + 1e-6))[:, None]
    mean = avg_pool1d(pad(x, (MEAN_REACH, MEAN_REACH), mode="replicate"), 2 * MEAN_REACH + 1, 1)
    highest = max_pool1d(pad(x, (MAX_REACH, MAX_REACH)), 2 * MAX_REACH + 1, 1)
    peaks = (x >= highest) & (x > 0)
    onsets = torch.sigmoid((x - mean - ONSET_DELTA) / SOFTNESS) * peaks
    return onsets.sum((1, 2)) * RATE / ENVELOPE_HOP / envelope.shape[1]


def tempo_lead(envelope: Tensor, bpm: Tensor) -> Tensor:
    """By how much the right tempo, octaves folded, outweighs the best of all others (B,).

    The weight of a tempo is librosa's: the logarithm of the envelope's autocorrelation at its beat,
    and how usual the tempo is. Positive where librosa's estimate is right; envelopes (B, N), bpm
    (B,).
    """
    n = envelope.shape[1]
    heard = envelope * torch.hann_window(n, periodic=False)
    spectrum = torch.fft.rfft(heard, 1 << math.ceil(math.log2(2 * n)))
    repeats = torch.fft.irfft(spectrum.abs().square())
    lags = torch.arange(1, n // 2)
    tempi = 60 * RATE / ENVELOPE_HOP / lags
    known = (tempi > SLOWEST_BPM) & (tempi < FASTEST_BPM)
    lags, tempi = lags[known], tempi[known]
    weights = torch.log((repeats[:, lags] / repeats[:, :1]).clamp_min(1e-6))
    weights = weights - 0.5 * torch.log2(tempi / USUAL_BPM).square()
    ratios = tempi / bpm[:, None]
    away = torch.stack([(ratios / octave - 1).abs() for octave in OCTAVES]).amin(0)
    never = torch.tensor(-torch.inf)
    best = torch.where(away < RIGHT_WITHIN, weights, never).amax(1)
    return best - torch.where(away < WRONG_BEYOND, never, weights).amax(1)
