"""Sizes of the nets as validated objects; a variant states only its differences."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

CONDITIONING = 32
"""Numbers in one frame's conditioning vector (`rtgen.timeline.conditioning`)."""
Size = Annotated[int, Field(gt=0, le=4096)]
"""Channels or blocks; a checkpoint that asks for more is not believed."""
Dilations = Annotated[tuple[Size, ...], Field(min_length=1, max_length=32)]
SUB_FRAMES = 4
"""Codes of the inner level in one latent frame."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AutoencoderRecipe(_Frozen):
    """Sizes of the autoencoder; one latent frame is 2048 samples, one code 512."""

    latent_channels: Size = 64
    code_channels: Size = 64
    inner_channels: Size = 256
    inner_encoder_blocks: Size = 2
    inner_decoder_blocks: Size = 2
    outer_channels: Size = 384
    outer_encoder_blocks: Size = 2
    outer_decoder_blocks: Size = 3
    expansion: Size = 2

    @property
    def inner_decoder_left(self) -> int:
        """Sub-frames of the past that the inner decoder looks at."""
        return 2 + 2 * self.inner_decoder_blocks

    @property
    def inner_frames(self) -> int:
        """The same in whole frames."""
        return -(-self.inner_decoder_left // SUB_FRAMES)

    @property
    def outer_decoder_left(self) -> int:
        """Frames of the past that the outer decoder looks at."""
        return 1 + 2 * self.outer_decoder_blocks

    @property
    def decoder_left(self) -> int:
        """Frames of the past one decoded frame looks at."""
        return self.outer_decoder_left + self.inner_frames

    @property
    def decoder_right(self) -> int:
        """Frames of the future one decoded frame looks at."""
        return 1


class GeneratorRecipe(_Frozen):
    """Sizes of the generator: a two-sided trunk without controls, a causal head with them."""

    latent_channels: Size = 64
    anchor_channels: Size = 56
    style_channels: Size = 32
    control_channels: Size = CONDITIONING
    trunk_channels: Size = 96
    trunk_dilations: Dilations = (1, 2, 4, 8)
    head_channels: Size = 256
    head_dilations: Dilations = (1, 2, 4, 8, 1, 2, 4, 8)

    @property
    def trunk_left(self) -> int:
        """Frames of anchors needed before the first trunk frame; as many are needed after it."""
        return sum(self.trunk_dilations)

    @property
    def trunk_right(self) -> int:
        """Frames of anchors needed after the last trunk frame."""
        return sum(self.trunk_dilations)

    @property
    def head_left(self) -> int:
        """Frames of the past one generated frame looks at through the causal head."""
        return 2 * sum(self.head_dilations)


class CriticRecipe(_Frozen):
    """Sizes of the critic: four residual stages, a projection on the controls at each scale."""

    latent_channels: Size = 64
    control_channels: Size = CONDITIONING
    channels: tuple[int, ...] = (160, 224, 288, 320)
