"""Guidance taught to a generator: it then says in one run what took two.

The teacher is the generator as it is, guided (Meng et al., CVPR 2023); the student begins as the
same net and learns to say what the teacher says, on inputs drawn for it. Anchors make the teacher a
plain function, so no critic is needed.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rtgen.bundle.manifest import ControlRange
from rtgen.export.passages import Asker, settings
from rtgen.nets.generator import Generator
from rtgen.timeline.conditioning import GUIDED_SLOTS, left_free
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.voice import Voice

BATCH, FRAMES = 16, 64
RATE = 2e-4
FIRST_SEED = 920_000
"""Seeds that evaluation does not use, nor the calibration of int8."""
MEASURED_BATCHES = 8
TURNS = 2
"""Settings in a passage: what moves is learnt as well as what holds."""
Inputs = dict[str, Tensor]


@dataclass(frozen=True)
class Distilled:
    """What came of it, on passages that were not learnt from.

    Attributes
    ----------
    generator : in evaluation mode.
    rms_error : of its latents against the guided ones.
    rms_before : the same of the generator that was not taught.
    """

    generator: Generator
    rms_error: float
    rms_before: float


def taught_guidance(
    generator: Generator,
    tempo: dict[str, Any] | None,
    beat_lead_ms: float,
    guidance: float,
    steps: int,
    slots: tuple[int, ...] = GUIDED_SLOTS,
) -> tuple[Generator, dict[str, float]]:
    """The generator that was taught, and what a manifest says of that.

    Parameters
    ----------
    tempo : the manifest's range of it; None where there is no beat.
    guidance : over 1.
    slots : of the conditioning that are guided.
    """
    recipe = generator.recipe
    span = None if tempo is None else ControlRange.model_validate(tempo)
    trunk = (recipe.trunk_left, recipe.trunk_right)
    asker = Asker(trunk, recipe.head_left, span, beat_lead_ms / 1000)
    found = distil(generator, asker, guidance, steps, slots)
    return found.generator, {
        "guidance taught": guidance,
        "slots it was taught of": len(slots),
        "steps it was taught in": steps,
        "error of the latents taught": round(found.rms_error, 4),
        "before it was taught": round(found.rms_before, 4),
    }


def distil(
    generator: Generator,
    asker: Asker,
    guidance: float,
    steps: int,
    slots: tuple[int, ...] = GUIDED_SLOTS,
) -> Distilled:
    """Teach a generator to say at once what it says when it is guided.

    Parameters
    ----------
    generator : stays as it is.
    guidance : over 1, as a manifest has it.
    steps : of `BATCH` passages each.
    slots : of the conditioning that are guided.
    """
    teacher = copy.deepcopy(generator).eval().requires_grad_(False)
    student = copy.deepcopy(generator).train()
    optimiser = torch.optim.Adam(student.parameters(), lr=RATE, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, steps, pct_start=0.05)
    batches = _batches(asker, slots)
    fresh = [next(batches) for _ in range(MEASURED_BATCHES)]
    for _ in range(steps):
        asked, free = next(batches)
        with torch.autocast("cpu", torch.bfloat16):
            wanted = guided(teacher, asked, free, guidance)
            said = student(**asked)
        loss = (said.float() - wanted).square().mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
    student.eval().requires_grad_(False)
    wanted_fresh = [guided(teacher, asked, free, guidance) for asked, free in fresh]
    errors = [
        float(np.mean([(net(**asked) - wanted).square().mean().item()
                       for (asked, _), wanted in zip(fresh, wanted_fresh, strict=True)]) ** 0.5)
        for net in (student, teacher)
    ]  # fmt: skip
    return Distilled(student, *errors)


@torch.no_grad()
def guided(teacher: Generator, asked: Inputs, free: Inputs, guidance: float) -> Tensor:
    """Latents (B, T, 64) of a generator that is guided away from what is left free."""
    far: Tensor = teacher(**asked).float()
    return far if guidance == 1 else torch.lerp(teacher(**free).float(), far, guidance)


def _batches(asker: Asker, slots: tuple[int, ...]) -> Iterator[tuple[Inputs, Inputs]]:
    """Inputs (BATCH, T, channels) without end, as asked and with what is guided left free."""
    chance, k = np.random.default_rng(2), 0
    while True:
        feeds = []
        for _ in range(BATCH):
            first = int(chance.integers(10_000))
            timeline = ControlTimeline(settings(chance, k, asker.tempo))
            for turn in range(1, TURNS):
                at = first + int(chance.integers(FRAMES))
                for name, value in settings(chance, k + turn, asker.tempo).items():
                    if name != "tempo":
                        timeline.set(name, value, at, int(chance.integers(FRAMES)))
            voice = Voice(FIRST_SEED + 2 * k, style_b=FIRST_SEED + 2 * k + 1)
            feeds.append(asker.feed(voice, timeline, first, FRAMES))
            k += 1
        asked = {name: np.concatenate([feed[name] for feed in feeds]) for name in feeds[0]}
        free = asked | {"controls": left_free(asked["controls"], slots)}
        yield tuple({n: torch.from_numpy(v) for n, v in part.items()} for part in (asked, free))  # type: ignore[misc]
