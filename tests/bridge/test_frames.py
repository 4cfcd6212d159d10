"""Overlapped frames refuse what does not fit; what they make is tested in tests/audio."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from rtgen._bridge import NoiseFrames, ToneBank

FRAMES = 6


def noise_with(
    *,
    bands: int = 32,
    frames: int = FRAMES,
    row: int = 0,
    samples: int = 128 * (FRAMES - 3),
    dtype: type = np.float32,
) -> None:
    frame_maker = NoiseFrames(np.zeros((3, 257), np.complex64), np.zeros((32, 257), np.float32))
    frame_maker.add(
        np.zeros((FRAMES, 2, bands), dtype),
        np.full((2, frames), row, np.int64),
        np.zeros((2, samples), np.float32),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: noise_with(bands=31),
        lambda: noise_with(frames=3),
        lambda: noise_with(frames=FRAMES + 1),
        lambda: noise_with(row=3),
        lambda: noise_with(row=-1),
        lambda: noise_with(samples=128),
        lambda: NoiseFrames(np.zeros((3, 256), np.complex64), np.zeros((32, 257), np.float32)),
        lambda: NoiseFrames(np.zeros(257, np.complex64), np.zeros((32, 257), np.float32)),
        lambda: NoiseFrames(np.zeros((3, 257), np.complex64), np.zeros((32, 256), np.float32)),
    ],
)
def test_noise_that_does_not_fit_is_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"must|fit"):
        wrong()
    noise_with()


def tones_with(
    *,
    frames: int = 4,
    carriers: int = 3,
    carrier: int = 287,
    ratios: int = 2,
    ahead: int = 3,
    phases: int = 288,
    turns: int = 4,
    out: np.ndarray | None = None,
    bins: int = 257,
) -> None:
    bank = ToneBank(np.zeros((288, bins), np.float32), np.zeros((288, 257), np.float32))
    bank.add(
        np.zeros((frames, 3), np.float32),
        np.full(carriers, carrier, np.int64),
        np.zeros((ratios, 3), np.float32),
        ahead,
        np.zeros(phases, np.complex64),
        np.zeros((turns, 288), np.complex64),
        np.zeros((2, 512 * 3), np.float32) if out is None else out,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: tones_with(frames=1, turns=1, ratios=1),
        lambda: tones_with(frames=5, turns=5),
        lambda: tones_with(carriers=2),
        lambda: tones_with(carrier=288),
        lambda: tones_with(carrier=-1),
        lambda: tones_with(ratios=1),
        lambda: tones_with(ahead=4),
        lambda: tones_with(ahead=-1),
        lambda: tones_with(phases=287),
        lambda: tones_with(turns=3),
        lambda: tones_with(out=np.zeros((2, 1024), np.float32)),
        lambda: tones_with(bins=256),
    ],
)
def test_tones_that_do_not_fit_are_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"must|fit"):
        wrong()
    tones_with()


def test_a_carrier_that_is_none_is_named_as_one() -> None:
    with pytest.raises(ValueError, match=r"^carriers must lie in 0\.\.287$"):
        tones_with(carrier=288)


def test_other_numbers_and_cuts_are_refused() -> None:
    with pytest.raises(TypeError):
        noise_with(dtype=np.float64)
    with pytest.raises(TypeError):
        tones_with(out=np.zeros((2, 2 * 1536), np.float32)[:, ::2])
