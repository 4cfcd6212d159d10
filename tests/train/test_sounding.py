"""The synthesis that training hears is the one that plays, and gradients reach every head."""

import numpy as np
import torch

from rtgen.audio.synthesis import DecodedFrames, synthesise
from rtgen.nets.autoencoder import Decoded
from rtgen.train.sounding import sound


def decoded(frames):
    torch.manual_seed(0)
    return Decoded(
        torch.randn(2, frames, 1152) - 6.5,
        torch.randn(2, frames, 24) - 1.5,
        torch.randn(2, frames, 1024) - 6.0,
        0.2 * torch.randn(2, frames, 64),
    )


def test_torch_makes_the_samples_that_numpy_makes_at_any_place():
    said, firsts, seeds = decoded(9), [3, 100_000], [5, 7]
    mid, side = sound(said, firsts, seeds).unbind(1)
    for item in range(2):
        one = DecodedFrames(*(x[item].numpy() for x in said))
        wanted = synthesise(one, firsts[item], seeds[item])
        got = torch.stack([mid[item] + side[item], mid[item] - side[item]], 1).numpy()
        assert wanted.shape == got.shape == (7 * 2048, 2)
        assert np.abs(wanted).max() > 0.05
        assert np.abs(wanted - got).max() < 1e-5


def test_a_loss_on_sound_reaches_every_head():
    said = Decoded(*(x.requires_grad_(True) for x in decoded(6)))
    sound(said, [1, 1], [0, 0]).square().mean().backward()
    for part in said:
        assert part.grad is not None
        assert part.grad.abs().max() > 0
