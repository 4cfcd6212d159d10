"""The manifest of a bundle: a closed, versioned schema."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rtgen.timeline.controls import TABLE

FORMAT = 1
MAX_FILE_BYTES = 16 * 1024 * 1024

FileName = Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""A plain name: no folder, no hidden file."""


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Margins(_Closed):
    """Frames of context that each graph needs around what it makes."""

    trunk_left: Annotated[int, Field(ge=0, le=1024)]
    trunk_right: Annotated[int, Field(ge=0, le=1024)]
    head_left: Annotated[int, Field(ge=0, le=1024)]
    decoder_left: Annotated[int, Field(ge=0, le=1024)]
    decoder_right: Annotated[int, Field(ge=0, le=1)]


class ControlRange(_Closed):
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


class FileFacts(_Closed):
    """Size and checksum of one file."""

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(gt=0, le=MAX_FILE_BYTES)]


class Quantised(_Closed):
    """What the int8 decoder loses against fp32, on audio that it was not calibrated on."""

    file: str
    log_spectral_distance_db: float
    calibration_frames: int


class Manifest(_Closed):
    """Everything the engine must know; unknown fields are refused.

    `beat_lead_ms` is how much later than asked the model was heard to play on the beat, against its
    corpus, on selection seeds; the engine asks for beats that much earlier. `density_guidance` is
    how far to go from latents with free density towards and beyond those with the density asked.
    """

    format: Literal[1] = 1
    name: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,63}$")]
    style: str
    version: str
    licence: str
    rate: Literal[44100]
    hop: Literal[2048]
    latent_channels: Literal[64]
    anchor_channels: Literal[56]
    style_channels: Literal[32]
    control_channels: Literal[32]
    margins: Margins
    controls: dict[str, ControlRange]
    beat_lead_ms: Annotated[float, Field(ge=-50, le=50)] = 0.0
    density_guidance: Annotated[float, Field(ge=1, le=3)] = 1.0
    parity_max_abs_error: dict[str, float]
    quantised: Quantised | None = None
    training: dict[str, str | int | float]
    files: Annotated[dict[FileName, FileFacts], Field(max_length=32)]

    @model_validator(mode="after")
    def _controls_are_ours(self) -> Self:
        foreign = sorted(set(self.controls) - set(TABLE))
        if foreign:
            raise ValueError(f"unknown control {foreign[0]}")
        return self

    @property
    def has_beat(self) -> bool:
        """Whether the model knows a beat; one trained without tempo hears nothing of it."""
        return "tempo" in self.controls

    def span(self, control: str) -> ControlRange:
        """The range of a control: the model's, else the table's."""
        c = TABLE[control]
        general = ControlRange(low=c.low, high=c.high, default=c.default, unit=c.unit)
        return self.controls.get(control, general)
