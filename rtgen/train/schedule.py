"""The phases of the autoencoder: what each is for, how long, how fast."""

from __future__ import annotations

from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field

Phase = Literal["reconstruct", "adversarial", "compress", "refine", "settle"]
PHASES: tuple[Phase, ...] = get_args(Phase)
RATES: dict[Phase, float] = {
    "reconstruct": 1.5e-3,
    "adversarial": 1.5e-4,
    "compress": 1.5e-3,
    "refine": 1e-3,
    "settle": 5e-4,
}
Steps = Annotated[int, Field(ge=0)]


class Schedule(BaseModel):
    """Steps of each phase; 0 leaves it out.

    Attributes
    ----------
    reconstruct : the inner level learns amplitudes, with no sound in the loop.
    adversarial : critics on spectrograms of the sound correct the inner decoder.
    compress : the outer level learns to pack the inner codes, with no amplitudes in the loop.
    refine : both encoders and the outer decoder learn through the inner decoder, which is frozen.
    settle : both decoders learn to take latents as rough as a generator's; the encoders are frozen,
        so a GAN may train on their latents at the same time.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    reconstruct: Steps = 2000
    adversarial: Steps = 250
    compress: Steps = 1000
    refine: Steps = 3200
    settle: Steps = 1500

    @classmethod
    def shared_out(cls, total: int) -> Self:
        """The default schedule shrunk or stretched to a number of steps, at least one each."""
        usual = cls()
        whole = sum(usual.of(phase) for phase in PHASES)
        return cls(**{p: max(round(usual.of(p) * total / whole), 1) for p in PHASES})

    def of(self, phase: Phase) -> int:
        """Steps of a phase."""
        steps: int = getattr(self, phase)
        return steps
