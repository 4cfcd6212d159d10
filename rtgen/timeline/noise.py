"""Keyed random numbers: a pure function of (seed, stream, absolute index), in any order.

Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011), Philox4x32-10.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

COORDINATES, SLOW, FAST, STYLE, NOISE_BLOCKS = 1, 2, 3, 4, 5
HALF_ANCHORS, HALF_STYLE, HALF_NOISE, GROUP_NOISE = 7, 8, 9, 10
"""Streams: independent sequences under one seed."""

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)

Words = npt.NDArray[np.uint64]


def philox(counter: tuple[Words, Words, Words, Words], key: int) -> tuple[Words, ...]:
    """Ten rounds of Philox4x32 on arrays of counters (32-bit values held in uint64).

    Returns four arrays of 32-bit values in uint64.
    """
    c0, c1, c2, c3 = counter
    k0, k1 = np.uint64(key & 0xFFFFFFFF), np.uint64((key >> 32) & 0xFFFFFFFF)
    for _ in range(10):
        p0, p1 = _M0 * c0, _M1 * c2
        c0, c2 = p1 >> _SHIFT, p0 >> _SHIFT
        c0 ^= c1
        c0 ^= k0
        c2 ^= c3
        c2 ^= k1
        p0 &= _LOW
        p1 &= _LOW
        c1, c3 = p1, p0
        k0, k1 = (k0 + _W0) & _LOW, (k1 + _W1) & _LOW
    return c0, c1, c2, c3


def words(seed: int, stream: int, indices: npt.NDArray[np.int64], dims: int) -> Words:
    """(n, dims) 32-bit words, as uint64; indices may be negative."""
    blocks = (dims + 3) // 4
    index = indices.astype(np.int64).view(np.uint64)[:, None]
    shape = (len(indices), blocks)
    lanes = philox(
        (
            np.broadcast_to(index & _LOW, shape),
            np.broadcast_to(index >> _SHIFT, shape),
            np.broadcast_to(np.arange(blocks, dtype=np.uint64), shape),
            np.full(shape, stream, np.uint64),
        ),
        seed & 0xFFFFFFFFFFFFFFFF,
    )
    return np.stack(lanes, axis=-1).reshape(len(indices), blocks * 4)[:, :dims]


def normal_at(
    seed: int, stream: int, indices: npt.NDArray[np.int64], dims: int
) -> npt.NDArray[np.float32]:
    """Standard normals (n, dims) at any indices; each row depends on its own index only."""
    raw = words(seed, stream, indices, dims + dims % 2)
    unit = (raw.astype(np.float64) + 0.5) / 2.0**32
    radius = np.sqrt(-2 * np.log(unit[:, 0::2]))
    angle = 2 * np.pi * unit[:, 1::2]
    pairs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    return pairs.reshape(len(indices), -1)[:, :dims].astype(np.float32)


def normal(seed: int, stream: int, first: int, n: int, dims: int) -> npt.NDArray[np.float32]:
    """Standard normals (n, dims) of the indices first .. first + n - 1."""
    return normal_at(seed, stream, np.arange(first, first + n, dtype=np.int64), dims)


def style_vector(seed: int) -> npt.NDArray[np.float32]:
    """The style (32,) of a seed."""
    return normal(seed, STYLE, 0, 1, 32)[0]
