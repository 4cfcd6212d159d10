"""What an ONNX embedding reads: samples, or the spectrograms that two well-known ones were given.

Sources: Hershey et al., "CNN architectures for large-scale audio classification" (2017) and the
constants published with VGGish; Wu et al., "Large-scale contrastive language-audio pretraining"
(2023) and the constants published with its model without fusion.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

Mono = npt.NDArray[np.float32]
Image = npt.NDArray[np.float32]
"""(frames, bands)."""
BANDS = 64
VGGISH_RATE, VGGISH_WINDOW, VGGISH_HOP, VGGISH_FFT, VGGISH_FRAMES = 16_000, 400, 160, 512, 96
VGGISH_HZ, VGGISH_OFFSET = (125.0, 7500.0), 0.01
CLAP_RATE, CLAP_FFT, CLAP_HOP, CLAP_SECONDS = 48_000, 1024, 480, 10
CLAP_HZ = (50.0, 14_000.0)


@dataclass(frozen=True)
class FrontEnd:
    """How to get from mono samples at `rate` to what a graph reads.

    Attributes
    ----------
    samples : that it takes at once; None leaves that to the graph.
    features : of so many samples.
    axes : of what `features` returns.
    """

    rate: int
    samples: int | None
    features: Callable[[Mono], npt.NDArray[np.float32]]
    axes: int


def vggish(mono: Mono) -> Image:
    """Log mel magnitudes (96, 64) of 15600 samples."""
    n = np.arange(VGGISH_WINDOW)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * n / VGGISH_WINDOW)
    frames = np.lib.stride_tricks.sliding_window_view(mono, VGGISH_WINDOW)[::VGGISH_HOP]
    magnitude = np.abs(np.fft.rfft(frames * window, VGGISH_FFT))
    return np.log(magnitude @ _vggish_bands().T + VGGISH_OFFSET).astype(np.float32)


@cache
def _vggish_bands() -> npt.NDArray[np.float64]:
    """Weights (64, 257): triangles that are straight in mel, not in Hz."""

    def mel(hz: Any) -> Any:
        return 1127.0 * np.log(1.0 + hz / 700.0)

    bins = mel(np.fft.rfftfreq(VGGISH_FFT, 1 / VGGISH_RATE))
    edges = np.linspace(mel(VGGISH_HZ[0]), mel(VGGISH_HZ[1]), BANDS + 2)[:, None]
    width = edges[1] - edges[0]
    weights = np.maximum(1 - np.abs(bins - edges[1:-1]) / width, 0.0)
    weights[:, 0] = 0.0
    return np.asarray(weights)


def clap(mono: Mono) -> Image:
    """Mel power in dB (1001, 64) of up to 10 s, repeated as often as it fits and then silent."""
    from librosa import power_to_db
    from librosa.feature import melspectrogram

    whole = CLAP_SECONDS * CLAP_RATE
    full = np.zeros(whole, np.float32)
    repeated = np.tile(mono, max(whole // len(mono), 1))[:whole]
    full[: len(repeated)] = repeated
    power = melspectrogram(
        y=full,
        sr=CLAP_RATE,
        n_fft=CLAP_FFT,
        hop_length=CLAP_HOP,
        n_mels=BANDS,
        fmin=CLAP_HZ[0],
        fmax=CLAP_HZ[1],
        pad_mode="reflect",
    )
    return np.asarray(power_to_db(power, top_db=None).T, np.float32)


def plain(mono: Mono) -> Mono:
    """Samples as they are."""
    return mono


def front_end(kind: str, rate: int) -> FrontEnd:
    """Of the kind "samples" at a rate, "vggish" or "clap" at their own."""
    if kind == "vggish":
        patch = VGGISH_WINDOW + (VGGISH_FRAMES - 1) * VGGISH_HOP
        return FrontEnd(VGGISH_RATE, patch, vggish, 2)
    if kind == "clap":
        return FrontEnd(CLAP_RATE, 3 * CLAP_RATE, clap, 2)
    return FrontEnd(rate, None, plain, 1)
