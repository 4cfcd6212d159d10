"""Frechet distance: zero to itself, its closed form, and no bias in the limit."""

from __future__ import annotations

import numpy as np
import pytest

from rtgen.evaluate.distance import frechet_rows
from rtgen.evaluate.frechet import Scale, frechet, frechet_at_infinity, frechet_of_gaussians

DIMENSIONS = 12


def clips(count: int, away: float = 0.0, spread: float = 1.0, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [spread * rng.standard_normal((4, DIMENSIONS)) + away for _ in range(count)]


def test_a_set_is_no_distance_from_itself() -> None:
    points = np.concatenate(clips(50))
    assert frechet(points, points) == pytest.approx(0.0, abs=1e-9)


def test_it_grows_with_noise() -> None:
    points = np.concatenate(clips(200))
    rng = np.random.default_rng(1)
    found = [frechet(points, points + n * rng.standard_normal(points.shape)) for n in (0.2, 0.5, 1)]
    assert 0 < found[0] < found[1] < found[2]


def test_gaussians_have_their_closed_form() -> None:
    zero, one = np.zeros(3), np.ones(3)
    unit, wide = np.eye(3), 9 * np.eye(3)
    assert frechet_of_gaussians(zero, unit, one, unit) == pytest.approx(3.0)
    assert frechet_of_gaussians(zero, unit, zero, wide) == pytest.approx(3 * (3 - 1) ** 2)
    turned = np.array([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 1.0]])
    roots = np.sqrt([1.0, 3.0, 1.0])
    assert frechet_of_gaussians(zero, turned, zero, unit) == pytest.approx(((roots - 1) ** 2).sum())


def test_few_clips_are_biased_and_endless_ones_are_not() -> None:
    truth = DIMENSIONS * 0.2**2
    reference, others = clips(60, seed=2), clips(60, away=0.2, seed=3)
    plain = frechet(np.concatenate(reference), np.concatenate(others))
    endless = frechet_at_infinity(reference, others)
    assert endless is not None
    assert plain > 1.3 * truth
    assert abs(endless - truth) < abs(plain - truth) / 2


def test_too_few_clips_say_nothing_of_endless_ones() -> None:
    assert frechet_at_infinity(clips(5), clips(5)) is None


def test_a_scale_gives_unit_variance_and_lets_constants_be() -> None:
    points = np.concatenate(clips(100, away=3.0, spread=5.0))
    points[:, 0] = 7.0
    scaled = Scale.of(points)(points)
    assert scaled[:, 1:].std(0) == pytest.approx(1.0)
    assert np.isfinite(scaled).all()


def test_the_autoencoder_is_its_own_measure() -> None:
    systems = {
        "corpus": clips(60, seed=4),
        "autoencoder": clips(60, away=0.5, seed=5),
        "model": clips(60, away=1.0, seed=6),
    }
    rows = frechet_rows("x", clips(60, seed=7), systems)
    assert rows["autoencoder"]["fad_ratio:x"] == pytest.approx(1.0)
    # Four times, as distances go with the square.
    assert rows["model"]["fad_ratio:x"] == pytest.approx(4.0, rel=0.25)
    corpus = rows["corpus"]["fad_endless:x"]
    assert corpus is not None
    assert abs(corpus) < 0.5


def test_without_an_autoencoder_there_is_no_ratio() -> None:
    rows = frechet_rows("x", clips(60), {"model": clips(60, seed=1)})
    assert rows["model"]["fad_ratio:x"] is None
