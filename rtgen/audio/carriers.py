"""A fixed grid of carriers whose phase is a function of the absolute sample position.

A translation-equivariant decoder cannot hold an arbitrary tone; carriers tied to absolute time can,
and stay the same under seeking and chunking. Phases are 32-bit fractions of a turn, so they are
exact at any position.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

RATE = 44100
CARRIERS = 288
PER_OCTAVE = 36
FIRST_HZ = 440.0 * 2.0 ** (-45 / 12)
SUB_HOP = 512
WINDOW = 1024
BINS = 257
"""Bins of the 1024-point spectrum that the carriers can reach."""

_TURN = np.uint64(0xFFFFFFFF)
Turns = npt.NDArray[np.uint64]


@cache
def carrier_hz() -> npt.NDArray[np.float64]:
    """Frequencies (288,) in Hz, 36 per octave from C1, A4 = 440 Hz on the grid."""
    return FIRST_HZ * 2.0 ** (np.arange(CARRIERS) / PER_OCTAVE)


@cache
def increments() -> Turns:
    """Turns per sample (288,) in units of 2^-32."""
    return np.round(carrier_hz() / RATE * 2.0**32).astype(np.uint64)


@cache
def offsets() -> Turns:
    """Start phases (2, 288) of mid and side in 2^-32 turns; the side is a quarter turn off."""
    g = np.arange(CARRIERS, dtype=np.uint64)
    mid = (g * np.uint64(2654435769)) & _TURN
    side = (mid + np.uint64(0x40000000) * (1 + 2 * (g % np.uint64(2)))) & _TURN
    return np.stack([mid, side])


def phases(first_sub_frame: int, n: int) -> npt.NDArray[np.float32]:
    """Radians (2, n, 288) of the carriers at the centres of sub-frames, mid and side."""
    centre = (np.arange(first_sub_frame, first_sub_frame + n, dtype=np.int64) * SUB_HOP + 256).view(
        np.uint64
    )
    turns = (centre[:, None] * increments() + offsets()[:, None, :]) & _TURN
    signed = turns.astype(np.uint32).view(np.int32)
    return signed.astype(np.float32) * np.float32(2 * np.pi / 2.0**32)


@cache
def spectra() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Matrices (288, 257): a cos(phase) @ first and a sin(phase) @ second are the real and
    imaginary parts of the 1024-point spectrum of a Hann-windowed carrier, phase at the centre."""
    turns = increments().astype(np.float64) / 2.0**32
    n = np.arange(WINDOW) - WINDOW // 2
    window = 0.5 + 0.5 * np.cos(2 * np.pi * n / WINDOW)
    angle = 2 * np.pi * turns[:, None] * n
    cosine = np.fft.rfft(np.fft.ifftshift(window * np.cos(angle), axes=1), axis=1).real
    sine = np.fft.rfft(np.fft.ifftshift(-window * np.sin(angle), axes=1), axis=1).imag
    return cosine[:, :BINS].astype(np.float32), sine[:, :BINS].astype(np.float32)
