"""What one system was asked for and what was heard of it, and the figures that follow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from rtgen.evaluate import listen
from rtgen.evaluate.clips import Stereo
from rtgen.timeline.units import FRAMES_PER_SECOND, RATE

WITHIN = 0.02
RAMP_WINDOW_SECONDS, RAMP_STEP_SECONDS = 4.0, 1.0
Row = dict[str, float | None]
Rows = dict[str, Row]
"""Figures by system."""
Floats = npt.NDArray[np.float64]


@dataclass
class Heard:
    """What was asked and what was heard, clip by clip; makes the figures of one system."""

    tempo: list[tuple[float, dict[str, float]]] = field(default_factory=list)
    kicks: list[tuple[float, Floats]] = field(default_factory=list)
    density: list[tuple[float, float]] = field(default_factory=list)
    density_aubio: list[tuple[float, float]] = field(default_factory=list)
    ramps: list[float] = field(default_factory=list)
    chroma: list[tuple[frozenset[int], Floats]] = field(default_factory=list)
    energy: list[tuple[float, float]] = field(default_factory=list)

    def add_tempo(self, audio: Stereo, bpm: float) -> None:
        """A clip of one tempo."""
        self.tempo.append((bpm, listen.tempi(listen.mono_of(audio))))

    def add_kicks(self, audio: Stereo, bpm: float, beats_of_frames: Floats) -> None:
        """A clip whose frames begin at known beats."""
        seconds = listen.low_onsets(listen.mono_of(audio))
        starts = np.arange(len(beats_of_frames)) / FRAMES_PER_SECOND
        self.kicks.append((bpm, np.interp(seconds, starts, beats_of_frames)))

    def add_density(self, audio: Stereo, asked: float) -> None:
        """A clip of one density in onsets per second."""
        mono = listen.mono_of(audio)
        self.density.append((asked, len(listen.onsets(mono)) * RATE / len(mono)))
        other = listen.aubio_onset_rate(mono)
        if other is not None:
            self.density_aubio.append((asked, other))

    def add_ramp(self, audio: Stereo, asked_by_frame: npt.NDArray[Any]) -> None:
        """A clip whose density moves."""
        rates, centres = listen.onset_rates(
            listen.mono_of(audio), RAMP_WINDOW_SECONDS, RAMP_STEP_SECONDS
        )
        half = RAMP_WINDOW_SECONDS / 2
        total = np.concatenate([[0.0], np.cumsum(asked_by_frame)])
        low, high = (
            np.clip(np.round((centres + side) * FRAMES_PER_SECOND), 0, len(total) - 1).astype(int)
            for side in (-half, half)
        )
        asked = (total[high] - total[low]) / (high - low)
        self.ramps.append(correlation(asked, rates))

    def add_chroma(self, audio: Stereo, wanted: Iterable[int]) -> None:
        """A clip of one chord."""
        self.chroma.append((frozenset(wanted), listen.pitch_shares(listen.mono_of(audio))))

    def add_energy(self, audio: Stereo, asked: float) -> None:
        """A clip of one energy, 0 to 1."""
        self.energy.append((asked, listen.level(audio)))

    def figures(self, corpus_share: float | None = None) -> Row:
        """All figures; None where nothing was heard.

        `corpus_share` is the energy that the corpus itself puts into its chords, see `chroma_gain`.
        """
        out: Row = {
            f"tempo_{tool}": share_within([(a, f[tool]) for a, f in self.tempo if tool in f])
            for tool in listen.TEMPO_TOOLS
        }
        offsets = [listen.from_beat_ms(beats, bpm) for bpm, beats in self.kicks]
        away = np.concatenate([*offsets, np.zeros(0)])
        out["beat_offset_ms"] = float(np.median(np.abs(away))) if len(away) else None
        out["beat_bias_ms"] = float(np.median(away)) if len(away) else None
        out["density_spearman"] = rank_correlation(self.density)
        out["density_aubio"] = rank_correlation(self.density_aubio)
        out["ramp_r"] = float(np.median(self.ramps)) if self.ramps else None
        out["chroma_share"] = self.chroma_share()
        out["chroma_gain"] = self.chroma_gain(corpus_share)
        out["energy_spearman"] = rank_correlation(self.energy)
        out["energy_error_db"] = (
            float(np.mean([abs(a - f) for a, f in self.energy]) * listen.ENERGY_SPAN_DB)
            if self.energy
            else None
        )
        return out

    def chroma_share(self) -> float | None:
        """Mean share of energy in the asked pitch classes."""
        shares = [listen.share_and_chance(s, wanted)[0] for wanted, s in self.chroma]
        return float(np.mean(shares)) if shares else None

    def chroma_gain(self, corpus_share: float | None) -> float | None:
        """(share - chance) / (the corpus's share - chance)."""
        share = self.chroma_share()
        if share is None or corpus_share is None:
            return None
        chance = float(np.mean([listen.share_and_chance(s, w)[1] for w, s in self.chroma]))
        return (share - chance) / (corpus_share - chance) if corpus_share > chance else None

    def shuffled(self) -> Heard:
        """The same clips judged by what other clips were asked for.

        All ramps are asked to rise alike, so there is none to judge them by.
        """
        rng = np.random.default_rng(1)

        def moved(pairs: list[Any]) -> list[Any]:
            order = rng.permutation(len(pairs))
            asked = {int(i): pairs[int(j)][0] for i, j in zip(order, np.roll(order, 1))}
            return [(asked[i], pair[1]) for i, pair in enumerate(pairs)]

        return Heard(
            tempo=moved(self.tempo),
            kicks=[
                (bpm, beats * bpm / mine)
                for (bpm, beats), (mine, _) in zip(moved(self.kicks), self.kicks)
            ],
            density=moved(self.density),
            density_aubio=moved(self.density_aubio),
            chroma=moved(self.chroma),
            energy=moved(self.energy),
        )


def share_within(pairs: list[tuple[float, float]], within: float = WITHIN) -> float | None:
    """Share of (asked, found) tempi that agree, octaves folded."""
    hits = [listen.folded_error(found, asked) < within for asked, found in pairs]
    return float(np.mean(hits)) if hits else None


def correlation(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> float:
    """Pearson's r; 0 where one of the two does not move."""
    if np.std(a) < 1e-9 or np.std(b) < 1e-9:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def rank_correlation(pairs: list[tuple[float, float]]) -> float | None:
    """Spearman's rank correlation of (asked, found); ties share their rank."""
    from scipy.stats import rankdata

    if len(pairs) < 3:
        return None
    asked, found = (rankdata([pair[k] for pair in pairs]) for k in (0, 1))
    return correlation(asked, found)
