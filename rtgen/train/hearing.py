"""Labels heard in a recording: onsets, tempo, beat, bar, chroma and energy of every frame.

They stand where the corpus has exact ones. Where no steady beat is heard, tempo and beat are NaN,
and nothing is said of them in training.
"""

from __future__ import annotations

import importlib.util

import numpy as np
import numpy.typing as npt

from rtgen.corpus import labels as exact
from rtgen.corpus.track import HOP, RATE, Labels, Samples
from rtgen.nets.ear import ENVELOPE_HOP, ONSET_DELTA
from rtgen.timeline.controls import TABLE

STEADY = 0.45
"""Autocorrelation of the onset envelope at the beat's period, from which on there is a beat: the
techno corpus has 0.6 to 0.85, freely played piano mostly under 0.4."""
BEAT_LATE_SECONDS = 0.013
"""How late librosa hears the techno corpus's beats; one run, six clips, 12 to 17 ms."""
SMOOTHED_BEATS = 9
CLEARLY = 1.5
CHROMA_HOP = 1024
CHROMA_FRAMES = 21
CHROMA_SHARE = 0.4
"""A pitch class belongs to the chord when it stands out by this share of the strongest one."""
USUAL_TEMPO_RANGE = (70.0, 180.0)
SILENT_RMS = 10 ** (-60 / 20)

Times = npt.NDArray[np.float64]


def labels_heard(
    samples: Samples, tempo_range: tuple[float, float] = USUAL_TEMPO_RANGE
) -> Labels:
    """Labels of (2, n) samples, one row for each whole frame of 2048.

    A tempo outside the range is taken at twice or half, if that lies inside: trackers confuse them.
    """
    from librosa.onset import onset_strength

    frames = samples.shape[1] // HOP
    samples = samples[:, : frames * HOP]
    mono = samples.mean(0)
    envelope = onset_strength(y=mono, sr=RATE, hop_length=ENVELOPE_HOP)
    beats, first = _beats(mono, np.asarray(envelope, np.float64), tempo_range)
    position, tempo = beat_positions(beats, first, frames)
    return Labels(
        tempo_bpm=tempo,
        beat_position=position,
        density=exact.density(exact.merged_onsets(onsets_heard(mono, envelope)), frames),
        chroma=_chroma(mono, frames),
        energy=exact.energy(samples, frames),
    )


def compile_ears() -> None:
    """Let librosa compile what it compiles on its first call, before worker processes need it.

    It keeps the result on disk, and breaks when several processes fill an empty cache at once.
    """
    noise = 0.1 * np.random.default_rng(0).standard_normal((2, 4 * RATE), np.float32)
    noise[:, :: RATE // 4] += 0.8
    labels_heard(noise.astype(np.float32))


def onsets_heard(mono: Samples, envelope: npt.NDArray[np.floating] | None = None) -> Times:
    """Times in seconds of all onsets in mono samples (n,); `envelope` if it is known."""
    from librosa.onset import onset_detect, onset_strength

    if envelope is None:
        envelope = onset_strength(y=mono, sr=RATE, hop_length=ENVELOPE_HOP)
    found = onset_detect(
        onset_envelope=envelope, sr=RATE, hop_length=ENVELOPE_HOP, delta=ONSET_DELTA, units="time"
    )
    return np.asarray(found, np.float64)


def density_heard(mono: Samples, frames: int) -> npt.NDArray[np.float32]:
    """Onsets heard per second (frames,): two hits that mask each other are one to a listener."""
    return exact.density(exact.merged_onsets(onsets_heard(mono)), frames)


def beat_positions(
    beats: Times, first: int, frames: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]]:
    """Beat position and tempo of every frame from beat times in seconds; NaN with no beats.

    `first` is the number of the first beat in its bar, 0 for a downbeat. Times are smoothed by
    local lines, since trackers quantise them.
    """
    none = np.full(frames, np.nan)
    if len(beats) < SMOOTHED_BEATS:
        return none, none.astype(np.float32)
    smooth = np.empty(len(beats))
    reach = SMOOTHED_BEATS // 2
    for k in range(len(beats)):
        low = min(max(k - reach, 0), len(beats) - SMOOTHED_BEATS)
        near = np.arange(low, low + SMOOTHED_BEATS)
        slope, start = np.polyfit(near, beats[near], 1)
        smooth[k] = start + slope * k
    smooth = np.maximum.accumulate(smooth + 1e-6 * np.arange(len(smooth)))
    at = np.arange(frames) * HOP / RATE
    number = np.interp(at, smooth, np.arange(len(smooth), dtype=float))
    ends = smooth[1] - smooth[0], smooth[-1] - smooth[-2]
    number = np.where(at < smooth[0], (at - smooth[0]) / ends[0], number)
    number = np.where(at > smooth[-1], len(smooth) - 1 + (at - smooth[-1]) / ends[1], number)
    tempo = 60 / np.gradient(at, number)
    control = TABLE["tempo"]
    position = number + first + 4 * np.ceil(max(-number[0], 0) / 4 + 1)
    return np.asarray(position), np.clip(tempo, control.low, control.high).astype(np.float32)


def _beats(
    mono: Samples, envelope: Times, tempo_range: tuple[float, float]
) -> tuple[Times, int]:
    """Beat times and the place of the first in its bar; no times without a steady beat."""
    if importlib.util.find_spec("madmom") is not None:
        return _beats_by_madmom(mono)
    from librosa.beat import beat_track

    _, found = beat_track(onset_envelope=envelope, sr=RATE, hop_length=ENVELOPE_HOP, trim=False)
    beats = np.asarray(found, np.float64)
    if len(beats) < SMOOTHED_BEATS or _steadiness(envelope, beats) < STEADY:
        return np.empty(0), 0
    seconds = ENVELOPE_HOP / RATE
    beats = folded(beats * seconds, *tempo_range) / seconds
    low = _low_rises(mono)
    places = [beats[:-1] + quarter / 4 * np.diff(beats) for quarter in range(4)]
    heard = [_at(low, place).mean() for place in places]
    if max(heard) > CLEARLY * heard[0]:  # trackers take a hat for the beat, a kick is one
        beats = places[int(np.argmax(heard))]
    weight = _at(low, beats) / low.mean() + _at(envelope, beats) / envelope.mean()
    downbeat = int(np.argmax([weight[k::4].mean() for k in range(4)]))
    return beats * seconds - BEAT_LATE_SECONDS, (4 - downbeat) % 4


def _low_rises(mono: Samples) -> Times:
    """Rises of the power below 150 Hz, at the envelope's hop."""
    from librosa import stft

    spectrum = stft(mono, n_fft=2048, hop_length=ENVELOPE_HOP)[:7]
    power = (np.abs(spectrum).astype(np.float64) ** 2).sum(0)
    return np.pad(np.maximum(power[4:] - power[:-4], 0), 2) + 1e-9


def folded(beats: Times, slowest: float, fastest: float) -> Times:
    """Twice or half as many beats, where that brings them into a range of beats per minute."""
    bpm = 60 / float(np.median(np.diff(beats)))
    if bpm < slowest and 2 * bpm <= fastest:
        return np.interp(np.arange(2 * len(beats) - 1) / 2, np.arange(len(beats)), beats)
    return beats[::2] if bpm > fastest and bpm / 2 >= slowest else beats


def _beats_by_madmom(mono: Samples) -> tuple[Times, int]:
    from madmom.features.downbeats import DBNDownBeatTrackingProcessor, RNNDownBeatProcessor

    activations = RNNDownBeatProcessor()(mono)
    found = DBNDownBeatTrackingProcessor(beats_per_bar=[4], fps=100)(activations)
    return np.asarray(found[:, 0], np.float64), int(found[0, 1]) - 1 if len(found) else 0


def _steadiness(envelope: Times, beats: Times) -> float:
    """Autocorrelation of the envelope around the beat's period, 1 at lag 0."""
    moved = envelope - envelope.mean()
    size = 2 ** int(np.ceil(np.log2(2 * len(moved))))
    power = np.abs(np.fft.rfft(moved, size)) ** 2
    repeats = np.fft.irfft(power, size)
    lag = int(round(float(np.median(np.diff(beats)))))
    return float(repeats[max(lag - 3, 1) : lag + 4].max() / (repeats[0] + 1e-9))


def _at(envelope: npt.NDArray[np.floating], places: Times) -> npt.NDArray[np.floating]:
    """The envelope's strongest value near each place."""
    middle = np.round(places).astype(int)[:, None] + np.arange(-3, 4)
    return envelope[np.clip(middle, 0, len(envelope) - 1)].max(1)


def _chroma(mono: Samples, frames: int) -> npt.NDArray[np.float32]:
    """Equal weights (T, 12) over the pitch classes that stand out in a second; zeros in silence."""
    from librosa import note_to_hz
    from librosa.feature import chroma_cqt
    from scipy.ndimage import median_filter

    found = chroma_cqt(
        y=mono,
        sr=RATE,
        hop_length=CHROMA_HOP,
        fmin=note_to_hz("C3"),
        n_octaves=4,
        tuning=0.0,
        norm=None,
    )
    steps = HOP // CHROMA_HOP
    energy = found[:, : frames * steps].reshape(12, frames, steps).mean(2).T
    energy = median_filter(energy, (CHROMA_FRAMES, 1))
    energy = np.maximum(energy - np.median(energy, axis=1, keepdims=True), 0)
    chosen = energy > CHROMA_SHARE * energy.max(1, keepdims=True)
    rms = np.sqrt((mono.reshape(frames, HOP).astype(np.float64) ** 2).mean(1))
    chosen &= (median_filter(rms, CHROMA_FRAMES) > SILENT_RMS)[:, None]
    return (chosen / np.maximum(chosen.sum(1, keepdims=True), 1)).astype(np.float32)
