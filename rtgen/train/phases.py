"""What a step of each phase of the autoencoder minimises, and which parts learn by it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from rtgen.nets.autoencoder import HEADS, Autoencoder, Decoded
from rtgen.nets.spectrogram_critic import WINDOWS, SpectrogramCritic
from rtgen.train.losses import WEIGHTS, feature_losses, moments
from rtgen.train.schedule import Phase
from rtgen.train.sounding import sound
from rtgen.train.team import Team

CODE_NOISE, LATENT_NOISE, ROUGH_NOISE = 0.05, 0.1, 0.25
MOMENTS = 0.1
HEARD_FRAMES = 24
"""Frames of a crop that the critics hear; sound costs more than amplitudes."""
Terms = dict[str, Tensor]


def learning(net: Autoencoder, phase: Phase) -> list[nn.Module]:
    """The parts that a phase changes."""
    inner, outer = (net.encoder.inner, net.decoder.inner), (net.encoder.outer, net.decoder.outer)
    parts: dict[Phase, list[nn.Module]] = {
        "reconstruct": [*inner],
        "adversarial": [net.decoder.inner],
        "compress": [*outer],
        "refine": [net.encoder.inner, *outer],
        "settle": [net.decoder.inner, net.decoder.outer],
    }
    return parts[phase]


def reach(net: Autoencoder, phase: Phase) -> tuple[int, int]:
    """Frames of a crop that a phase loses at its start and at its end."""
    encoder, decoder = net.encoder, net.decoder
    if phase in ("reconstruct", "adversarial"):
        return encoder.inner_frames + decoder.inner_frames, 0
    left = encoder.left + decoder.left
    return left, encoder.right + decoder.right


def loss_of(
    net: Autoencoder, phase: Phase, features: Tensor, targets: Tensor
) -> tuple[Tensor, Terms, Decoded | None]:
    """Loss, its terms, and what was decoded (None in `compress`, which only sees codes).

    Parameters
    ----------
    features : (B, T + left + right, inputs), see `reach`.
    targets : (B, T, outputs), the frames in the middle.
    """
    encoder, decoder = net.encoder, net.decoder
    with torch.autocast(features.device.type, torch.bfloat16):
        codes = encoder.codes(features)
        if phase in ("reconstruct", "adversarial"):
            # A statistic of a code is one of its channels over all sub-frames.
            bottleneck = codes.unflatten(2, (-1, net.recipe.code_channels))
            decoded = decoder.sound(codes + CODE_NOISE * torch.randn_like(codes))
        else:
            bottleneck = encoder.outer(codes)
            noise: Tensor | float = LATENT_NOISE
            if phase == "settle":  # from clean to as rough as a generator's
                noise = ROUGH_NOISE * torch.rand(len(codes), 1, 1, device=codes.device)
            back = decoder.outer(bottleneck + noise * torch.randn_like(bottleneck))
            if phase == "compress":
                aligned = codes[:, encoder.outer.left + decoder.outer.left : -2]
                terms = {"codes": (back.float() - aligned.float()).abs().mean()}
                return terms["codes"] + MOMENTS * moments(bottleneck), terms, None
            decoded = decoder.sound(back)
    terms = feature_losses(decoded, targets)
    loss = torch.stack([WEIGHTS[name] * term for name, term in terms.items()]).sum()
    if bottleneck.requires_grad:
        loss = loss + MOMENTS * moments(bottleneck)
    return loss, terms, decoded


class Hearing:
    """The critics of the adversarial phase: they tell the sound of what was decoded from the sound
    of the targets, both through the same synthesis, so that they cannot win by what no decoder can
    say. Hinge loss and feature matching, as for GAN vocoders."""

    MATCHING, FOOLING = 2.0, 0.3

    def __init__(self, device: str) -> None:
        self.critic = SpectrogramCritic().to(device)
        self.optimiser = torch.optim.AdamW(
            self.critic.parameters(), lr=4e-4, betas=(0.8, 0.99), weight_decay=1e-3
        )

    def terms(
        self, decoded: Decoded, targets: Tensor, rng: np.random.Generator, team: Team
    ) -> Terms:
        """One step of a critic, drawn among the windows; then the decoder's terms."""
        which = int(rng.integers(len(WINDOWS)))
        first = [int(f) for f in rng.integers(0, 1 << 20, len(targets))]
        own, other = ([int(s) for s in rng.integers(0, 1 << 40, len(first))] for _ in range(2))
        part = slice(0, HEARD_FRAMES)
        wanted = Decoded(*targets[:, part].split(HEADS, dim=-1))
        real = sound(wanted, first, own)
        fake = sound(Decoded(*(x[:, part].float() for x in decoded)), first, other)
        self.critic.requires_grad_(True)
        judged = [self.critic(x, which)[0] for x in (real, fake.detach())]
        hinge = (1 - judged[0]).clamp_min(0).mean() + (1 + judged[1]).clamp_min(0).mean()
        self.optimiser.zero_grad(set_to_none=True)
        hinge.backward()
        team.average_gradients(self.critic)
        self.optimiser.step()
        self.critic.requires_grad_(False)
        score, seen = self.critic(fake, which)
        with torch.no_grad():
            true = self.critic(real, which)[1]
        matching = torch.stack(
            [(a - b).abs().mean() / b.abs().mean() for a, b in zip(seen, true, strict=True)]
        ).mean()
        return {"critic": hinge.detach(), "fooling": -score.mean(), "matching": matching}

    def loss(self, terms: Terms) -> Tensor:
        """What the decoder minimises of them."""
        return self.FOOLING * terms["fooling"] + self.MATCHING * terms["matching"]
