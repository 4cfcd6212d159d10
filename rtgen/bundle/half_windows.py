"""The manifest of a bundle of half-windows, as imported Musika models are.

Such a generator makes half a window of latents at once, from coordinates on the straight line
between anchors, and uses statistics over all of it; a decoder turns groups of latents into groups
of spectra. Both take their random numbers as an input.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from rtgen.audio.spectra import HOP
from rtgen.bundle.manifest import LARGEST_FILE_BYTES, Closed, Manifest, Signature
from rtgen.timeline import units

BINS = 513

Count = Annotated[int, Field(ge=1, le=1024)]
Numbers = Annotated[int, Field(ge=0, le=1 << 16)]
Bound = Annotated[float, Field(ge=0.01, le=8)]


class Condition(Closed):
    """The channel beside the coordinates of a conditional model: a control, moved to its range.

    Attributes
    ----------
    low, high : what the channel is at the ends of the control's range.
    """

    control: Literal["tempo", "density", "energy"]
    low: float
    high: float


class HalfWindowManifest(Manifest):
    """Everything the engine must know of a bundle of half-windows.

    Attributes
    ----------
    rate : samples per second of what the nets make; at 22050 spectra are widened to 44100.
    half_latents : latents that the generator makes at once.
    group_latents, group_spectra : latents decoded together, and the spectra they become.
    latent_channels : of one audio channel; the generator makes twice as many, left first.
    anchor_channels, style_channels : of the coordinates, in this order.
    anchor_latents : from one anchor to the next.
    first_coordinate : place of the first latent on the line of anchors.
    anchor_bound, style_bound : where normal numbers are cut.
    generator_noise, decoder_noise : random numbers that each graph takes, a row.
    mean_db, spread_db : level of a spectrum's 0, and from there to its 1.
    """

    file_limit: ClassVar[int] = LARGEST_FILE_BYTES

    kind: Literal["half-windows"] = "half-windows"
    rate: Literal[22050, 44100]
    half_latents: Count
    group_latents: Count
    group_spectra: Count
    latent_channels: Count
    anchor_channels: Count
    style_channels: Count
    anchor_latents: Annotated[int, Field(ge=1, le=1 << 16)]
    first_coordinate: Annotated[float, Field(ge=0, le=1 << 16)]
    anchor_bound: Bound
    style_bound: Bound
    generator_noise: Numbers
    decoder_noise: Numbers
    mean_db: Annotated[float, Field(ge=-100, le=0)] = -25.0
    spread_db: Annotated[float, Field(ge=1, le=100)] = 75.0
    condition: Condition | None = None

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        if self.half_latents % self.group_latents:
            raise ValueError("a half is no whole number of groups")
        if self.group_spectra * HOP * self.widening % units.HOP:
            raise ValueError("a group is no whole number of frames")
        if self.condition is not None and self.condition.control not in self.controls:
            raise ValueError("the condition is not among the controls")
        return self

    @property
    def coordinate_channels(self) -> int:
        """Channels of the generator's coordinates."""
        return self.anchor_channels + self.style_channels + (self.condition is not None)

    @property
    def widening(self) -> int:
        """Samples of the engine for each of the model's own."""
        return units.RATE // self.rate

    @property
    def group_frames(self) -> int:
        """Frames of the engine that a group becomes."""
        return self.group_spectra * HOP * self.widening // units.HOP

    def signatures(self) -> dict[str, Signature]:
        """What its graphs must take and give, by file."""
        half, group, latents = self.half_latents, self.group_latents, self.latent_channels
        spectra = (2, self.group_spectra, BINS)
        return {
            "generator.onnx": (
                {
                    "coordinates": (1, half, self.coordinate_channels),
                    "noise": (1, self.generator_noise),
                },
                {"latents": (1, half, 2 * latents)},
            ),
            "decoder.onnx": (
                {"latents": (2, group, latents), "noise": (2, self.decoder_noise)},
                {"magnitude": spectra, "phase": spectra},
            ),
        }
