"""The table of a report as data: every figure, what it means and which way is better."""

from __future__ import annotations

from dataclasses import dataclass

EACH = "{embedding}"
"""Stands for the name of an embedding; such figures come once for each."""


@dataclass(frozen=True)
class Figure:
    """One row. `better` is "high", "low", "corpus" (as near to it as can be), or "half"."""

    key: str
    says: str
    better: str
    digits: int = 2
    percent: bool = False

    def of(self, embedding: str) -> Figure:
        """The row for one embedding."""
        key = self.key.replace(EACH, embedding)
        return Figure(key, self.says, self.better, self.digits, self.percent)


@dataclass(frozen=True)
class Section:
    """Rows that belong together, with what a reader must know about them."""

    title: str
    note: str
    figures: tuple[Figure, ...]

    @property
    def per_embedding(self) -> bool:
        """Whether it comes once for each embedding."""
        return any(EACH in f.key for f in self.figures)


SECTIONS = (
    Section(
        "Does it obey?",
        "What was asked against what tools of others hear. The corpus and its autoencoded self are "
        "judged by their labels.",
        (
            Figure("tempo_librosa", "tempo within 2 %, librosa", "high", 1, True),
            Figure("tempo_fourier", "tempo within 2 %, librosa's onsets, Fourier", "high", 1, True),
            Figure("tempo_aubio", "tempo within 2 %, aubio", "high", 1, True),
            Figure("beat_offset_ms", "low onsets from the beat, median, ms", "low", 1),
            Figure("beat_bias_ms", "the same with its sign (late is positive)", "corpus", 1),
            Figure("density_spearman", "density, rank correlation over clips", "high"),
            Figure("density_aubio", "the same, onsets heard by aubio", "high"),
            Figure("ramp_r", "density ramp inside a clip, median r", "high"),
            Figure("chroma_share", "energy in the pitch classes asked", "corpus", 1, True),
            Figure("chroma_gain", "chroma, 0 is chance and 1 the corpus", "high"),
            Figure("energy_spearman", "energy, rank correlation over clips", "high"),
            Figure("energy_error_db", "energy, mean error, dB", "low", 1),
        ),
    ),
    Section(
        "Does it sound like the corpus?",
        "Frechet distance to tracks that nobody here played; `endless` is what it tends to with "
        "more and more clips, and what the ratio is taken of; it needs many clips.",
        (
            Figure("fad:" + EACH, "Frechet distance", "low", 1),
            Figure("fad_endless:" + EACH, "the same, endless", "low", 1),
            Figure("fad_ratio:" + EACH, "over that of the autoencoder", "low"),
        ),
    ),
    Section(
        "Do styles differ?",
        "Clips of one style against those of others; for the corpus and the autoencoder a style is "
        "a track. In the column `shuffled` the styles are dealt out at random.",
        (
            Figure("style_probe:" + EACH, "style named by a linear probe", "high", 1, True),
            Figure("style_pairs:" + EACH, "two styles told apart, mean of pairs", "high", 1, True),
            Figure("style_spread:" + EACH, "distance between over within styles", "high"),
        ),
    ),
    Section(
        "Does it stay one piece?",
        "Likeness of 3 s windows of one stream: 1 is the same sound, 0 as far apart as two pieces. "
        "The probe must say to which stream a window belongs; chance is one over their number.",
        (
            Figure("coherence_near:" + EACH, "coherence up to 15 s", "corpus"),
            Figure("coherence_far:" + EACH, "coherence over half a stream and more", "corpus"),
            Figure(
                "coherence_probe:" + EACH,
                "last third known by a probe from the first",
                "corpus",
                1,
                True,
            ),
            Figure(
                "coherence_alone:" + EACH,
                "the same, all streams with equal controls",
                "high",
                1,
                True,
            ),
        ),
    ),
    Section(
        "Are there seams?",
        "The chance that a seam measures higher than another place; 0.5 is no seam. A click is a "
        "jump against what is around it, a change how unlike the sound before and after is.",
        (
            Figure("seam_chunk_click", "chunks, click", "half"),
            Figure("seam_chunk_change", "chunks, change", "half"),
            Figure("seam_anchor_click", "anchors, click", "half"),
            Figure("seam_anchor_change", "anchors, change", "half"),
            Figure("seam_slow_anchor_click", "slow anchors, click", "half"),
            Figure("seam_slow_anchor_change", "slow anchors, change", "half"),
            Figure("seam_frame_click", "frames, click", "half"),
            Figure("seam_frame_change", "frames, change", "half"),
            Figure("chunk_difference_db", "cut in two ways, difference, dB of full scale", "low"),
        ),
    ),
    Section(
        "Is it as loud?",
        "Bent samples are those above 0.8, which the soft ceiling bends; clipped ones are at full "
        "scale or on a flat top.",
        (
            Figure("loudness_lufs", "loudness, LUFS", "corpus", 1),
            Figure("loudness_spread_lu", "its spread over clips, LU", "corpus", 1),
            Figure("true_peak_db", "highest true peak, dB of full scale", "low", 1),
            Figure("clipped_per_mille", "clipped samples in a thousand", "low", 3),
            Figure("bent_per_mille", "bent samples in a thousand", "low", 3),
            Figure("not_finite", "samples that are no numbers", "low", 0),
        ),
    ),
    Section(
        "What does the autoencoder lose?",
        "Held chords of the corpus's timbres, a held A4, and held-out tracks.",
        (
            Figure("spectral_distance_db", "multi-scale log-spectral distance, dB", "low"),
            Figure("pitch_error_db", "held chords below 2 kHz, error, dB", "low"),
            Figure("pitch_ratio", "the same over always saying the mean spectrum", "low"),
            Figure("tone_share", "held A4: energy near five partials over the original's", "high"),
        ),
    ),
)
