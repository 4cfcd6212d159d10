"""Clips as points: one vector per window of 3 s, in which Frechet distance and styles are measured.

Ours is made of texture statistics, after McDermott & Simoncelli, "Sound texture perception via
statistics of the auditory periphery" (Neuron 71, 2011): time averages over windows of the levels of
auditory bands, of their modulations and of the correlations between them are enough to make sounds
that listeners take for the original; leaving any of the three out is heard. To these come what
music has besides texture: how tonal a band is, how chroma is shaped (the same in every key), and
width. It is fixed, needs no weights and no download, and every number has a meaning; it is blind to
order over more than 3 s, which is measured elsewhere. See docs/evaluation.md.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from rtgen.errors import EvaluationError
from rtgen.evaluate.clips import Stereo
from rtgen.evaluate.front_ends import front_end
from rtgen.timeline.units import RATE

Points = npt.NDArray[np.float64]
"""(windows, dimensions)."""
WINDOW_SECONDS, STEP_SECONDS = 3.0, 1.5
BANDS, GROUPS = 20, 5
LOWEST_HZ, HIGHEST_HZ = 40.0, 16_000.0
FFT, FFT_HOP = 1024, 512
FINE_FFT = 4096
FLOOR_DB, NARROW_DB = -80.0, -40.0
MODULATIONS_HZ = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
PAIRS = tuple(combinations(range(GROUPS), 2))
DIMENSIONS = BANDS + GROUPS * (len(MODULATIONS_HZ) - 1) + len(PAIRS) + 6 + 2 * GROUPS
Floats = npt.NDArray[np.float64]


class Embedding(Protocol):
    """Stereo samples (n, 2) at 44.1 kHz to one point per window."""

    @property
    def name(self) -> str:
        """What the report calls it."""

    def __call__(self, audio: Stereo, step_seconds: float = STEP_SECONDS) -> Points:
        """Points (windows, dimensions); shorter clips than a window have none."""


def too_short(name: str, option: str) -> EvaluationError:
    """What to raise when clips hold no window of an embedding."""
    return EvaluationError(
        f"clips are too short for the embedding {name}",
        value=name,
        hint=f"it reads longer windows; ask for more {option}",
    )


class Texture:
    """Texture statistics, 71 numbers per window.

    In order: levels of 20 mel bands in dB; power of modulation of 5 groups of 4 bands in 5 octaves
    from 1 to 32 Hz, in dB; correlations of the 10 pairs of groups; magnitudes 1..6 of the Fourier
    transform of chroma; spectral flatness of the groups in dB; side against mid of the groups in
    dB.
    """

    name = "texture"

    def __call__(self, audio: Stereo, step_seconds: float = STEP_SECONDS) -> Points:
        frames = round(WINDOW_SECONDS * RATE / FFT_HOP)
        step = max(round(step_seconds * RATE / FFT_HOP), 1)
        mid, side = (audio[:, 0] + audio[:, 1]) / 2, (audio[:, 0] - audio[:, 1]) / 2
        power, wide = band_power(mid), band_power(side)
        count = (len(power) - frames) // step + 1
        rows = [
            _window(power[a : a + frames], wide[a : a + frames])
            for a in range(0, count * step, step)
        ]
        fine = [
            _fine(mid[a * FFT_HOP : (a + frames) * FFT_HOP]) for a in range(0, count * step, step)
        ]
        if not rows:
            return np.zeros((0, DIMENSIONS))
        return np.concatenate([np.array(rows), np.array(fine)], axis=1)


def band_power(mono: npt.NDArray[np.floating[Any]]) -> Floats:
    """Mean power (frames, 20) in each mel band; a full-scale sine peaks at 1."""
    if len(mono) < FFT:
        return np.zeros((0, BANDS))
    weight = np.hanning(FFT).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(mono, FFT)[::FFT_HOP]
    power = np.abs(np.fft.rfft(windows * weight)) ** 2 * (2 / float(weight.sum())) ** 2
    return power @ _bands(FFT).T


@cache
def _edges_hz() -> Floats:
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (LOWEST_HZ, HIGHEST_HZ))
    return np.asarray(700 * (10 ** (np.linspace(low, high, BANDS + 1) / 2595) - 1))


@cache
def _bands(fft: int) -> Floats:
    """Weights (20, bins) of disjoint bands, evenly wide in mel; every band has a bin."""
    bins = np.fft.rfftfreq(fft, 1 / RATE)
    edges = _edges_hz()
    weights = ((bins >= edges[:-1, None]) & (bins < edges[1:, None])).astype(np.float64)
    nearest = np.abs(bins - (edges[:-1, None] + edges[1:, None]) / 2).argmin(1)
    weights[np.arange(BANDS), nearest] = 1.0
    return weights / weights.sum(1, keepdims=True)


def _db(power: Floats, floor: float = FLOOR_DB) -> Floats:
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (floor / 10))))


def _grouped(power: Floats) -> Floats:
    return power.reshape(*power.shape[:-1], GROUPS, BANDS // GROUPS).mean(-1)


def _window(power: Floats, wide: Floats) -> Floats:
    levels = _db(power)
    envelopes = _db(_grouped(power))
    moving = envelopes - envelopes.mean(0)
    spectrum = np.abs(np.fft.rfft(moving * np.hanning(len(moving))[:, None], axis=0)) ** 2
    spectrum /= len(moving) ** 2
    hz = np.fft.rfftfreq(len(moving), FFT_HOP / RATE)
    octaves = [spectrum[(hz >= low) & (hz < high)].sum(0) for low, high in pairwise(MODULATIONS_HZ)]
    # A modulation of a hundredth of a dB is none.
    modulations = 10 * np.log10(np.array(octaves).T + 1e-4)
    spread = np.sqrt((moving**2).mean(0)) + 1e-3
    correlations = [float((moving[:, a] * moving[:, b]).mean() / spread[a] / spread[b])
                    for a, b in PAIRS]  # fmt: skip
    ratio = (_grouped(wide).mean(0) + 1e-12) / (_grouped(power).mean(0) + 1e-12)
    width = np.clip(10 * np.log10(ratio), NARROW_DB, -NARROW_DB)
    return np.concatenate([levels.mean(0), modulations.ravel(), correlations, width])


@cache
def _pitch_classes() -> Floats:
    """Weights (12, bins): bins of the fine spectrum from C2 to C7 to pitch classes."""
    hz = np.fft.rfftfreq(FINE_FFT, 1 / RATE)
    semitone = 12 * np.log2(np.maximum(hz, 1.0) / 440.0) + 69
    inside = (semitone >= 36) & (semitone < 96)
    away = np.abs((semitone - np.arange(12)[:, None] + 6) % 12 - 6)
    return np.where(inside & (away < 1), 1 - away, 0.0)


def _fine(mono: npt.NDArray[np.floating[Any]]) -> Floats:
    """Shape of chroma (6,) and flatness (5,) from long windows."""
    weight = np.hanning(FINE_FFT).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(mono, FINE_FFT)[:: FINE_FFT // 2]
    power = np.abs(np.fft.rfft(windows * weight)) ** 2 * (2 / float(weight.sum())) ** 2
    chroma = np.sqrt(power).mean(0) @ _pitch_classes().T
    shape = np.abs(np.fft.rfft(chroma / max(float(chroma.sum()), 1e-9)))[1:]
    floored = np.maximum(power, 10 ** (FLOOR_DB / 10) / FINE_FFT)
    hz = np.fft.rfftfreq(FINE_FFT, 1 / RATE)
    edges = _edges_hz()[:: BANDS // GROUPS]
    flatness = []
    for low, high in pairwise(edges):
        part = floored[:, (hz >= low) & (hz < high)]
        flatness.append(float((10 * np.log10(part)).mean() - 10 * np.log10(part.mean(1)).mean()))
    return np.concatenate([shape, flatness])


class OnnxEmbedding:
    """Any ONNX file that reads sound, or the spectrogram of VGGish or CLAP.

    Its one input is float32: mono samples at `rate`, as (samples), (1, samples) or (1, 1, samples),
    or one spectrogram, with ones in front. A fixed number of samples is respected, else it is given
    windows of 3 s. The last axis of its first output is the vector; if it gives several per window,
    all of them count.

    Raises
    ------
    EvaluationError when onnxruntime cannot use it.
    """

    def __init__(self, path: Path, rate: int, reads: str = "samples") -> None:
        import onnxruntime

        self.name = path.stem
        self._front = front_end(reads, rate)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = 1
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises bare RuntimeError subclasses of its own
            raise EvaluationError(
                f"onnxruntime cannot open {path.name}", value=str(path), hint="is it an ONNX file?"
            ) from error
        inputs = self._session.get_inputs()
        axes = self._front.axes
        if len(inputs) != 1 or not axes <= len(inputs[0].shape) <= axes + 2:
            raise EvaluationError(
                f"{path.name} does not read {reads} alone",
                value=[i.name for i in inputs],
                hint="one input; --embedding-input says whether it is samples, vggish or clap",
            )
        self._input, self._rank = inputs[0].name, len(inputs[0].shape)
        last = inputs[0].shape[-1]
        fixed = last if reads == "samples" and isinstance(last, int) else self._front.samples
        self._samples = fixed or round(WINDOW_SECONDS * rate)

    def __call__(self, audio: Stereo, step_seconds: float = STEP_SECONDS) -> Points:
        import soxr

        rate = self._front.rate
        mono = soxr.resample(audio.mean(1), RATE, rate, quality="HQ").astype(np.float32)
        step = max(round(step_seconds * rate), 1)
        points = []
        for at in range(0, len(mono) - self._samples + 1, step):
            heard = self._front.features(mono[at : at + self._samples])
            window = heard.reshape((1,) * (self._rank - heard.ndim) + heard.shape)
            try:
                out = np.asarray(self._session.run(None, {self._input: window})[0], np.float64)
            except Exception as error:
                raise EvaluationError(
                    f"{self.name} cannot read an input of {window.shape}", value=window.shape
                ) from error
            points.append(out.reshape(-1, out.shape[-1]))
        return np.concatenate(points) if points else np.zeros((0, 0))
