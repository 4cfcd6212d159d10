"""The line of anchors of half-windows, against the published way to lay it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from rtgen.timeline.half_line import half_line, half_style, truncated
from rtgen.timeline.noise import HALF_ANCHORS


def laid_as_published(seed: int, spacing: int, skipped: int, points: int) -> np.ndarray:
    """Points between anchors, means of neighbours, then a stretch from `skipped` on."""
    anchors = [truncated(seed, HALF_ANCHORS, k, 5, 2.0) for k in range(points // spacing + 3)]
    pieces = [np.linspace(a, b, spacing + 1)[:-1] for a, b in pairwise(anchors)]
    line = np.concatenate(pieces)
    return ((line[:-1] + line[1:]) / 2)[skipped : skipped + points]


@pytest.mark.parametrize(("spacing", "skipped", "half"), [(384, 64, 128), (192, 32, 64)])
def test_halves_are_cut_from_the_published_line(spacing: int, skipped: int, half: int) -> None:
    wanted = laid_as_published(3, spacing, skipped, 8 * half)
    halves = [half_line(3, k * half, half, spacing, skipped + 0.5, 5, 2.0) for k in range(8)]
    assert np.abs(np.concatenate(halves) - wanted).max() < 1e-6


def test_the_older_line_starts_on_an_anchor() -> None:
    line = half_line(3, 0, 257, 256, 0.0, 5, 1.75)
    assert np.array_equal(line[0], truncated(3, HALF_ANCHORS, 0, 5, 1.75))
    assert np.array_equal(line[256], truncated(3, HALF_ANCHORS, 1, 5, 1.75))


def test_neighbouring_halves_meet_on_the_line() -> None:
    line = np.concatenate([half_line(3, k * 128, 128, 384, 64.5, 64, 2.0) for k in range(24)])
    steps = np.abs(np.diff(line, axis=0)).max(1)
    joins = steps[127::128]
    assert joins.max() <= 2 * 2.0 / 384 + 1e-6  # no further than from one latent to the next
    assert steps.max() <= 2 * 2.0 / 384 + 1e-6


@pytest.mark.parametrize("first", [-(10**6), 10**12])
def test_far_places_are_as_exact_as_near_ones(first: int) -> None:
    first = first // 384 * 384
    line = half_line(3, first, 385, 384, 0.0, 8, 2.0)
    ends = [truncated(3, HALF_ANCHORS, first // 384 + k, 8, 2.0) for k in (0, 1)]
    assert np.abs(line - np.linspace(*ends, 385)).max() < 1e-6


@pytest.mark.parametrize("bound", [0.885, 1.75, 2.0, 8.0])
def test_anchors_are_normal_numbers_cut_at_the_bound(bound: float) -> None:
    x = np.concatenate([truncated(9, HALF_ANCHORS, k, 64, bound) for k in range(300)])
    assert np.abs(x).max() <= bound
    assert np.abs(x).max() > min(bound, 3) * 0.98
    assert abs(x.mean()) < 0.03
    chance = np.random.default_rng(1).standard_normal(400_000)
    assert abs(x.std() - chance[np.abs(chance) <= bound].std()) < 0.02


def test_styles_of_seeds_differ_and_hold() -> None:
    assert np.array_equal(half_style(4, 64, 2.0), half_style(4, 64, 2.0))
    assert np.abs(half_style(4, 64, 2.0) - half_style(5, 64, 2.0)).max() > 1
