"""The synthesis of `rtgen.audio.synthesis` in torch, so that losses on sound reach the decoder.

The tables are the same; only the arithmetic is done again, with gradients. A test compares both.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor

from rtgen.audio import carriers, low_band, noise_table, synthesis, tone_frames
from rtgen.nets.autoencoder import Decoded


@cache
def _table(device: str) -> dict[str, Tensor]:
    n = np.arange(noise_table.WINDOW)
    arrays = {
        "cosine": carriers.spectra()[0],
        "sine": carriers.spectra()[1],
        "signs": carriers.side_signs(),
        "bands": noise_table.band_matrix(),
        "noise": noise_table.table(),
        "hann": (0.5 - 0.5 * np.cos(2 * np.pi * n / noise_table.WINDOW)).astype(np.float32),
        "low": low_band.kernel_matrix(),
    }
    return {name: torch.from_numpy(x.copy()).to(device) for name, x in arrays.items()}


def sound(decoded: Decoded, first_frames: list[int], seeds: list[int]) -> Tensor:
    """Mid and side (B, 2, (T - 2) * 2048) of decoded frames (B, T, ...), before the ceiling.

    Parameters
    ----------
    first_frames : absolute index, by item, of the first frame that is returned.
    seeds : keys of the noise, by item.
    """
    tones = _tones(decoded, first_frames)
    noise = _noise(decoded, first_frames, seeds)
    return tones + noise + torch.stack([_low(decoded), torch.zeros_like(tones[:, 0])], dim=1)


def _amplitudes(log: Tensor, floor: float) -> Tensor:
    # Where an amplitude is gated its gradient still flows, else it could never come back.
    loud = log.float().clamp(max=synthesis.LOG_CEILING).exp()
    return loud * (log > floor)


def _steadied(a: Tensor) -> Tensor:
    """As `synthesis.steadied`, on (B, J, 288)."""
    five = [a[:, k : a.shape[1] - 4 + k] for k in range(5)]
    mean = (five[0] + five[4] + 2 * (five[1] + five[3]) + 3 * five[2]) / 9
    stack = torch.stack(five)
    weight = (3 * stack.amin(0) / (stack.amax(0) + 1e-9)).clamp(max=1).detach()
    return torch.cat([a[:, :2], five[2] + weight * (mean - five[2]), a[:, -2:]], dim=1)


def _tones(decoded: Decoded, first_frames: list[int]) -> Tensor:
    table, count = _table(str(decoded.tones.device)), 4 * decoded.tones.shape[1]
    said = decoded.tones.unflatten(2, (4, carriers.CARRIERS)).flatten(1, 2).float()
    knee, slope = tone_frames.GATE_KNEE, tone_frames.GATE_SLOPE
    said = torch.minimum(said, knee + slope * (said - knee))
    mid = _steadied(_amplitudes(said, tone_frames.GATE_FLOOR))
    ratio = decoded.width.float().clamp(synthesis.LOG_FLOOR, 0.7).exp()
    wide = ratio.repeat_interleave(synthesis.CARRIERS_PER_BAND, 2).repeat_interleave(4, 1)
    wide = wide * table["signs"]
    turned = torch.from_numpy(
        np.stack([carriers.phasors(4 * (first - 1), count) for first in first_frames])
    ).to(mid.device)
    cos, sin = mid * turned.real, mid * turned.imag
    real = torch.stack([cos @ table["cosine"], (-wide * sin) @ table["cosine"]], dim=1)
    imag = torch.stack([sin @ table["sine"], (wide * cos) @ table["sine"]], dim=1)
    frames = torch.fft.irfft(torch.complex(real, imag), carriers.WINDOW)
    second, first = frames[..., :512], frames[..., 512:]
    joined = (first[:, :, 1:] + second[:, :, :-1]).flatten(2)
    start = synthesis.HOP - 256
    return joined[..., start : start + (decoded.tones.shape[1] - 2) * synthesis.HOP]


def _noise(decoded: Decoded, first_frames: list[int], seeds: list[int]) -> Tensor:
    table, bands = _table(str(decoded.noise.device)), noise_table.BANDS
    said = decoded.noise.unflatten(2, (16, 2, bands)).flatten(1, 2)[:, 13:-13]
    kept = _sharpened(_amplitudes(said, synthesis.LOG_FLOOR))
    count = kept.shape[1]
    magnitude = (kept @ table["bands"]).transpose(1, 2)
    rows = np.stack(
        [noise_table.rows(s, 16 * f - 2, count) for s, f in zip(seeds, first_frames, strict=True)]
    )
    spectra = table["noise"][torch.from_numpy(rows).to(kept.device)]
    frames = torch.fft.irfft(spectra * magnitude, noise_table.WINDOW) * table["hann"]
    quarters = frames.unflatten(3, (4, noise_table.HOP))
    joined = (
        quarters[:, :, 3:, 0]
        + quarters[:, :, 2:-1, 1]
        + quarters[:, :, 1:-2, 2]
        + quarters[:, :, :-3, 3]
    ).flatten(2)
    return joined[..., 64 : 64 + (decoded.noise.shape[1] - 2) * synthesis.HOP]


def _sharpened(a: Tensor) -> Tensor:
    before, said, after = a[:, :-2], a[:, 1:-1], a[:, 2:]
    power = (said.square() + (before.square() + after.square()) / 4) / 1.5
    summed = (said + (before + after) / 2) / 2
    # The root of nothing has no gradient.
    return said * power.clamp_min(1e-24).sqrt() / summed.clamp_min(1e-12)


def _low(decoded: Decoded) -> Tensor:
    low = decoded.low.float().flatten(1)[:, 64 - 8 : -(64 - 8)]
    taps = low.unfold(1, low_band.TAPS, 1)
    return (taps @ _table(str(low.device))["low"]).flatten(1)
