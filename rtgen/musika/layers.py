"""Keras layers in torch, on (B, T, C): products over shifted slices, padded as Keras pads.

Everything is written with operators that bundles may hold, so no convolution: a tap is a slice.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from rtgen.musika.hdf5 import Weights

NORM_EPSILON = 1e-3
"""Of batch norms, as Keras has it unless told."""


class NoiseTape:
    """Numbers that the noise layers of a net take in turn.

    Attributes
    ----------
    used : numbers taken so far of each row.
    """

    def __init__(self, tape: Tensor) -> None:
        self._tape, self.used = tape, 0

    def take(self, count: int) -> Tensor:  # (B, N) -> (B, count, 1)
        """The next numbers, one for each frame."""
        part = self._tape[:, self.used : self.used + count]
        self.used += count
        return part[:, :, None]


def padded(x: Tensor, left: int, right: int) -> Tensor:  # (B, T, C) -> (B, left + T + right, C)
    """Zeros before and after."""
    b, _, c = x.shape
    parts = [torch.zeros(b, left, c)] * bool(left) + [x] + [torch.zeros(b, right, c)] * bool(right)
    return torch.cat(parts, dim=1) if len(parts) > 1 else x


class Convolution(nn.Module):
    """A convolution in time with zeros around, as Keras pads: the odd zero goes to the end.

    Parameters
    ----------
    weights : kernel (1, taps, I, O) or, for one tap, also (I, O); bias (O,).
    """

    def __init__(self, weights: Weights, stride: int = 1) -> None:
        super().__init__()
        kernel = weights["kernel"]
        self.taps, self.stride = (kernel.shape[1] if kernel.ndim == 4 else 1), stride
        self.weight = _parameter(kernel.reshape(-1, kernel.shape[-1]))
        self.bias = _parameter(weights["bias"])

    def forward(self, x: Tensor) -> Tensor:  # (B, T, I) -> (B, ceil(T / stride), O)
        length = -(-x.shape[1] // self.stride)
        reach = (length - 1) * self.stride
        missing = max(reach + self.taps - x.shape[1], 0)
        wide = padded(x, missing // 2, missing - missing // 2)
        taps = [wide[:, k : k + reach + 1 : self.stride] for k in range(self.taps)]
        return (torch.cat(taps, dim=-1) if len(taps) > 1 else taps[0]) @ self.weight + self.bias


class Doubling(nn.Module):
    """A transposed convolution of four taps and stride two: twice the frames.

    Output frame 2 m comes from taps 3 and 1 at inputs m - 1 and m, frame 2 m + 1 from taps 2 and 0
    at inputs m and m + 1.

    Parameters
    ----------
    weights : kernel (1, 4, O, I), bias (O,).
    """

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        taps = weights["kernel"][0].transpose(0, 2, 1)  # (4, I, O)
        self.even = _parameter(np.concatenate([taps[3], taps[1]]))
        self.odd = _parameter(np.concatenate([taps[2], taps[0]]))
        self.bias = _parameter(weights["bias"])

    def forward(self, x: Tensor) -> Tensor:  # (B, T, I) -> (B, 2 T, O)
        b, t, _ = x.shape
        wide = padded(x, 1, 1)
        even = torch.cat([wide[:, :-2], x], dim=-1) @ self.even + self.bias
        odd = torch.cat([x, wide[:, 2:]], dim=-1) @ self.odd + self.bias
        return torch.cat([even, odd], dim=-1).reshape(b, 2 * t, -1)


class Noise(nn.Module):
    """Adds one random number to all channels of a frame, times a learnt weight."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.gain = _parameter(weights["noise"])

    def forward(self, x: Tensor, tape: NoiseTape) -> Tensor:  # (B, T, C)
        return x + self.gain * tape.take(x.shape[1])


class BatchNorm(nn.Module):
    """A batch norm with the statistics that training left."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        scale = weights["gamma"] / np.sqrt(weights["variance"] + np.float32(NORM_EPSILON))
        self.scale = _parameter(scale)
        self.shift = _parameter(weights["beta"] - weights["mean"] * scale)

    def forward(self, x: Tensor) -> Tensor:  # (B, T, C)
        return x * self.scale + self.shift


class Guided(nn.Module):
    """Divides by the deviation over all of the window's time, multiplies by what guides it."""

    def __init__(self, weights: Weights, epsilon: float) -> None:
        super().__init__()
        self.guide, self.epsilon = Convolution(weights), epsilon

    def forward(self, x: Tensor, coordinates: Tensor) -> Tensor:  # (B, T, C), (B, T, I)
        away = x - x.mean(1, keepdim=True)
        deviation = (away * away).mean(1, keepdim=True).sqrt()
        return x / (deviation + self.epsilon) * self.guide(coordinates)


class Gate(nn.Module):
    """A number from 0 to 1 for each channel, from the mean over time of an earlier layer."""

    def __init__(self, first: Weights, second: Weights) -> None:
        super().__init__()
        self.first, self.second = Convolution(first), Convolution(second)

    def forward(self, x: Tensor) -> Tensor:  # (B, T, I) -> (B, 1, O)
        return torch.sigmoid(self.second(swish(self.first(x.mean(1, keepdim=True)))))


def swish(x: Tensor) -> Tensor:
    """x times its sigmoid."""
    return x * torch.sigmoid(x)


def halved(x: Tensor) -> Tensor:  # (B, T, C) -> (B, T / 2, C)
    """Means of two neighbours in time."""
    b, t, c = x.shape
    return x.reshape(b, t // 2, 2, c).mean(2)


def unfolded(x: Tensor) -> Tensor:  # (B, T, C) -> (B, 2 T, C / 2)
    """Even channels become the first of two frames, odd channels the second."""
    b, t, c = x.shape
    return x.reshape(b, t, c // 2, 2).transpose(2, 3).reshape(b, 2 * t, c // 2)


def _parameter(x: npt.NDArray[np.float32]) -> nn.Parameter:
    return nn.Parameter(torch.from_numpy(np.ascontiguousarray(x, np.float32)), requires_grad=False)
