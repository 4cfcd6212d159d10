"""Decoded frames to samples: carriers, noise bands and the low band, overlap-added.

Frame i reaches 1280 samples beyond its own 2048 on each side, so a stretch of frames needs one
decoded frame before it and one after it, and nothing else: no state is carried.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rtgen.audio import carriers, low_band, noise_table

HOP = 2048
LOG_FLOOR, LOG_CEILING = -9.0, 2.0
TONE_GATE = -8.0
"""Carriers at or below this are silent: what a decoder is unsure of should not hiss."""
WIDTH_BANDS, CARRIERS_PER_BAND = 24, 12
KNEE = 0.8

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class DecodedFrames:
    """The decoder's outputs for T frames: tones (T, 1152), width (T, 24), noise (T, 1024),
    low (T, 64); amplitudes are natural logarithms of full scale."""

    tones: Floats
    width: Floats
    noise: Floats
    low: Floats

    def __getitem__(self, part: slice) -> DecodedFrames:
        return DecodedFrames(self.tones[part], self.width[part], self.noise[part], self.low[part])

    def __len__(self) -> int:
        return len(self.tones)


def amplitudes(log: Floats, floor: float = LOG_FLOOR) -> Floats:
    """exp, with silence at and below the floor."""
    out = np.exp(np.minimum(log, np.float32(LOG_CEILING)))
    out[log <= floor] = 0.0
    return out


def steadied(a: Floats) -> Floats:
    """Amplitudes (J, 288) averaged over five sub-frames where they hold, left where they move.

    Jitter from one sub-frame to the next puts side bands around a tone. The weight of the average
    is three times the ratio of the least to the greatest of the five, at most one, so an attack
    stays as sharp as it was said. The two sub-frames at each end are left as they are.
    """
    far = a[:-4], a[4:]
    near = a[1:-3], a[3:-1]
    middle = a[2:-2]
    mean = (far[0] + far[1] + 2 * (near[0] + near[1]) + 3 * middle) * np.float32(1 / 9)
    five = (*far, *near, middle)
    least, greatest = np.minimum.reduce(five), np.maximum.reduce(five)
    weight = np.minimum(3 * least / (greatest + np.float32(1e-9)), np.float32(1))
    out = a.copy()
    out[2:-2] += weight * (mean - middle)
    return out


def tones(decoded: DecodedFrames, first_frame: int) -> Floats:
    """Mid and side (2, (T - 2) * 2048) of the carriers; T decoded frames from first_frame - 1."""
    from scipy import fft

    count = 4 * len(decoded)
    mid = steadied(amplitudes(decoded.tones.reshape(count, carriers.CARRIERS), TONE_GATE))
    ratio = np.exp(np.clip(decoded.width, np.float32(LOG_FLOOR), np.float32(0.7)))
    wide = np.repeat(np.repeat(ratio, CARRIERS_PER_BAND, axis=1), 4, axis=0)
    turned = carriers.phasors(4 * (first_frame - 1), count)
    mid_cos, mid_sin = mid * turned.real, mid * turned.imag
    # The side leads or follows by a quarter turn: cos -> -+ sin, sin -> +- cos.
    wide = wide * carriers.side_signs()
    cosine, sine = carriers.spectra()
    spectrum = np.zeros((2, count, carriers.WINDOW // 2 + 1), np.complex64)
    reached = spectrum[..., : carriers.BINS]
    reached[0].real, reached[0].imag = mid_cos @ cosine, mid_sin @ sine
    reached[1].real, reached[1].imag = (-wide * mid_sin) @ cosine, (wide * mid_cos) @ sine
    frames = fft.irfft(spectrum, carriers.WINDOW, axis=-1, overwrite_x=True)
    # Sub-frame j covers [512 j - 256, 512 j + 768); the transform has its centre at sample 0.
    second, first = frames[..., :512], frames[..., 512:]
    segments = first[:, 1:] + second[:, :-1]  # segment k covers [512 k - 256, 512 k + 256)
    joined = segments.reshape(2, -1)
    start = HOP - 256  # segments begin at sub-frame 1 of the frame before
    return np.ascontiguousarray(joined[:, start : start + (len(decoded) - 2) * HOP])


def noise(decoded: DecodedFrames, first_frame: int, seed: int) -> Floats:
    """Mid and side (2, (T - 2) * 2048) of the noise bands."""
    from scipy import fft

    # Only the last two and first two sub-frames of the neighbours reach into the stretch.
    kept = decoded.noise.reshape(-1, 2, noise_table.BANDS)[14:-14]
    count = len(kept)
    magnitude = amplitudes(kept.reshape(2 * count, -1)) @ noise_table.band_matrix()
    magnitude = magnitude.reshape(count, 2, -1).transpose(1, 0, 2)
    rows = noise_table.rows(seed, 16 * first_frame - 2, count)
    frames = fft.irfft(noise_table.table()[rows] * magnitude, noise_table.WINDOW, axis=-1)
    n = np.arange(noise_table.WINDOW)
    frames *= (0.5 - 0.5 * np.cos(2 * np.pi * n / noise_table.WINDOW)).astype(np.float32)
    quarters = frames.reshape(2, count, 4, noise_table.HOP)
    # Sub-frame j covers [128 j - 192, 128 j + 320); segment k covers [128 k - 192, 128 k - 64).
    segments = (
        quarters[:, 3:, 0] + quarters[:, 2:-1, 1] + quarters[:, 1:-2, 2] + quarters[:, :-3, 3]
    )
    joined = segments.reshape(2, -1)  # starts at sub-frame 16 f + 1: sample 2048 f - 64
    return np.ascontiguousarray(joined[:, 64 : 64 + (len(decoded) - 2) * HOP])


def low(decoded: DecodedFrames) -> Floats:
    """Mono samples ((T - 2) * 2048,) of the low band."""
    return low_band.interpolate(decoded.low.reshape(-1)[64 - 8 : -(64 - 8)])


def synthesise(decoded: DecodedFrames, first_frame: int, seed: int) -> Floats:
    """Stereo samples of the inner frames.

    Parameters
    ----------
    decoded : T >= 3 frames; the first is frame `first_frame` - 1.
    first_frame : absolute index of the first frame that is returned.
    seed : keys the noise.

    Returns
    -------
    ((T - 2) * 2048, 2) float32, before the ceiling.
    """
    mid, side = tones(decoded, first_frame) + noise(decoded, first_frame, seed)
    mid += low(decoded)
    return np.stack([mid + side, mid - side], axis=1)


def soft_ceiling(x: Floats) -> Floats:
    """Leaves samples under 0.8 as they are and bends louder ones below 1."""
    over = np.maximum(np.abs(x) - np.float32(KNEE), 0)
    if not over.any():
        return x
    bent = np.float32(KNEE) + np.float32(0.2) * np.tanh(over * np.float32(5))
    return np.where(over > 0, np.copysign(bent, x), x).astype(np.float32)
