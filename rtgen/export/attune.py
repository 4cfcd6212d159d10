"""A generator taught to be heard as it is asked: so busy, at that tempo, by an ear that is learnt.

An ear learns from the generator's own clips what librosa hears in latents. Through it the
generator learns to have the onsets a second that it is asked for, and the tempo asked for ahead of
all others; a teacher, the generator as it was and as guided (Meng et al., CVPR 2023), keeps the
rest of it. As the generator moves, the ear hears its new clips. No music but its own is needed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from scipy.stats import spearmanr
from torch import Tensor
from torch.nn.functional import huber_loss

from rtgen.bundle.load import load_bundle
from rtgen.export.attune_clips import CLIP_FRAMES, Asked, Clips, ask, teach_ear
from rtgen.export.distil import guided
from rtgen.export.passages import Asker
from rtgen.export.place import check_place
from rtgen.export.retuned import refuse_itself, write_with
from rtgen.nets.decoding import Decode, graph_decoder
from rtgen.nets.ear import LEFT, RIGHT, Ear, onsets_per_second, tempo_lead
from rtgen.nets.generator import Generator
from rtgen.nets.recovered import recovered_generator
from rtgen.timeline.conditioning import DENSITY_TOP, GUIDED_SLOTS, left_free

BATCH, FRAMES = 8, 192
EAR_RATE, EAR_LATER_RATE = 1e-3, 2e-4
ROUND_STEPS, ROUND_CLIPS, ROUND_EAR_STEPS = 100, 48, 40
"""After so many steps so many clips are made anew, and the ear learns so many steps."""
WARM_STEPS = 50
TEMPO_LEAD = 0.3
"""How far the right tempo must be ahead; more is not asked."""
LARGEST_NORM = 1.0
Report = Callable[[str], None]


class Attunement(BaseModel):
    """How long to attune, and how much what is heard weighs against what the teacher says.

    Attributes
    ----------
    steps : of the generator.
    rate : how far a step goes.
    density, tempo : weights of what is heard.
    clips, ear_steps : what the ear learns from, and how long, before the generator moves.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: Annotated[int, Field(ge=1)] = 1500
    rate: Annotated[float, Field(gt=0, le=1e-2)] = 2e-4
    density: Annotated[float, Field(ge=0)] = 2.0
    tempo: Annotated[float, Field(ge=0)] = 0.5
    clips: Annotated[int, Field(ge=1)] = 640
    ear_steps: Annotated[int, Field(ge=1)] = 1200


@dataclass(frozen=True)
class Judged:
    """How clips that nothing was learnt from are heard.

    Attributes
    ----------
    density : rank correlation of onsets asked and heard by librosa; NaN where none was asked.
    tempo : share of clips whose tempo librosa would hear; NaN where there is no beat.
    """

    density: float
    tempo: float

    def __str__(self) -> str:
        return f"density {self.density:.2f}, tempo {self.tempo:.2f}"


def run(
    base: Path,
    out: Path,
    plan: Attunement,
    *,
    guidance: float | None = None,
    slots: tuple[int, ...] = GUIDED_SLOTS,
    overwrite: bool = False,
    report: Report = lambda _: None,
) -> Path:
    """Attune the generator of the bundle `base`, and write a bundle with it; returns its folder.

    Parameters
    ----------
    guidance : is taught along, of `slots`; that of `base`, if none is given.
    overwrite : a bundle that is there already stays whole until the new one is.
    report : is told how it goes, a line at a time.

    Raises
    ------
    BundleError when `out` is `base` or something is in the way, or `base` is of another kind.
    """
    bundle = load_bundle(base)
    manifest = bundle.frames
    refuse_itself(bundle, out)
    check_place(out, overwrite)
    generator, facts = attune(
        recovered_generator(bundle.graph("generator.onnx")),
        Asker.of(manifest),
        graph_decoder(bundle.graph("decoder.onnx")),
        plan,
        guidance=manifest.guidance if guidance is None else guidance,
        slots=slots,
        report=report,
    )
    said = manifest.model_dump(exclude={"files", "quantised"})
    said["guidance"] = 1.0
    said["training"] |= facts
    return write_with(generator, bundle, said, out, overwrite)


def attune(
    generator: Generator,
    asker: Asker,
    decode: Decode,
    plan: Attunement,
    *,
    guidance: float = 1.0,
    slots: tuple[int, ...] = (),
    report: Report = lambda _: None,
) -> tuple[Generator, dict[str, Any]]:
    """The generator that was attuned, and what a manifest says of that.

    Parameters
    ----------
    generator : stays as it is.
    decode : of the bundle whose latents it speaks.
    guidance : of the teacher, in `slots` of the conditioning; 1 for none.
    report : is told how it goes, a line at a time.

    Raises
    ------
    ModuleNotFoundError where librosa is not installed.
    """
    studio = Studio(generator, asker, decode, guidance, slots)
    report(f"an ear learns from {plan.clips} clips")
    before = studio.listen(plan.clips)
    error = studio.teach(plan.ear_steps, EAR_RATE, newest=plan.clips)
    report(f"before: {before}; the ear is off by {error:.3f}")
    optimiser = torch.optim.Adam(studio.student.parameters(), lr=plan.rate, betas=(0.9, 0.99))
    after = before
    for step in range(plan.steps):
        warm, left = min(1.0, (step + 1) / WARM_STEPS), 1 - step / plan.steps
        optimiser.param_groups[0]["lr"] = plan.rate * warm * (0.1 + 0.9 * min(1.0, 2 * left))
        studio.learn(optimiser, plan)
        if (step + 1) % ROUND_STEPS == 0 or step + 1 == plan.steps:
            after = studio.listen(ROUND_CLIPS if step + 1 < plan.steps else 2 * ROUND_CLIPS)
            report(f"{step + 1} of {plan.steps}: {after}, {studio.away**0.5:.2f} from the teacher")
            if step + 1 < plan.steps:
                studio.teach(ROUND_EAR_STEPS, EAR_LATER_RATE, newest=studio.heard - plan.clips)
    facts: dict[str, Any] = {"steps it was attuned in": plan.steps}
    for name, heard in vars(after).items():
        if not np.isnan(heard):
            facts[f"{name} heard, attuned"] = round(heard, 3)
            facts[f"{name} heard, before"] = round(getattr(before, name), 3)
    if guidance > 1:
        facts |= {"guidance taught": guidance, "slots it was taught of": len(slots)}
    return studio.student.eval().requires_grad_(False), facts


class Studio:
    """Teacher, student and ear, and the clips that were made and heard."""

    def __init__(
        self,
        generator: Generator,
        asker: Asker,
        decode: Decode,
        guidance: float,
        slots: tuple[int, ...],
    ) -> None:
        self.teacher = copy.deepcopy(generator).eval().requires_grad_(False)
        self.student = copy.deepcopy(generator).requires_grad_(True)
        self.ear = Ear(generator.recipe.latent_channels)
        self.away = 0.0
        self._optimiser = torch.optim.Adam(self.ear.parameters())
        self._asker, self._decode, self._guidance, self._slots = asker, decode, guidance, slots
        self._clips, self._chance, self._asked = Clips(), np.random.default_rng(11), 0

    @property
    def heard(self) -> int:
        """Clips so far."""
        return len(self._clips.latents)

    def listen(self, count: int) -> Judged:
        """Make clips of the student as it is, and hear them; they are then there to learn from."""
        wanted, found, leads = [], [], []
        for _ in range(0, count, BATCH):
            asked = self._ask(CLIP_FRAMES)
            with torch.no_grad():
                latents = self.student(**asked.inputs)
            for one, seed in zip(latents, asked.seeds, strict=True):
                found.append(self._clips.add(one, self._decode, seed))
            wanted += asked.density.tolist()
            envelopes = torch.stack(self._clips.envelopes[-BATCH:])
            leads += tempo_lead(envelopes, asked.bpm)[~asked.bpm.isnan()].tolist()
        known = ~np.isnan(wanted)
        density = spearmanr(np.array(wanted)[known], np.array(found)[known])[0]
        return Judged(float(density), float(np.mean(np.array(leads) > 0)) if leads else np.nan)

    def teach(self, steps: int, rate: float, newest: int) -> float:
        """Let the ear learn from what was heard; returns its error."""
        self._optimiser.param_groups[0]["lr"] = rate
        self.ear.requires_grad_(True)
        error = teach_ear(self.ear, self._optimiser, self._clips, self._chance, steps, newest)
        self.ear.requires_grad_(False)
        return error

    def learn(self, optimiser: torch.optim.Optimizer, plan: Attunement) -> None:
        """One step of the student."""
        asked = self._ask(FRAMES)
        left = torch.from_numpy(left_free(asked.inputs["controls"].numpy(), self._slots))
        free = asked.inputs | {"controls": left}
        with torch.autocast("cpu", torch.bfloat16):
            wanted = guided(self.teacher, asked.inputs, free, self._guidance)
            said = self.student(**asked.inputs).float()
            envelope = self.ear(said)
        away = (said - wanted).square().mean()
        loss = away + plan.density * density_error(envelope, asked.density)
        if not asked.bpm.isnan().any():
            behind = (TEMPO_LEAD - tempo_lead(envelope, asked.bpm)).clamp_min(0)
            loss = loss + plan.tempo * behind.mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.student.parameters(), LARGEST_NORM)
        optimiser.step()
        self.away = away.item()

    def _ask(self, frames: int) -> Asked:
        asked = ask(self._asker, self._chance, self._asked, BATCH, frames + LEFT + RIGHT)
        self._asked += BATCH
        return asked


def density_error(envelope: Tensor, density: Tensor) -> Tensor:
    """How far onsets heard are from those asked for, in the unit of the conditioning; () shaped.

    Parameters
    ----------
    envelope : (B, N), as an ear says it.
    density : (B,) onsets per second; NaN where it is free.
    """
    known = ~density.isnan()
    if not known.any():
        return envelope.sum() * 0
    top = float(np.log1p(DENSITY_TOP)) / 2
    heard, wanted = onsets_per_second(envelope[known]), density[known]
    return huber_loss(heard.log1p() / top, wanted.log1p() / top, delta=0.3)
