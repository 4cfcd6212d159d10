"""How well a generator obeys, heard while it trains: what decides when to stop and what to keep.

Clips of the selection seeds, each with its own tempo, density and chord, are decoded and listened
to with librosa. The final measurement is another, on other seeds: `rtgen evaluate`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rtgen.corpus.stream import SELECT_SEEDS
from rtgen.corpus.track import RATE
from rtgen.nets.decoding import Decode
from rtgen.nets.ear import ENVELOPE_HOP
from rtgen.nets.generator import Generator
from rtgen.timeline.controls import AUTO, Value, chroma_of
from rtgen.timeline.events import ControlTimeline
from rtgen.train.gan_inputs import Scale
from rtgen.train.hearing import onsets_heard
from rtgen.train.previews import generated

CLIPS, FRAMES = 16, 172
LOWEST_DENSITY, HIGHEST_DENSITY = 1.0, 13.0
TEMPO_WITHIN = 0.04
"""librosa's tempi lie on a grid of a few per cent."""
TRIADS = ((0, 3, 7), (0, 4, 7))


@dataclass(frozen=True)
class Obedience:
    """What was heard of a generator.

    Attributes
    ----------
    density : rank correlation of asked and heard onset rates.
    chroma : share of energy in the chords asked, less the mean share of their transpositions.
    tempo : share of clips at the tempo asked, octaves folded; 1 where there is no beat.
    """

    density: float
    chroma: float
    tempo: float

    @property
    def score(self) -> float:
        """One number to choose by; higher is better."""
        return self.density + 2 * self.chroma + self.tempo


def obedience(
    generator: Generator, decode: Decode, scale: Scale, tempo: tuple[float, float] | None
) -> Obedience:
    """Listen to a generator, on the CPU and in evaluation mode.

    Parameters
    ----------
    tempo : the range that it knows, None where it has no beat.
    """
    rng = np.random.default_rng(9)
    asked = rng.permutation(np.linspace(LOWEST_DENSITY, HIGHEST_DENSITY, CLIPS))
    rates, shares, in_time = [], [], []
    for k, density in enumerate(asked.tolist()):
        root = int(rng.integers(12))
        chord = {(root + step) % 12 for step in TRIADS[k % 2]}
        controls: dict[str, Value] = {"density": density, "energy": AUTO}
        controls["chroma"], bpm = chroma_of(chord), 0.0
        if tempo:
            bpm = tempo[0] + (k + 0.5) / CLIPS * (tempo[1] - tempo[0])
            controls["tempo"] = bpm
        sound = generated(
            generator,
            decode,
            scale,
            tempo is not None,
            ControlTimeline(controls),
            SELECT_SEEDS.start + 1 + k,
            FRAMES,
        )
        mono = np.ascontiguousarray(sound.mean(1))
        rates.append(len(onsets_heard(mono)) * RATE / len(mono))
        shares.append(chord_share(mono, chord))
        in_time.append(bpm == 0 or is_in_time(mono, bpm))
    return Obedience(
        density=rank_correlation(asked, np.array(rates)),
        chroma=float(np.mean(shares)),
        tempo=float(np.mean(in_time)),
    )


def rank_correlation(asked: npt.NDArray[np.float64], heard: npt.NDArray[np.float64]) -> float:
    """Spearman's; 0 where all that is heard is the same."""
    from scipy.stats import rankdata

    if np.ptp(heard) == 0:
        return 0.0
    return float(np.corrcoef([rankdata(asked), rankdata(heard)])[0, 1])


def chord_share(mono: npt.NDArray[np.float32], chord: set[int]) -> float:
    """Share of energy in a chord's pitch classes, less the mean of its other transpositions."""
    from librosa import note_to_hz
    from librosa.feature import chroma_cqt

    found = chroma_cqt(
        y=mono, sr=RATE, hop_length=2048, fmin=note_to_hz("C3"), n_octaves=4, tuning=0.0, norm=None
    )
    energy = (found**2).sum(1)
    energy = energy / max(float(energy.sum()), 1e-12)
    turned = [sum(energy[(p + t) % 12] for p in chord) for t in range(12)]
    return float(turned[0] - np.mean(turned[1:]))


def is_in_time(mono: npt.NDArray[np.float32], bpm: float) -> bool:
    """Whether librosa hears the tempo, or it doubled or halved."""
    from librosa.feature import tempo
    from librosa.onset import onset_strength

    envelope = onset_strength(y=mono, sr=RATE, hop_length=ENVELOPE_HOP)
    found = float(tempo(onset_envelope=envelope, sr=RATE, hop_length=ENVELOPE_HOP)[0])
    return min(abs(found * fold / bpm - 1) for fold in (0.5, 1.0, 2.0)) < TEMPO_WITHIN
