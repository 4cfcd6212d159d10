"""The noise of `rtgen.audio.noise_table`, shaped: `python -m rtgen.train.low_noise FILE`.

Drawn samples are moved until the magnitudes of four window lengths, which overlap by three
quarters, lie as near to 1 as they will, in whatever order the blocks come. No signal has them all
at 1: neighbouring windows and lengths say the same thing twice.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rtgen.audio.noise_table import BLOCK_SAMPLES, BLOCKS, FULL_SCALE, SHARED

WINDOWS = (512, 1024, 2048, 4096)
RATE, LAST_RATE = 0.03, 3e-4


def low_noise(steps: int = 1500, seed: int = 5) -> npt.NDArray[np.int16]:
    """Samples (384 + 16 * 16000,): what the blocks share, then the rest of each.

    Their variance is 1, at FULL_SCALE.
    """
    drawn = torch.Generator().manual_seed(seed)
    shared = torch.randn(SHARED, generator=drawn).requires_grad_()
    rest = torch.randn(BLOCKS, BLOCK_SAMPLES - SHARED, generator=drawn).requires_grad_()
    optimiser = torch.optim.Adam([shared, rest], lr=RATE, betas=(0.9, 0.99))
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = max(RATE * (1 - step / steps), LAST_RATE)
        order = torch.randperm(BLOCKS, generator=drawn)
        late = int(torch.randint(WINDOWS[-1], (1,), generator=drawn))
        line = torch.cat([torch.cat([shared, rest[block]]) for block in order]).roll(late)
        off = torch.stack([(magnitudes(line, w) - 1).square().mean() for w in WINDOWS])
        optimiser.zero_grad()
        off.mean().backward()
        optimiser.step()
    made = torch.cat([shared, rest.flatten()]).detach().numpy()
    return np.round(made * (FULL_SCALE / made.std())).astype(np.int16)


def magnitudes(line: Tensor, window: int) -> Tensor:
    """Magnitudes (bins, frames) of a ring of samples; those of white noise of variance 1 have a
    mean square of 1."""
    ring = torch.cat([line, line[:window]])
    hann = torch.hann_window(window)
    spectra = torch.stft(ring, window, window // 4, window=hann, center=False, return_complex=True)
    return spectra.abs() / hann.square().sum().sqrt()


if __name__ == "__main__":
    np.save(Path(sys.argv[1]), low_noise())
