"""Decoded frames to samples: carriers, noise bands and the low band, overlap-added.

Frame i reaches 1280 samples beyond its own 2048 on each side, so a stretch of frames needs one
decoded frame before it and one after it, and nothing else: no state is carried.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rtgen._bridge import bend_peaks, mix_stereo
from rtgen.audio import low_band, noise_frames, noise_table, tone_frames
from rtgen.audio.amplitudes import LOG_CEILING as LOG_CEILING
from rtgen.audio.amplitudes import LOG_FLOOR as LOG_FLOOR
from rtgen.audio.tone_frames import CARRIERS_PER_BAND as CARRIERS_PER_BAND

HOP = 2048
WIDTH_BANDS = 24
KNEE = 0.8
CHUNK_FRAMES = 32
"""Frames made in one go: what they need stays in the processor's cache."""

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


def tones(decoded: DecodedFrames, first_frame: int) -> Floats:
    """Mid and side (2, (T - 2) * 2048) of the carriers; T decoded frames from first_frame - 1."""
    return tone_frames.tones(decoded.tones, decoded.width, first_frame).copy()


def noise(decoded: DecodedFrames, first_frame: int, seed: int) -> Floats:
    """Mid and side (2, (T - 2) * 2048) of the noise bands."""
    return noise_frames.noise(decoded.noise, _rows(seed, first_frame, len(decoded) - 2)).copy()


def low(decoded: DecodedFrames) -> Floats:
    """Mono samples ((T - 2) * 2048,) of the low band."""
    silence = np.zeros((2, (len(decoded) - 2) * HOP), np.float32)
    out = np.empty((silence.shape[1], 2), np.float32)
    mix_stereo(silence, silence, _low_samples(decoded), low_band.kernel_matrix(), out)
    return out[:, 0]


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
    count = len(decoded) - 2
    out = np.empty((count * HOP, 2), np.float32)
    rows = _rows(seed, first_frame, count)
    for begin in range(0, count, CHUNK_FRAMES):
        end = min(begin + CHUNK_FRAMES, count)
        part = decoded[begin : end + 2]
        carriers = tone_frames.tones(part.tones, part.width, first_frame + begin)
        per_frame = noise_frames.PER_FRAME
        bands = noise_frames.noise(part.noise, rows[:, per_frame * begin : per_frame * end + 4])
        kernel, samples = low_band.kernel_matrix(), out[begin * HOP : end * HOP]
        mix_stereo(carriers, bands, _low_samples(part), kernel, samples)
    return out


def _low_samples(decoded: DecodedFrames) -> Floats:
    """Those of the inner frames, and what the kernel needs on each side."""
    beside = low_band.PER_FRAME - low_band.TAPS // 2
    return decoded.low.reshape(-1)[beside:-beside]


def _rows(seed: int, first_frame: int, count: int) -> npt.NDArray[np.int64]:
    per_frame = noise_frames.PER_FRAME
    return noise_table.rows(seed, per_frame * first_frame - 2, per_frame * count + 4)


def soft_ceiling(x: Floats) -> Floats:
    """Leaves samples under 0.8 as they are and bends louder ones below 1, in place."""
    bend_peaks(x, KNEE)
    return x
