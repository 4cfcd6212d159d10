"""What is measured on how much: one validated object, and the seeds that each purpose may draw."""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from rtgen.corpus.stream import TEST_SEEDS

PART_SEEDS = 10_000
"""Seeds kept for each purpose."""


class Purpose(IntEnum):
    """What seeds are drawn for; no two purposes share one."""

    TEMPO = 0
    DENSITY = 1
    RAMP = 2
    CHROMA = 3
    ENERGY = 4
    LABELLED = 5
    RAMPED_LABELS = 6
    CHORDS = 7
    REFERENCE = 8
    HELD_OUT = 9
    STYLES = 10
    STREAMS = 11
    HELD_CHORDS = 12
    STYLE_CLIPS = 13


class Settings(BaseModel):
    """How much to measure; times are in seconds of music.

    Attributes
    ----------
    clips, seconds : clips of each measurement of adherence, and their length.
    distance_clips, distance_seconds : the set that is compared with the corpus; many short clips
        say more than few long ones.
    styles, clips_per_style, style_seconds : the set that the linear probe tells apart.
    chords : held chords through the autoencoder.
    streams, stream_seconds : long stretches, for coherence and seams.
    speed_seconds, speed_runs : what a timed run makes, and how often.
    embedding, embedding_rate : an ONNX embedding besides our own, and the rate it reads.
    embedding_input : what it reads: samples at that rate, or the spectrogram of VGGish or CLAP.
    first_seed : where the seeds begin; the range that training and selection never draw.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    clips: Annotated[int, Field(ge=3, le=1000)] = 64
    seconds: Annotated[float, Field(ge=6, le=300)] = 30.0
    distance_clips: Annotated[int, Field(ge=4, le=5000)] = 256
    distance_seconds: Annotated[float, Field(ge=3, le=60)] = 6.0
    chords: Annotated[int, Field(ge=2, le=200)] = 24
    styles: Annotated[int, Field(ge=2, le=100)] = 20
    clips_per_style: Annotated[int, Field(ge=5, le=100)] = 20
    style_seconds: Annotated[float, Field(ge=3, le=60)] = 6.0
    streams: Annotated[int, Field(ge=2, le=32)] = 4
    stream_seconds: Annotated[float, Field(ge=24, le=3600)] = 300.0
    speed_seconds: Annotated[float, Field(ge=6, le=600)] = 120.0
    speed_runs: Annotated[int, Field(ge=1, le=50)] = 5
    embedding: Path | None = None
    embedding_rate: Annotated[int, Field(ge=8000, le=96000)] = 16000
    embedding_input: Literal["samples", "vggish", "clap"] = "samples"
    first_seed: Annotated[int, Field(ge=0)] = TEST_SEEDS.start

    @classmethod
    def quick(cls) -> Self:
        """Enough to see that all is well, in under a minute."""
        return cls(
            clips=4,
            seconds=12.0,
            distance_clips=32,
            chords=4,
            styles=4,
            clips_per_style=5,
            streams=2,
            stream_seconds=48.0,
            speed_seconds=12.0,
            speed_runs=1,
        )

    def seed(self, purpose: Purpose, index: int) -> int:
        """The seed of a purpose and a number below PART_SEEDS."""
        if not 0 <= index < PART_SEEDS:
            raise ValueError(f"{purpose.name} has no seed {index}")
        return self.first_seed + purpose * PART_SEEDS + index
