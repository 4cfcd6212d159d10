"""Losses of the latent GAN.

Relativistic pairing and the zero-centred penalties are those of R3GAN (arXiv 2501.05441); the
mismatched pair punishes a real stretch under controls that are not its own.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import huber_loss, softplus

from rtgen.nets.critic import Critic, LabelReader
from rtgen.train.latents import GROUPS


def penalty(critic: Critic, latents: Tensor, controls: Tensor) -> Tensor:
    """Mean squared gradient norm of the score with respect to the latents."""
    x = latents.detach().float().requires_grad_(True)
    score = critic(x, controls).sum()
    (gradient,) = torch.autograd.grad(score, x, create_graph=True)
    return gradient.square().sum((1, 2)).mean()


def mismatched(controls: Tensor, rng: np.random.Generator) -> Tensor:
    """Controls that do not belong: phases shifted in time, or one group of another item.

    Where nothing is said of the beat there are no phases to shift.
    """
    out = controls.clone()
    other = controls.roll(1, 0)
    for item in range(len(out)):
        kind = int(rng.integers(0 if controls[item, :, :14].any() else 2, 5))
        if kind < 2:
            shift = int(rng.integers(1, 20)) * int(rng.choice((-1, 1)))
            out[item, :, :14] = controls[item].roll(shift, 0)[:, :14]
        else:
            first, stop, flag = GROUPS[kind - 2]
            out[item, :, first:stop] = other[item, :, first:stop]
            out[item, :, flag] = other[item, :, flag]
    return out


def pairing(better: Tensor, worse: Tensor) -> Tensor:
    """softplus(-(better - worse)): small when the first scores above the second."""
    return softplus(-(better - worse)).mean()


TEMPERATURE = 0.15
READER_WEIGHTS = torch.tensor([1.0] * 6 + [0.5] * 4 + [0.1] * 4 + [0.5, 2.5, 2.0] + [2.0] * 12)
"""What the reader's error counts for each number; 4- and 16-bar phases can hardly be heard."""


def reader_error(reader: LabelReader, latents: Tensor, controls: Tensor) -> Tensor:
    """Weighted Huber error (B, 29) of each control, averaged over the inner frames."""
    said = reader(latents).float()[:, 8:-8]
    asked = controls[:, 8:-8, : LabelReader.OUTPUTS]
    error = huber_loss(said, asked, reduction="none", delta=0.5).mean(1)
    return error * READER_WEIGHTS.to(error.device)


def contrast(vectors: Tensor) -> Tensor:
    """How hard it is to find each vector's fellow among the others of its group, (G, N, D) -> (G,).

    Rows 2 k and 2 k + 1 of a group belong together; cross-entropy of cosine likeness, after
    SimCLR (Chen et al., ICML 2020).
    """
    count = vectors.shape[1]
    likeness = vectors @ vectors.transpose(1, 2) / TEMPERATURE
    likeness = likeness - 1e4 * torch.eye(count, device=vectors.device)
    fellow = torch.arange(count, device=vectors.device) ^ 1
    chosen = likeness.log_softmax(2).gather(2, fellow.expand(len(vectors), -1)[..., None])
    return -chosen.mean((1, 2))
