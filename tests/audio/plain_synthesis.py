"""The synthesis as plain formulas, in double precision and without a thought for speed."""

from __future__ import annotations

import numpy as np

from rtgen.audio import carriers, low_band, noise_table
from rtgen.audio.synthesis import DecodedFrames

HOP = 2048
Array = np.ndarray


def amplitudes(log: Array, floor: float) -> Array:
    return np.where(log <= floor, 0.0, np.exp(np.minimum(log.astype(float), 2.0)))


def steadied(a: Array) -> Array:
    far, near, middle = a[:-4] + a[4:], a[1:-3] + a[3:-1], a[2:-2]
    mean = (far + 2 * near + 3 * middle) / 9
    five = np.stack([a[k : len(a) - 4 + k] for k in range(5)])
    weight = np.minimum(3 * five.min(0) / (five.max(0) + 1e-9), 1)
    out = a.copy()
    out[2:-2] += weight * (mean - middle)
    return out


def tones(decoded: DecodedFrames, first_frame: int) -> Array:
    count = 4 * len(decoded)
    said = decoded.tones.reshape(count, 288).astype(float)
    quieter = np.where(said < -6.5, -6.5 - 2 * (-6.5 - said), said)
    mid = steadied(amplitudes(quieter, -9.2))
    ratio = np.exp(np.clip(decoded.width.astype(float), -9.0, 0.7))
    wide = mid * np.repeat(np.repeat(ratio, 12, axis=1), 4, axis=0)
    centres = 512 * (4 * (first_frame - 1) + np.arange(count)) + 256
    steps = centres.astype(object)[:, None] * carriers.increments().astype(object)
    turns = ((steps + carriers.offsets().astype(object)) % 2**32).astype(float) / 2**32
    n = np.arange(1024) - 512
    window = 0.5 + 0.5 * np.cos(2 * np.pi * n / 1024)
    out = np.zeros((2, 512 * count + 1024))
    for channel, (level, ahead) in enumerate(((mid, 0.0), (wide, 0.25 * carriers.side_signs()))):
        phase = 2 * np.pi * (turns + ahead)
        step = 2 * np.pi * carriers.increments().astype(float)[:, None] / 2**32 * n
        frames = (level * np.cos(phase)) @ np.cos(step) - (level * np.sin(phase)) @ np.sin(step)
        for j, frame in enumerate(frames * window):
            out[channel, 512 * j : 512 * j + 1024] += frame
    return out[:, HOP + 256 :][:, : (len(decoded) - 2) * HOP]


def noise(decoded: DecodedFrames, first_frame: int, seed: int) -> Array:
    log = decoded.noise.reshape(-1, 2, 32)
    said = np.pad(amplitudes(log, -9.0), ((1, 1), (0, 0), (0, 0)))
    power = (said[1:-1] ** 2 + said[:-2] ** 2 / 4 + said[2:] ** 2 / 4) / 1.5
    summed = (said[1:-1] + said[:-2] / 2 + said[2:] / 2) / 2
    sharp = said[1:-1] * np.sqrt(power) / np.where(summed > 0, summed, 1)
    magnitude = sharp @ noise_table.band_matrix().astype(float)
    rows = noise_table.rows(seed, 16 * (first_frame - 1), len(log))
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(512) / 512)
    out = np.zeros((2, 128 * len(log) + 512))
    for j in range(len(log)):
        for channel in range(2):
            spectrum = noise_table.table()[rows[channel, j]].astype(complex)
            frame = np.fft.irfft(spectrum * magnitude[j, channel], 512) * window
            out[channel, 128 * j : 128 * j + 512] += frame
    return out[:, HOP + 192 :][:, : (len(decoded) - 2) * HOP]


def low(decoded: DecodedFrames) -> Array:
    x = decoded.low.reshape(-1).astype(float)
    kernel = low_band.kernel_matrix().astype(float)
    begin = 64 - 8
    return np.concatenate([x[b : b + 17] @ kernel for b in range(begin, len(x) - 2 * 64 + begin)])


def synthesise(decoded: DecodedFrames, first_frame: int, seed: int) -> Array:
    mid, side = tones(decoded, first_frame) + noise(decoded, first_frame, seed)
    mid = mid + low(decoded)
    return np.stack([mid + side, mid - side], axis=1)


def soft_ceiling(x: Array) -> Array:
    over = np.maximum(np.abs(x) - 0.8, 0)
    return np.where(over > 0, np.copysign(0.8 + 0.2 * np.tanh(over * 5), x), x)
