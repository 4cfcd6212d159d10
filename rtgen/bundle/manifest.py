"""The manifest of a bundle: a closed, versioned schema, of one of two kinds.

A bundle of frames makes any frame from its neighbourhood; one of half-windows (see `half_windows`)
makes stretches that only exist as a whole.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rtgen.bundle.formats import ALLOWED, RESERVED, feared, is_allowed
from rtgen.timeline.conditioning import DENSITY_SLOTS, GUIDED_SLOTS
from rtgen.timeline.controls import CHROMA, TABLE

FORMAT = 1
MAX_FILE_BYTES = 16 * 1024 * 1024
"""Of a bundle of frames; those are made to travel."""
LARGEST_FILE_BYTES = 256 * 1024 * 1024
"""Of any kind."""

FileName = Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""A plain name: no folder, no hidden file."""


class Closed(BaseModel):
    """A part of a manifest: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Margins(Closed):
    """Frames of context that each graph needs around what it makes."""

    trunk_left: Annotated[int, Field(ge=0, le=1024)]
    trunk_right: Annotated[int, Field(ge=0, le=1024)]
    head_left: Annotated[int, Field(ge=0, le=1024)]
    decoder_left: Annotated[int, Field(ge=0, le=1024)]
    decoder_right: Annotated[int, Field(ge=0, le=1)]


class ControlRange(Closed):
    """A control the model was trained with."""

    low: float
    high: float
    default: float
    unit: str

    @model_validator(mode="after")
    def _default_lies_inside(self) -> Self:
        if not self.low <= self.default <= self.high:
            raise ValueError("the default is outside the range")
        return self


class FileFacts(Closed):
    """Size and checksum of one file."""

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(gt=0, le=LARGEST_FILE_BYTES)]


class QuantisedGenerator(Closed):
    """What int8 loses when the generator is quantised as well: of latents of unit variance, and in
    all, after the int8 decoder."""

    file: str
    latent_rms_error: float
    log_spectral_distance_db: float


class Quantised(Closed):
    """What the int8 decoder loses against fp32, on audio that it was not calibrated on."""

    file: str
    log_spectral_distance_db: float
    calibration_frames: int
    generator: QuantisedGenerator | None = None


Shape = tuple[int, ...]
"""Of an input or output; 0 where any length fits."""
Signature = tuple[dict[str, Shape], dict[str, Shape]]
"""Inputs and outputs of a graph, all float32, by name."""


class Manifest(Closed):
    """What all kinds of bundles say of themselves."""

    file_limit: ClassVar[int] = MAX_FILE_BYTES
    """Bytes that a file may have."""

    format: Literal[1] = 1
    kind: str
    name: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,63}$")]
    style: str
    version: str
    licence: str
    controls: dict[str, ControlRange]
    parity_max_abs_error: dict[str, float]
    training: dict[str, str | int | float]
    files: Annotated[dict[FileName, FileFacts], Field(max_length=32)]

    @model_validator(mode="after")
    def _controls_are_ours(self) -> Self:
        foreign = sorted(set(self.controls) - set(TABLE))
        if foreign:
            raise ValueError(f"unknown control {foreign[0]}")
        return self

    @model_validator(mode="after")
    def _files_are_small_enough(self) -> Self:
        for name, facts in self.files.items():
            if facts.bytes > self.file_limit:
                raise ValueError(f"{name} is over {self.file_limit >> 20} MiB")
        return self

    @model_validator(mode="after")
    def _files_are_of_safe_kinds(self) -> Self:
        for name in self.files:
            if not is_allowed(name):
                what = feared(name) or f"none of {', '.join(ALLOWED)}"
                raise ValueError(f"{name} is {what}")
            if name.lower() in RESERVED:
                raise ValueError(f"{name} is no name for a file of a bundle")
        if len({name.lower() for name in self.files}) < len(self.files):
            raise ValueError("two files have one name")
        return self

    @property
    def control_names(self) -> tuple[str, ...]:
        """Controls that the model obeys."""
        return tuple(self.controls)

    @property
    def total_bytes(self) -> int:
        """Size of all files together."""
        return sum(facts.bytes for facts in self.files.values())

    def signatures(self) -> dict[str, Signature]:
        """What its graphs must take and give, by file."""
        raise NotImplementedError

    @property
    def has_beat(self) -> bool:
        """Whether the model knows a beat; one trained without tempo hears nothing of it."""
        return "tempo" in self.controls

    def span(self, control: str) -> ControlRange:
        """The range of a control: the model's, else the table's."""
        c = TABLE[control]
        general = ControlRange(low=c.low, high=c.high, default=c.default, unit=c.unit)
        return self.controls.get(control, general)


class FrameManifest(Manifest):
    """Everything the engine must know of a bundle of frames.

    `beat_lead_ms` is how much later than asked the model was heard to play on the beat, against its
    corpus, on selection seeds; the engine asks for beats that much earlier. `guidance` is how far
    to go from latents with density and chroma left free towards and beyond those with what
    is asked; `density_guidance` is the same of the density alone. One of them is 1.
    """

    kind: Literal["frames"] = "frames"
    rate: Literal[44100]
    hop: Literal[2048]
    latent_channels: Literal[64]
    anchor_channels: Literal[56]
    style_channels: Literal[32]
    control_channels: Literal[32]
    margins: Margins
    beat_lead_ms: Annotated[float, Field(ge=-50, le=50)] = 0.0
    guidance: Annotated[float, Field(ge=1, le=3)] = 1.0
    density_guidance: Annotated[float, Field(ge=1, le=3)] = 1.0
    quantised: Quantised | None = None

    @model_validator(mode="after")
    def _is_guided_once(self) -> Self:
        if self.guidance > 1 and self.density_guidance > 1:
            raise ValueError("guidance and density_guidance cannot both be over 1")
        return self

    @property
    def guided(self) -> tuple[float, tuple[int, ...]]:
        """How far the model is guided, and the slots of the conditioning that are."""
        if self.density_guidance > 1:
            return self.density_guidance, DENSITY_SLOTS
        return self.guidance, GUIDED_SLOTS

    @property
    def control_names(self) -> tuple[str, ...]:
        """Controls that the model obeys; every bundle of frames takes a chroma."""
        return (*self.controls, CHROMA)

    def signatures(self) -> dict[str, Signature]:
        """What its graphs must take and give, by file."""
        generator = {"anchors": 56, "style": 32, "controls": 32, "variation": 1}
        decoded = {"tones": 1152, "width": 24, "noise": 1024, "low": 64}
        decoder = _in_time({"latents": 64}), _in_time(decoded)
        generators = _in_time(generator), _in_time({"latents": 64})
        return {
            "generator.onnx": generators,
            "generator.int8.onnx": generators,
            "decoder.onnx": decoder,
            "decoder.int8.onnx": decoder,
        }


def _in_time(channels: dict[str, int]) -> dict[str, Shape]:
    return {name: (1, 0, count) for name, count in channels.items()}
