"""Clips of a generator that an ear learns from: its latents, and what librosa hears in them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import smooth_l1_loss

from rtgen.export.passages import Asker
from rtgen.nets.decoding import Decode, sound
from rtgen.nets.ear import ENVELOPE_HOP, LEFT, ONSET_DELTA, PER_FRAME, RIGHT, Ear
from rtgen.timeline.controls import ANY_CHROMA, AUTO, CHROMA, TABLE, Value, chroma_of
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import HOP, RATE
from rtgen.timeline.voice import Voice

FIRST_SEED = 930_000
"""Seeds that evaluation does not use, nor other parts of the export."""
LOWEST_DENSITY, HIGHEST_DENSITY = 0.5, 15.5
CHORDS = ((0, 4, 7), (0, 3, 7), (0, 3, 7, 10), (0,))
CLIP_FRAMES = 256
EDGE_FRAMES = 2
"""At the ends of a clip the envelope knows of no sound beyond."""
BATCH, WINDOW = 24, 64
ROUGHNESS = 0.05
Inputs = dict[str, Tensor]


@dataclass
class Asked:
    """A batch of inputs for a generator, and what they ask for.

    Attributes
    ----------
    inputs : (B, T, channels) each.
    density : (B,) onsets per second; NaN where it is free.
    bpm : (B,); NaN where there is no beat.
    seeds : of the voices.
    """

    inputs: Inputs
    density: Tensor
    bpm: Tensor
    seeds: list[int]


def ask(asker: Asker, chance: np.random.Generator, first: int, count: int, frames: int) -> Asked:
    """Voices `first` and on, each under steady controls of its own."""
    feeds, asked = [], []
    for k in range(first, first + count):
        controls = _controls(asker, chance, k)
        voice = Voice(FIRST_SEED + 2 * k, style_b=FIRST_SEED + 2 * k + 1)
        begin = int(chance.integers(10_000))
        feeds.append(asker.feed(voice, ControlTimeline(controls), begin, frames))
        asked.append((controls["density"], controls.get("tempo", AUTO)))
    density, bpm = torch.tensor(asked).T
    inputs = {
        name: torch.from_numpy(np.concatenate([feed[name] for feed in feeds])) for name in feeds[0]
    }
    return Asked(inputs, density, bpm, [FIRST_SEED + 2 * (first + k) for k in range(count)])


def _controls(asker: Asker, chance: np.random.Generator, k: int) -> dict[str, Value]:
    def now_and_then(share: float, low: float, high: float, else_: float) -> float:
        return float(chance.uniform(low, high)) if chance.random() < share else else_

    found: dict[str, Value] = {
        "density": now_and_then(0.85, LOWEST_DENSITY, HIGHEST_DENSITY, AUTO),
        "energy": now_and_then(0.5, 0.1, 1.0, AUTO),
        "variation": now_and_then(0.3, 0.0, 1.0, 1.0),
        "morph": now_and_then(0.3, 0.0, 1.0, 0.0),
        CHROMA: ANY_CHROMA,
    }
    if chance.random() < 0.3:  # where a set begins
        found |= {name: TABLE[name].default for name in ("density", "energy")}
    if asker.tempo is not None:
        found["tempo"] = float(chance.uniform(asker.tempo.low, asker.tempo.high))
    if chance.random() < 0.4:
        root, chord = int(chance.integers(12)), CHORDS[k % len(CHORDS)]
        found[CHROMA] = chroma_of({(root + step) % 12 for step in chord})
    return found


@dataclass
class Clips:
    """What an ear learns from: latents (CLIP_FRAMES + LEFT + RIGHT, 64) and their envelopes.

    Attributes
    ----------
    latents, envelopes : one for each clip; an envelope has 8 values for each of CLIP_FRAMES.
    """

    latents: list[Tensor] = field(default_factory=list)
    envelopes: list[Tensor] = field(default_factory=list)

    def add(self, latents: Tensor, decode: Decode, seed: int) -> float:
        """Decode latents, listen, keep both; returns the onsets per second that librosa picks.

        Raises
        ------
        ModuleNotFoundError where librosa is not installed.
        """
        from librosa.onset import onset_detect, onset_strength

        mono = np.ascontiguousarray(sound(decode(latents[None]), seed).mean(1))
        envelope = onset_strength(y=mono, sr=RATE, hop_length=ENVELOPE_HOP)
        self.latents.append(latents)
        self.envelopes.append(
            torch.from_numpy(envelope[: CLIP_FRAMES * PER_FRAME].astype(np.float32))
        )
        onsets = onset_detect(
            onset_envelope=envelope, sr=RATE, hop_length=ENVELOPE_HOP, delta=ONSET_DELTA
        )
        return len(onsets) * RATE / (CLIP_FRAMES * HOP)

    def draw(self, chance: np.random.Generator, newest: int) -> tuple[Tensor, Tensor]:
        """A batch of windows, every other one of the `newest` clips."""
        latents, envelopes = [], []
        for k in range(BATCH):
            oldest = len(self.latents) - newest if k % 2 else 0
            clip = int(chance.integers(oldest, len(self.latents)))
            at = int(chance.integers(EDGE_FRAMES, CLIP_FRAMES - WINDOW - EDGE_FRAMES))
            latents.append(self.latents[clip][at : at + WINDOW + LEFT + RIGHT])
            envelopes.append(self.envelopes[clip][at * PER_FRAME : (at + WINDOW) * PER_FRAME])
        return torch.stack(latents), torch.stack(envelopes)


def teach_ear(
    ear: Ear,
    optimiser: torch.optim.Optimizer,
    clips: Clips,
    chance: np.random.Generator,
    steps: int,
    newest: int,
) -> float:
    """Let an ear learn from clips; returns the mean error of its last steps."""
    errors = []
    for _ in range(steps):
        latents, envelopes = clips.draw(chance, newest)
        latents = latents + ROUGHNESS * torch.randn_like(latents)
        with torch.autocast("cpu", torch.bfloat16):
            said = ear(latents)
        error = smooth_l1_loss(said, envelopes, beta=0.5)
        optimiser.zero_grad(set_to_none=True)
        error.backward()
        optimiser.step()
        errors.append(error.item())
    return float(np.mean(errors[-50:]))
