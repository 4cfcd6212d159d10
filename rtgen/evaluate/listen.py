"""What other people's tools hear in a clip: tempo, onsets, pitch classes, level.

Settings that differ from librosa's own are those that rank the corpus's clips best by their
labels, found on seeds that are not used here. Density labels are onsets that librosa hears at the
same settings; aubio's were not used in training.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rtgen.corpus import labels as corpus_labels
from rtgen.evaluate.clips import Stereo
from rtgen.timeline.units import HOP, RATE

Mono = npt.NDArray[np.float32]
ENVELOPE_HOP, LOW_ONSET_HOP, CHROMA_HOP = 256, 128, 1024
TEMPO_LOW, TEMPO_HIGH = 80.0, 200.0
FOLDS = (0.25, 0.5, 1.0, 2.0, 4.0)
KICK_TOP_HZ = 150.0
ENERGY_SPAN_DB = corpus_labels.LOUDEST_DB - corpus_labels.QUIETEST_DB
TEMPO_TOOLS = ("librosa", "fourier", "aubio")


def mono_of(audio: Stereo) -> Mono:
    """The mean of both channels, contiguous."""
    return np.ascontiguousarray(audio.mean(1))


def tempi(mono: Mono) -> dict[str, float]:
    """Tempo in bpm by each tool that is here; 0 where it hears none.

    `librosa` is its tempo estimator, `fourier` the strongest periodicity of librosa's onset
    envelope, `aubio` the median interval of aubio's beats.
    """
    from librosa.feature import tempo
    from librosa.onset import onset_strength

    envelope = onset_strength(y=mono, sr=RATE, hop_length=ENVELOPE_HOP)
    found = {"librosa": 0.0, "fourier": 0.0}
    if envelope.max() > 0:
        found["librosa"] = float(
            tempo(onset_envelope=envelope, sr=RATE, hop_length=ENVELOPE_HOP)[0]
        )
        found["fourier"] = fourier_tempo(envelope, RATE / ENVELOPE_HOP)
    if shutil.which("aubio"):
        found["aubio"] = aubio_tempo(mono)
    return found


def fourier_tempo(envelope: npt.NDArray[np.floating], rate: float) -> float:
    """Tempo by the spectrum of an onset envelope: a comb of the beat, its half and its quarter."""
    size = 1 << 18
    window = np.hanning(len(envelope))
    spectrum = np.abs(np.fft.rfft((envelope - envelope.mean()) * window, size))
    bpm = np.fft.rfftfreq(size, 1 / rate) * 60
    total = np.sum([np.interp(bpm * k, bpm, spectrum) for k in (1, 2, 4)], axis=0)
    keep = (bpm > TEMPO_LOW) & (bpm < TEMPO_HIGH)
    return float(bpm[keep][np.argmax(total[keep])])


def aubio_tempo(mono: Mono) -> float:
    """Tempo from the median beat interval of aubio's tracker."""
    beats = _aubio_times("beat", mono)
    return 60.0 / float(np.median(np.diff(beats))) if len(beats) > 2 else 0.0


def aubio_onset_rate(mono: Mono) -> float | None:
    """Onsets per second as aubio hears them, which made no label; None where it is missing."""
    if not shutil.which("aubio"):
        return None
    return len(_aubio_times("onset", mono)) * RATE / len(mono)


def _aubio_times(what: str, mono: Mono) -> list[float]:
    import soundfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.wav"
        soundfile.write(path, mono, RATE)
        said = subprocess.run(
            ["aubio", what, str(path)], capture_output=True, text=True, check=True, timeout=60
        ).stdout
    return [float(line.split()[0]) for line in said.splitlines() if line.strip()]


def folded_error(found: float, asked: float) -> float:
    """Relative error after folding octaves (and none other)."""
    if found <= 0:
        return 1.0
    return min(abs(found * k / asked - 1) for k in FOLDS)


def low_onsets(mono: Mono) -> npt.NDArray[np.float64]:
    """Times in seconds of strong onsets below 150 Hz."""
    from librosa.onset import onset_detect, onset_strength

    with warnings.catch_warnings():
        # Most of librosa's 128 bands hold no bin so far down; those that do are what is wanted.
        warnings.filterwarnings("ignore", message="Empty filters", category=UserWarning)
        envelope = onset_strength(y=mono, sr=RATE, hop_length=LOW_ONSET_HOP, fmax=KICK_TOP_HZ)
    times: npt.NDArray[np.float64] = onset_detect(
        onset_envelope=envelope, sr=RATE, hop_length=LOW_ONSET_HOP, units="time", delta=0.3
    )
    return times


def from_beat_ms(beats: npt.NDArray[np.float64], bpm: float) -> npt.NDArray[np.float64]:
    """Distances in ms to the nearest beat, of those within an eighth of a beat."""
    away = (beats - np.round(beats)) * 60_000 / bpm
    return away[np.abs(away) < 60_000 / bpm / 8]


def onsets(mono: Mono) -> npt.NDArray[np.float64]:
    """Times in seconds of all onsets."""
    from librosa.onset import onset_detect

    times: npt.NDArray[np.float64] = onset_detect(
        y=mono, sr=RATE, hop_length=ENVELOPE_HOP, delta=0.03, units="time"
    )
    return times


def onset_rates(
    mono: Mono, window_seconds: float, step_seconds: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Onsets per second in sliding windows, and the windows' centres in seconds."""
    times = onsets(mono)
    half = window_seconds / 2
    centres = np.arange(half, len(mono) / RATE - half + 1e-9, step_seconds)
    inside = np.searchsorted(times, centres + half) - np.searchsorted(times, centres - half)
    return inside / window_seconds, centres


def pitch_shares(mono: Mono) -> npt.NDArray[np.float64]:
    """Share of energy in each pitch class, C2 to C7, percussion left out by a median filter."""
    from librosa import cqt, note_to_hz
    from librosa.effects import harmonic

    steady = harmonic(mono, margin=2.0)
    spectrum = cqt(steady, sr=RATE, hop_length=CHROMA_HOP, fmin=note_to_hz("C2"), n_bins=60)
    energy = (np.abs(spectrum) ** 2).sum(1).reshape(5, 12).sum(0)
    return np.asarray(energy / max(float(energy.sum()), 1e-12), np.float64)


def share_and_chance(
    shares: npt.NDArray[np.float64], wanted: frozenset[int]
) -> tuple[float, float]:
    """Energy in the asked classes, and the mean over the other eleven transpositions."""
    turned = [sum(shares[(p + t) % 12] for p in wanted) for t in range(12)]
    return float(turned[0]), float(np.mean(turned[1:]))


def level(audio: Stereo) -> float:
    """Level 0..1 on the corpus's scale of energy: rms in windows of 1 s, -36 to -10 dBFS."""
    frames = len(audio) // HOP
    return float(corpus_labels.energy(audio[: frames * HOP].T, frames).mean())
