"""Overlapped frames refuse what does not fit; what they make is tested in tests/audio."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from rtgen._bridge import NoiseFrames, add_tone_frames

FRAMES = 6


def noise_with(
    *,
    bins: int = 257,
    frames: int = FRAMES,
    row: int = 0,
    samples: int = 128 * (FRAMES - 3),
    dtype: type = np.float32,
) -> None:
    frame_maker = NoiseFrames(np.zeros((3, 257), np.complex64))
    frame_maker.add(
        np.zeros((2, FRAMES, bins), dtype),
        np.full((2, frames), row, np.int64),
        np.zeros((2, samples), np.float32),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: noise_with(bins=256),
        lambda: noise_with(frames=3),
        lambda: noise_with(frames=FRAMES + 1),
        lambda: noise_with(row=3),
        lambda: noise_with(row=-1),
        lambda: noise_with(samples=128),
        lambda: NoiseFrames(np.zeros((3, 256), np.complex64)),
        lambda: NoiseFrames(np.zeros(257, np.complex64)),
    ],
)
def test_noise_that_does_not_fit_is_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"must|fit"):
        wrong()
    noise_with()


def test_other_numbers_and_cuts_are_refused() -> None:
    with pytest.raises(TypeError):
        noise_with(dtype=np.float64)
    spectrum = np.zeros((2, 4, 257), np.float32)
    with pytest.raises(TypeError):
        add_tone_frames(spectrum, spectrum, np.zeros((2, 2 * 1536), np.float32)[:, ::2])


@pytest.mark.parametrize(
    ("bins", "frames", "samples"), [(256, 4, 1536), (257, 1, 0), (257, 4, 1024), (257, 5, 1536)]
)
def test_tones_that_do_not_fit_are_refused(bins: int, frames: int, samples: int) -> None:
    spectrum = np.zeros((2, frames, bins), np.float32)
    with pytest.raises(ValueError, match=r"must|fit"):
        add_tone_frames(spectrum, spectrum, np.zeros((2, samples), np.float32))
