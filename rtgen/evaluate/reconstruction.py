"""The autoencoder alone: a bundle's encoder and decoder on audio that neither has seen.

The features that the encoder reads are made by the training room, which needs torch; whoever
measures hands them in as a function.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from rtgen.audio.synthesis import DecodedFrames, soft_ceiling, synthesise
from rtgen.bundle.load import Bundle
from rtgen.corpus.harmony import draw_progression
from rtgen.corpus.tones import draw_timbres
from rtgen.errors import EvaluationError
from rtgen.evaluate.clips import Clip, Stereo
from rtgen.stream.sessions import Nets, open_session
from rtgen.timeline.units import HOP, RATE

Features = Callable[[Stereo], npt.NDArray[np.float32]]
"""Stereo samples (frames * 2048, 2) to the encoder's input (frames, channels)."""
ENCODER_RIGHT = 1
"""Encoders look one frame ahead, as decoders do; the rest of their margin lies behind."""
MARGIN_LEFT, MARGIN_RIGHT = 64, 8
"""Frames around a clip that every system leaves out, so that all of them are compared on the same
stretch."""
PIECE_FRAMES = 1024
"""Longer clips go through in pieces, to save memory."""
WINDOWS = (512, 1024, 2048, 4096)
FLOOR_DB = -80.0
PARTIALS, TONE_HZ, TONE_CENTS = 5, 440.0, 20.0
PITCH_WINDOW, PITCH_TOP_HZ, PITCH_FRAMES = 8192, 2000.0, 96


class Reconstructor:
    """Encodes and decodes clips.

    Raises
    ------
    BundleError when the encoder is no ONNX file.
    EvaluationError when it does not fit what it is given, or the bundle's decoder.
    """

    def __init__(self, bundle: Bundle, encoder: bytes, features: Features) -> None:
        self._encoder = open_session(encoder, 1, "the encoder")
        self._nets = Nets(bundle)
        self._features = features
        self._margins = bundle.frames.margins

    def frames(self, audio: Stereo, first: int = 0) -> tuple[Stereo, int, int]:
        """What comes back of (frames * 2048, 2) that begin at frame `first` of a track, and the
        frames lost at its start and end."""
        features = self._features(audio)[None]
        try:
            latents = self._encoder.run(None, {"features": features})[0][0]
            decoded = DecodedFrames(*self._nets.decode(latents))
        except Exception as error:  # onnxruntime raises bare RuntimeError subclasses of its own
            raise EvaluationError(
                "the encoder does not fit the bundle", value=features.shape, hint="is it another's?"
            ) from error
        left = len(audio) // HOP - len(latents) - ENCODER_RIGHT + self._margins.decoder_left + 1
        right = ENCODER_RIGHT + self._margins.decoder_right + 1
        return soft_ceiling(synthesise(decoded, first + left, 0)), left, right

    def inner(self, clip: Clip) -> Clip:
        """The clip through the autoencoder, without MARGIN_LEFT and MARGIN_RIGHT frames."""
        kept = clip.inner(MARGIN_LEFT, MARGIN_RIGHT)
        out = np.zeros_like(kept.audio)
        for first in range(0, len(out) // HOP, PIECE_FRAMES):
            stop = first + PIECE_FRAMES + MARGIN_LEFT + MARGIN_RIGHT
            made, left, right = self.frames(clip.audio[first * HOP : stop * HOP], first)
            if left > MARGIN_LEFT or right > MARGIN_RIGHT:
                raise EvaluationError("the autoencoder looks further than is left out", value=left)
            piece = out[first * HOP : (first + PIECE_FRAMES) * HOP]
            piece[:] = made[(MARGIN_LEFT - left) * HOP :][: len(piece)]
        return Clip(out, kept.labels)


def spectral_distance_db(wanted: Stereo, got: Stereo) -> float:
    """Mean absolute difference of log spectra in dB over four window lengths, mid and side.

    Magnitudes are floored at -80 dB of a full-scale sine, so silence costs nothing.
    """
    differences = []
    for window in WINDOWS:
        for channel in (1, -1):
            pair = [
                log_spectrum(0.5 * (x[:, 0] + channel * x[:, 1]), window) for x in (wanted, got)
            ]
            differences.append(np.abs(pair[0] - pair[1]).mean())
    return float(np.mean(differences))


def log_spectrum(mono: npt.NDArray[np.float32], window: int) -> npt.NDArray[np.float32]:
    """Log magnitudes (frames, bins) in dB of Hann windows that overlap by half; a full-scale sine
    peaks at 0."""
    weight = np.hanning(window).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(mono, window)[:: window // 2]
    magnitude = np.abs(np.fft.rfft(frames * weight)) * (2 / weight.sum())
    return np.maximum(20 * np.log10(magnitude + 1e-12), FLOOR_DB).astype(np.float32)


def held_chord(seed: int) -> Stereo:
    """A chord (96 * 2048, 2) of one timbre of the corpus, held throughout, peak 0.5."""
    rng = np.random.default_rng((seed, 99))
    timbre = draw_timbres(rng)["pad"]
    chord = draw_progression(rng).chord(0)
    samples = PITCH_FRAMES * HOP
    out = np.zeros((2, samples), np.float32)
    for pitch_class in chord:
        note = timbre.note(48 + (pitch_class + 3) % 12, samples / RATE, 0.8)
        out += note[:, :samples]
    return np.ascontiguousarray((out * np.float32(0.5 / np.abs(out).max())).T)


def pitch(through: Reconstructor, seeds: list[int]) -> dict[str, float]:
    """Log-spectral error of held chords below 2 kHz at an 8192-point window, and its ratio to the
    error of always saying the mean spectrum of the set."""
    top = int(PITCH_TOP_HZ * PITCH_WINDOW / RATE) + 1
    wanted, got = [], []
    for seed in seeds:
        chord = held_chord(seed)
        made, left, _ = through.frames(chord)
        quarter = len(made) // 4
        middle = slice(quarter, len(made) - quarter)
        original = chord[left * HOP :][: len(made)]
        wanted.append(log_spectrum(original.mean(1)[middle], PITCH_WINDOW)[:, :top])
        got.append(log_spectrum(made.mean(1)[middle], PITCH_WINDOW)[:, :top])
    mean = np.mean([w.mean(0) for w in wanted], axis=0)
    error = float(np.mean([np.abs(a - b).mean() for a, b in zip(wanted, got, strict=True)]))
    baseline = float(np.mean([np.abs(a - mean).mean() for a in wanted]))
    return {"error_db": error, "mean_spectrum_db": baseline, "ratio": error / baseline}


def held_tone() -> Stereo:
    """A4 (96 * 2048, 2) with five harmonics falling by 6 dB an octave, held, peak 0.5."""
    t = np.arange(PITCH_FRAMES * HOP) / RATE
    tone = sum(np.sin(2 * np.pi * k * TONE_HZ * t + k) / k for k in range(1, PARTIALS + 1))
    mono = 0.5 * tone / np.abs(tone).max()
    return np.repeat(mono[:, None], 2, axis=1).astype(np.float32)


def share_near_partials(mono: npt.NDArray[np.float32]) -> float:
    """Share of energy within 20 cents of the first five partials of A4."""
    window = np.blackman(len(mono))
    energy = np.abs(np.fft.rfft(mono * window)) ** 2
    hz = np.fft.rfftfreq(len(mono), 1 / RATE)
    partials = TONE_HZ * np.arange(1, PARTIALS + 1)
    cents = 1200 * np.abs(np.log2(np.maximum(hz, 1.0)[:, None] / partials)).min(1)
    return float(energy[cents <= TONE_CENTS].sum() / energy.sum())


def tone(through: Reconstructor) -> float:
    """The share of `share_near_partials` that a held A4 keeps, against the original's."""
    original = held_tone()
    made, left, _ = through.frames(original)
    kept = original[left * HOP :][: len(made)]
    return share_near_partials(made.mean(1)) / share_near_partials(kept.mean(1))
