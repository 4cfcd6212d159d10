"""Any stretch of a stream at another rate: a polyphase filter on an absolute grid, without state.

Output m is the input at time m * down / up. Blocks of `down` input samples give `up` output samples
by one matrix product, so equal positions give equal samples however the stream is cut, and nothing
can drift.
"""

from __future__ import annotations

from functools import cache
from math import gcd

import numpy as np
import numpy.typing as npt

from rtgen.audio.carriers import RATE
from rtgen.errors import DeviceError

HALF_TAPS = 48
LARGEST_RATIO = 1000
LEAST_BLOCK = 128
"""Inputs of one product: each costs some microseconds however small it is."""
KAISER_BETA = 10.0
PASSBAND = 0.94
_PHASES = 16
Floats = npt.NDArray[np.float32]


@cache
def _matrix(up: int, down: int) -> Floats:
    """(down + 2 margin, up): inputs from -margin on to the outputs of one block."""
    margin = _margin(up, down)
    cutoff = PASSBAND * min(1.0, up / down)
    reach = HALF_TAPS * max(1.0, down / up)
    inputs = np.arange(-margin, down + margin)[:, None]
    out = np.empty((len(inputs), up), np.float32)
    for k in range(0, up, _PHASES):  # in parts: the whole takes 15 MB on the way
        time = np.arange(k, min(k + _PHASES, up))[None, :] * (down / up) - inputs
        inside = np.clip(1 - (time / reach) ** 2, 0, None)
        window = np.i0(KAISER_BETA * np.sqrt(inside)) / np.i0(KAISER_BETA)
        taps = np.sinc(cutoff * time) * cutoff * window * (inside > 0)
        out[:, k : k + _PHASES] = taps / taps.sum(0, keepdims=True)
    return out


def _margin(up: int, down: int) -> int:
    return int(HALF_TAPS * max(1.0, down / up)) + 1


class Resampler:
    """From the model's 44.1 kHz to a device's rate.

    Attributes
    ----------
    margin : input samples needed on each side of a block; 0 when the rates are equal.
    """

    def __init__(self, rate: int) -> None:
        if not 8000 <= rate <= 384_000 or RATE // gcd(RATE, rate) > LARGEST_RATIO:
            raise DeviceError(
                f"cannot play at {rate} Hz",
                value=rate,
                hint="use a usual rate such as 44100, 48000, 88200 or 96000",
            )
        common = gcd(RATE, rate)
        self.rate = rate
        grid = -(-LEAST_BLOCK * common // RATE)
        self.up, self.down = grid * rate // common, grid * RATE // common
        self.same = self.up == self.down
        self.margin = 0 if self.same else _margin(self.up, self.down)

    def inputs(self, first: int, n: int) -> tuple[int, int]:
        """Input positions [start, stop) that outputs first .. first + n - 1 need."""
        if self.same:
            return first, first + n
        low, high = first // self.up, -(-(first + n) // self.up)
        return low * self.down - self.margin, high * self.down + self.margin

    def outputs_until(self, position: int) -> int:
        """Outputs before this index need inputs before `position` only; on the block grid."""
        if self.same:
            return position
        return (position - self.margin) // self.down * self.up

    def __call__(self, x: Floats, start: int, first: int, n: int) -> Floats:
        """Outputs (n, 2) from inputs (m, 2) whose first sample has the position `start`.

        At another rate, what passed between two samples may be met: outputs are cut at full scale,
        as every output of ours does, so that a bounce is what was rendered.
        """
        low, high = self.inputs(first, n)
        if low < start or high > start + len(x):
            raise ValueError(f"inputs {low}..{high} are not in {start}..{start + len(x)}")
        if self.same:
            return x[low - start : high - start]
        block, blocks = first // self.up, (high - low - 2 * self.margin) // self.down
        part = np.ascontiguousarray(x[low - start : high - start].T)
        width = self.down + 2 * self.margin
        windows = np.lib.stride_tricks.sliding_window_view(part, width, axis=1)[:, :: self.down]
        matrix = _matrix(self.up, self.down)
        # One product per block: equal shapes give equal bits wherever the stretch begins.
        out = np.stack([windows[:, k] @ matrix for k in range(blocks)], axis=1)
        flat = out.reshape(2, -1)
        skip = first - block * self.up
        return np.ascontiguousarray(np.clip(flat[:, skip : skip + n].T, -1.0, 1.0))
