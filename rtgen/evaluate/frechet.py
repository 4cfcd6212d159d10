"""Frechet distance between two sets of points, and what it would be with endless clips.

Sources: Dowson & Landau, "The Frechet distance between multivariate normal distributions" (1982);
Kilgour et al., "Frechet audio distance" (2018); the extrapolation after Gui et al., "Adapting
Frechet audio distance for generative music evaluation" (2023), but of both sets at once and drawn
by clip, since windows of one clip are alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rtgen.evaluate.embeddings import Floats, Points

SIZES, DRAWS = 8, 8
SMALLEST_SUBSET, LARGEST_SUBSET = 0.33, 0.9
SMALLEST_SPREAD = 1e-3


@dataclass(frozen=True)
class Scale:
    """Mean and spread per dimension; distances are measured after it, so that decibels and
    correlations weigh alike."""

    mean: Floats
    spread: Floats

    @classmethod
    def of(cls, points: Points) -> Scale:
        """The scale on which these points have unit variance."""
        return cls(points.mean(0), np.maximum(points.std(0), SMALLEST_SPREAD))

    def __call__(self, points: Points) -> Points:
        return (points - self.mean) / self.spread


def frechet_of_gaussians(mean_a: Floats, cov_a: Floats, mean_b: Floats, cov_b: Floats) -> float:
    """|mean_a - mean_b|^2 + tr(cov_a + cov_b - 2 (cov_a^1/2 cov_b cov_a^1/2)^1/2)."""
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    inner = np.linalg.eigvalsh(root @ cov_b @ root)
    cross = np.sqrt(np.maximum(inner, 0)).sum()
    away = float(((mean_a - mean_b) ** 2).sum())
    return away + float(np.trace(cov_a) + np.trace(cov_b) - 2 * cross)


def frechet(a: Points, b: Points) -> float:
    """The distance between the Gaussians that fit two sets of points (n, d), (m, d)."""
    covariances = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (a, b))
    cov_a, cov_b = covariances
    return frechet_of_gaussians(a.mean(0), cov_a, b.mean(0), cov_b)


def frechet_at_infinity(reference: list[Points], clips: list[Points]) -> float | None:
    """The intercept over 1 / n of the distance between random subsets of n clips of each set.

    A covariance from n clips is too small in some directions and too large in others, which makes
    every distance too large by about 1 / n, on either side. None where the smallest subset would
    have fewer points than dimensions.
    """
    most = min(len(reference), len(clips))
    points = min(sum(map(len, reference)) / len(reference), sum(map(len, clips)) / len(clips))
    if most * SMALLEST_SUBSET * points < reference[0].shape[1]:
        return None
    rng = np.random.default_rng(7)
    sizes, distances = [], []
    for size in np.linspace(most * SMALLEST_SUBSET, most * LARGEST_SUBSET, SIZES).astype(int):
        for _ in range(DRAWS):
            a, b = (
                np.concatenate([x[int(i)] for i in rng.choice(len(x), size, replace=False)])
                for x in (reference, clips)
            )
            sizes.append(size)
            distances.append(frechet(a, b))
    _, intercept = np.polyfit(1 / np.array(sizes), distances, 1)
    return float(intercept)
