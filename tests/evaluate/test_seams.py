"""A seam that was put there is found where it is, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from rtgen.evaluate.seams import ANCHOR_FRAMES, Seams, places
from rtgen.stream.renderer import BLOCK_FRAMES
from rtgen.timeline.units import HOP
from tests.evaluate.signals import stereo

FRAMES = 1500
KINDS = ("chunk", "anchor", "slow_anchor", "frame")


def smooth() -> np.ndarray:
    """Noise below a few kHz, (n,)."""
    rng = np.random.default_rng(0)
    return np.convolve(0.1 * rng.standard_normal(FRAMES * HOP), np.hanning(12) / 6, "same")


def figures(mono: np.ndarray) -> dict[str, float | None]:
    seams = Seams()
    seams.add(stereo(mono))
    return seams.figures()


def assert_none(row: dict[str, float | None], kinds: tuple[str, ...], measure: str) -> None:
    for kind in kinds:
        # Chance alone: an anchor has but few places, so what it may be off by is wider.
        count = len(places(FRAMES)[kind])
        assert row[f"seam_{kind}_{measure}"] == pytest.approx(0.5, abs=1.3 / np.sqrt(count)), kind


def test_no_place_is_of_two_kinds() -> None:
    found = np.concatenate(list(places(FRAMES).values()))
    assert len(found) == len(set(found.tolist()))
    assert set(places(FRAMES)["anchor"] // HOP) == set(range(ANCHOR_FRAMES, FRAMES, ANCHOR_FRAMES))


def test_a_stream_without_seams_has_none() -> None:
    row = figures(smooth())
    assert_none(row, KINDS, "click")
    assert_none(row, KINDS, "change")


def test_a_jump_between_chunks_is_a_click_there() -> None:
    mono = smooth()
    for at in range(BLOCK_FRAMES, FRAMES, BLOCK_FRAMES):
        mono[at * HOP] += 0.1
    row = figures(mono)
    for kind in ("chunk", "anchor"):  # a new anchor is also a new chunk
        click = row[f"seam_{kind}_click"]
        assert click is not None
        assert click > 0.98
    assert_none(row, ("slow_anchor", "frame"), "click")


def test_another_sound_after_a_join_is_a_change_there() -> None:
    mono = smooth()
    for k, at in enumerate(range(0, FRAMES, BLOCK_FRAMES)):
        if k % 2:
            mono[at * HOP : (at + BLOCK_FRAMES) * HOP] *= 0.2
    row = figures(mono)
    change = row["seam_chunk_change"]
    assert change is not None
    assert change > 0.98
    assert_none(row, ("slow_anchor", "frame"), "change")


def test_a_tick_at_every_frame_is_told_from_the_middle_of_frames() -> None:
    mono = smooth()
    mono[::HOP] += 0.1
    click = figures(mono)["seam_frame_click"]
    assert click is not None
    assert click > 0.98
