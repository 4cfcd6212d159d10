"""Which of Musika's published models a checkpoint is, told by its weights alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rtgen.errors import CheckpointError
from rtgen.musika import layout
from rtgen.musika.matching import Net, fit
from rtgen.musika.weights import GENERATOR, INNER, OUTER, Raw

STYLE_CHANNELS = 64
BINS = 513
INNER_FRAMES = 64
"""Frames of the inner code that are decoded together."""


@dataclass(frozen=True)
class Variant:
    """A published kind of model: what its weights do not say.

    Attributes
    ----------
    half_latents : latents that the generator makes at once.
    upsampling : frames of the inner code for each latent.
    anchor_latents : from one anchor to the next.
    first_coordinate : place of the first latent's coordinate on the line of anchors.
    style_bound, anchor_bound : where the published programs cut their normal numbers.
    """

    name: str
    rate: int
    half_latents: int
    upsampling: int
    anchor_latents: int
    first_coordinate: float
    style_bound: float
    anchor_bound: float

    @property
    def group_latents(self) -> int:
        """Latents that are decoded together."""
        return INNER_FRAMES // self.upsampling

    @property
    def is_small(self) -> bool:
        """Whether half-windows are half as long."""
        return self.half_latents == 64

    @property
    def is_older(self) -> bool:
        """Whether it is of the 22.05 kHz code."""
        return self.rate == 22050


# A half begins half a half after an anchor, and coordinates lie between the points of the line.
FULL = Variant("musika 44.1 kHz", 44100, 128, 16, 384, 64.5, 2.0, 2.0)
SMALL = Variant("musika 44.1 kHz small", 44100, 64, 16, 192, 32.5, 2.0, 2.0)
OLDER = Variant("musika 22.05 kHz", 22050, 128, 8, 256, 0.0, 0.885, 1.75)


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that was recognised.

    Attributes
    ----------
    conditional : whether one channel beside the coordinates carries a condition.
    base_channels : of the generator; the older code has no such number and gives its last width.
    """

    variant: Variant
    conditional: bool
    base_channels: int
    generator: Net
    inner: Net
    outer: Net

    @property
    def latent_channels(self) -> int:
        """Of one audio channel; the generator makes twice as many."""
        return self.outer.sizes["l"]


def recognise(raw: Raw) -> Checkpoint:
    """Tell the variant and fit all weights to it.

    Raises
    ------
    CheckpointError when they are of no published kind, or of several.
    """
    older = "00d" not in raw.generator
    if older and not any(name.startswith("dense") for name in raw.generator):
        raise CheckpointError(
            f"{GENERATOR} is not the generator of a Musika model",
            value=GENERATOR,
            hint="give the folder of one trained model, such as checkpoints/techno",
        )
    for file, layers, named in ((INNER, raw.inner, None), (OUTER, raw.outer, "cout")):
        has_norms = any(name.startswith("batch_normalization") for name in layers)
        if has_norms != older or (named is not None and (named in layers) == older):
            kinds = ("22.05 kHz", "44.1 kHz") if older else ("44.1 kHz", "22.05 kHz")
            raise CheckpointError(
                f"{GENERATOR} is of the {kinds[0]} code, {file} is not",
                value=file,
                hint="--decoders takes the folder that holds the right ones",
            )
    small = "0_smallc" in raw.generator
    variant = OLDER if older else SMALL if small else FULL
    generator = fit(
        layout.generator_22k() if older else layout.generator_44k(small), raw.generator, GENERATOR
    )
    makers: tuple[Callable[[], list[layout.Layer]], ...] = (
        (layout.inner_22k, layout.outer_22k) if older else (layout.inner_44k, layout.outer_44k)
    )
    inner, outer = fit(makers[0](), raw.inner, INNER), fit(makers[1](), raw.outer, OUTER)
    return _joined(variant, generator, inner, outer)


def _joined(variant: Variant, generator: Net, inner: Net, outer: Net) -> Checkpoint:
    latents, coordinates = outer.sizes["l"], generator.sizes["c"]
    if generator.sizes["l"] != 2 * latents or outer.sizes["i"] != inner.sizes["i"]:
        raise CheckpointError(
            f"{GENERATOR}, {OUTER} and {INNER} are not of one model",
            value=(generator.sizes["l"], latents),
            hint="--decoders takes the folder that holds the right ones",
        )
    if inner.sizes["s"] != BINS:
        raise CheckpointError(
            f"{INNER} makes spectra of {inner.sizes['s']} bins, not {BINS}",
            value=inner.sizes["s"],
            hint="only models with a hop of 256 samples can be imported",
        )
    extra = coordinates - 2 * latents
    if extra not in (0, 1) or (extra and not variant.is_older) or coordinates <= STYLE_CHANNELS:
        raise CheckpointError(
            f"{GENERATOR} takes {coordinates} coordinates, for {latents} latents of a channel",
            value=coordinates,
            hint="only models of Musika's published nets can be imported",
        )
    base = generator.sizes["w2"]
    if not variant.is_older:
        base //= 2
        widths = [generator.sizes[f"w{k}"] for k in range(2, 8)]
        if widths != [k * base for k in range(2, 8)]:
            raise CheckpointError(
                f"{GENERATOR} has widths {widths}, which no base_channels gives", value=widths
            )
    return Checkpoint(variant, bool(extra), base, generator, inner, outer)
