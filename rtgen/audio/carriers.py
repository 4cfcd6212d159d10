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
    """Start phases (288,) of the mid in 2^-32 turns. The side is a quarter turn ahead for even
    carriers and behind for odd ones (`side_signs`)."""
    return (np.arange(CARRIERS, dtype=np.uint64) * np.uint64(2654435769)) & _TURN


@cache
def side_signs() -> npt.NDArray[np.float32]:
    """(288,): +1 where the side is a quarter turn ahead, -1 where it is behind."""
    return np.where(np.arange(CARRIERS) % 2 == 0, 1.0, -1.0).astype(np.float32)


def turns(n: int) -> npt.NDArray[np.complex64]:
    """(n, 288): how far each carrier turns over 0 .. n - 1 sub-frames."""
    return _turns(1 << max(n - 1, 1).bit_length())[:n]


@cache
def _turns(n: int) -> npt.NDArray[np.complex64]:
    steps = np.arange(n, dtype=np.uint64)[:, None] * np.uint64(SUB_HOP)
    return np.exp(2j * np.pi * ((steps * increments() & _TURN) / 2.0**32)).astype(np.complex64)


def phases(sub_frame: int) -> npt.NDArray[np.complex64]:
    """exp(i phase) (288,) of the mid carriers at the centre of a sub-frame, exact anywhere."""
    centre = np.array([sub_frame * SUB_HOP + SUB_HOP // 2], np.int64).view(np.uint64)
    turned = (centre * increments() + offsets()) & _TURN
    return np.exp(2j * np.pi * (turned / 2.0**32)).astype(np.complex64)


def phasors(first_sub_frame: int, n: int) -> npt.NDArray[np.complex64]:
    """exp(i phase) (n, 288) of the mid carriers at the centres of sub-frames: the first is exact,
    the others are turned from it by a table."""
    return phases(first_sub_frame) * turns(n)


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
