"""From waveforms to what the autoencoder reads and what its decoder must say.

Sources: peak interpolation after J. O. Smith, Spectral Audio Signal Processing, ch. "Sinusoidal
peak interpolation"; the choice of windows per range follows the constant-Q idea.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

RATE = 44100
HOP = 2048
SUB_HOP = 512
NOISE_HOP = 128
NOISE_WINDOW = 512
CARRIERS = 288
FIRST_CARRIER_HZ = 440.0 * 2.0 ** (-45 / 12)
LOG_FLOOR = -9.0
SPLIT_HZ = 700.0
SHARPEN_EDGES_HZ = (0.0, 150.0, 300.0, 700.0, 1500.0, 3500.0, 10000.0)


class Targets(NamedTuple):
    """What the decoder must say, from the stems; shapes as `rtgen.nets.autoencoder.Decoded`."""

    tones: Tensor  # (B, T, 4 * 288)
    width: Tensor  # (B, T, 24)
    noise: Tensor  # (B, T, 16 * 64)
    low: Tensor  # (B, T, 64)


def log_amplitude(x: Tensor) -> Tensor:
    """Natural logarithm, floored at LOG_FLOOR."""
    return torch.log(x.clamp_min(2.718281828**LOG_FLOOR))


def centred_magnitudes(x: Tensor, window: int, hop: int, top_hz: float = RATE / 2) -> Tensor:
    """Magnitudes (B, N / hop, bins up to top_hz) of frames centred at hop * j + hop / 2.

    Scaled so that a sinusoid of amplitude a peaks at a. x is (B, N), N a multiple of hop.
    """
    w = torch.hann_window(window, periodic=True, device=x.device)
    side = window // 2 - hop // 2
    padded = torch.nn.functional.pad(x, (side, side + hop))
    count = x.shape[-1] // hop
    spectrum = torch.stft(padded, window, hop, window=w, center=False, return_complex=True)[
        ..., :count
    ]
    spectrum = spectrum[:, : int(top_hz * window / RATE) + 1]
    return spectrum.abs().transpose(1, 2).contiguous() * (2.0 / float(w.sum()))


def carrier_hz() -> Tensor:
    """Frequencies (288,) of the carriers in Hz."""
    return FIRST_CARRIER_HZ * 2.0 ** (torch.arange(CARRIERS, dtype=torch.float64) / 36)


def log_bands(x: Tensor) -> Tensor:
    """Log magnitudes (B, N / 512, 288) at the carriers' frequencies; long windows below 700 Hz."""
    hz = carrier_hz().float()
    parts = []
    for window, keep in ((4096, hz < SPLIT_HZ), (2048, hz >= SPLIT_HZ)):
        position = hz[keep] * window / RATE
        top_hz = float(hz[keep].max()) + 4 * RATE / window
        magnitude = centred_magnitudes(x, window, SUB_HOP, top_hz)
        low = position.floor().long()
        weight = position - low
        parts.append(magnitude[..., low] * (1 - weight) + magnitude[..., low + 1] * weight)
    return log_amplitude(torch.cat(parts, dim=-1))


def tone_peaks(x: Tensor) -> Tensor:
    """Sparse amplitudes (B, N / 512, 288): each spectral peak goes to its nearest carrier.

    The long windows that resolve pitch smear time, so the amplitudes are re-shaped by the ratio of
    short-window energy to the same energy smeared as the long window smears it.
    """
    batch, samples = x.shape
    frames = samples // SUB_HOP
    out = x.new_zeros(batch, frames, CARRIERS)
    short = centred_magnitudes(x, 1024, SUB_HOP, SHARPEN_EDGES_HZ[-1]).square()
    for window, low_hz, high_hz in ((4096, 25.0, SPLIT_HZ), (2048, SPLIT_HZ, 8500.0)):
        magnitude = centred_magnitudes(x, window, SUB_HOP, high_hz + 8 * RATE / window)
        bins = magnitude.shape[-1]
        log = torch.log(magnitude + 1e-9)
        left, mid, right = log[..., :-2], log[..., 1:-1], log[..., 2:]
        near = torch.nn.functional.max_pool1d(magnitude, 11, 1, 5)[..., 1:-1]
        peak = (mid > left) & (mid >= right) & (magnitude[..., 1:-1] > 0.06 * near)
        delta = 0.5 * (left - right) / (left - 2 * mid + right).clamp(max=-1e-6)
        delta = delta.clamp(-0.5, 0.5)
        amplitude = torch.exp(mid - 0.25 * (left - right) * delta)
        hz = (torch.arange(1, bins - 1) + delta) * (RATE / window)
        grid = torch.round(36 * torch.log2(hz.clamp_min(1.0) / FIRST_CARRIER_HZ)).long()
        peak &= (hz >= low_hz) & (hz < high_hz) & (grid >= 0) & (grid < CARRIERS)
        amplitude = amplitude * envelope_gain(short, hz, window)
        values = torch.where(peak, amplitude, torch.zeros_like(amplitude))
        out.scatter_reduce_(2, grid.clamp(0, CARRIERS - 1), values, "amax")
    return steadied(out)


def steadied(amplitudes: Tensor) -> Tensor:
    """Median of five sub-frames (58 ms) in time: peaks that flicker between neighbouring carriers
    settle on one, while attacks stay sharp. Shape as given, (B, T, 288)."""
    ends = amplitudes[:, :1].expand(-1, 2, -1), amplitudes[:, -1:].expand(-1, 2, -1)
    padded = torch.cat([ends[0], amplitudes, ends[1]], dim=1)
    return padded.unfold(1, 5, 1).median(-1).values


def envelope_gain(short_energy: Tensor, hz: Tensor, window: int) -> Tensor:
    """Gain (B, T, K) that gives long-window amplitudes the time envelope of short windows."""
    reach = window // (2 * SUB_HOP)
    kernel = torch.hann_window(2 * reach + 1, periodic=False).square()
    kernel = (kernel / kernel.sum()).view(1, 1, -1)
    short_hz = torch.arange(short_energy.shape[-1]) * (RATE / 1024)
    gain = torch.ones_like(hz)
    for low, high in pairwise(SHARPEN_EDGES_HZ):
        energy = short_energy[..., (short_hz >= low) & (short_hz < high)].sum(-1)  # (B, T)
        padded = torch.nn.functional.pad(energy[:, None], (reach, reach), mode="replicate")
        smooth = torch.nn.functional.conv1d(padded, kernel)[:, 0]
        ratio = ((energy + 1e-10) / (smooth + 1e-10)).clamp(1e-5, 4.0).sqrt()
        gain = torch.where((hz >= low) & (hz < high), ratio[..., None], gain)
    return gain


def noise_band_matrix() -> Tensor:
    """Weights (32, 257): linear interpolation between mel-spaced band centres, 0 under 60 Hz."""
    top, bottom = 2595 * torch.log10(1 + torch.tensor([18000.0, 150.0], dtype=torch.float64) / 700)
    hz = torch.arange(257, dtype=torch.float64) * (RATE / NOISE_WINDOW)
    mel = (2595 * torch.log10(1 + hz / 700)).clamp(bottom, top)
    position = (mel - bottom) / (top - bottom) * 31
    weights = (1 - (position[None] - torch.arange(32)[:, None]).abs()).clamp_min(0)
    return (weights * (hz >= 60)).float()


def noise_bands(x: Tensor) -> Tensor:
    """Log rms magnitudes (B, N / 128, 32) per band, in units of the noise synthesis."""
    w = torch.hann_window(NOISE_WINDOW)
    scale = float(w.sum()) / 2 / float(w.square().sum().sqrt())
    power = (centred_magnitudes(x, NOISE_WINDOW, NOISE_HOP) * scale).square()
    weights = noise_band_matrix()
    weights = weights / weights.sum(1, keepdim=True)
    return 0.5 * torch.log((power @ weights.T).clamp_min(2.718281828 ** (2 * LOG_FLOOR)))


def low_kernel() -> Tensor:
    """Interpolation kernel (513,) of the low band: Kaiser-windowed sinc, 600 Hz, unity DC gain
    when summed at a step of 32 samples."""
    n = torch.arange(-256, 257, dtype=torch.float64)
    kernel = torch.sinc(2 * 600.0 / RATE * n) * torch.kaiser_window(
        513, periodic=False, beta=8.0, dtype=torch.float64
    )
    return (kernel * 32 / kernel.sum()).float()


def low_band(x: Tensor) -> Tensor:
    """Low-passed samples (B, N / 32) at times 32 q + 16."""
    kernel = low_kernel() / 32
    padded = torch.nn.functional.pad(x[:, None], (256 - 16, 256))
    return torch.nn.functional.conv1d(padded, kernel.view(1, 1, -1), stride=32)[
        :, 0, : x.shape[-1] // 32
    ]


def mid_side(x: Tensor) -> tuple[Tensor, Tensor]:
    """(B, 2, N) left and right -> mid (B, N), side (B, N)."""
    return (x[:, 0] + x[:, 1]) / 2, (x[:, 0] - x[:, 1]) / 2


def width_bands(mid: Tensor, side: Tensor) -> Tensor:
    """Log ratio (B, N / 2048, 24) of side to mid in bands of 12 carriers, one per frame."""
    frames = mid.shape[-1] // HOP

    def energy(x: Tensor) -> Tensor:
        bands = torch.exp(2 * log_bands(x)).reshape(x.shape[0], frames, 4, 24, 12)
        return bands.sum((2, 4))

    return (0.5 * torch.log((energy(side) + 1e-7) / (energy(mid) + 1e-7))).clamp(LOG_FLOOR, 0.7)


def encoder_features(mix: Tensor) -> Tensor:
    """Standardised encoder input (B, T, ENCODER_INPUTS) of a stereo mix (B, 2, T * 2048)."""
    mid, side = mid_side(mix)
    batch, frames = mid.shape[0], mid.shape[1] // HOP
    side_bands = noise_bands(side).reshape(batch, frames * 4, 4, 32).mean(2)
    return torch.cat(
        [
            (log_bands(mid).reshape(batch, frames, -1) + 6.5) / 2,
            width_bands(mid, side) / 2 + 1,
            (noise_bands(mid).reshape(batch, frames, -1) + 6) / 2.5,
            (side_bands.reshape(batch, frames, -1) + 6.5) / 2,
            low_band(mid).reshape(batch, frames, -1) * 3,
        ],
        dim=-1,
    )


def decoder_targets(low: Tensor, noise: Tensor, tones: Tensor) -> Targets:
    """Targets from the stems, each (B, 2, T * 2048)."""
    batch, frames = low.shape[0], low.shape[2] // HOP
    tone_mid, tone_side = mid_side(tones)
    noise_mid, noise_side = mid_side(noise)
    both = torch.cat([noise_bands(noise_mid), noise_bands(noise_side)], dim=-1)
    return Targets(
        tones=log_amplitude(tone_peaks(tone_mid)).reshape(batch, frames, -1),
        width=width_bands(tone_mid, tone_side),
        noise=both.reshape(batch, frames, -1),
        low=low_band(mid_side(low)[0]).reshape(batch, frames, -1),
    )
