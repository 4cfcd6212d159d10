"""A probe finds classes that are there, and none that are not."""

from __future__ import annotations

import numpy as np

from rtgen.evaluate.styles import between_over_within, probe, style_figures

STYLES, EACH, DIMENSIONS = 6, 10, 8
LABELS = np.repeat(np.arange(STYLES), EACH)


def points(apart: float) -> np.ndarray:
    rng = np.random.default_rng(0)
    centres = apart * rng.standard_normal((STYLES, DIMENSIONS))
    return centres[LABELS] + rng.standard_normal((len(LABELS), DIMENSIONS))


def test_separable_styles_are_told_apart() -> None:
    row = style_figures("x", points(apart=6.0), LABELS)
    assert row["style_probe:x"] == 1.0
    assert row["style_pairs:x"] == 1.0
    assert between_over_within(points(6.0), LABELS) > 2


def test_shuffled_styles_are_not() -> None:
    dealt = np.random.default_rng(1).permutation(LABELS)
    row = style_figures("x", points(apart=6.0), dealt)
    probed, pairs = row["style_probe:x"], row["style_pairs:x"]
    assert probed is not None
    assert pairs is not None
    assert probed < 2.5 / STYLES
    assert 0.3 < pairs < 0.7
    assert abs(between_over_within(points(6.0), dealt) - 1) < 0.1


def test_a_smaller_difference_is_heard_less() -> None:
    assert probe(points(0.3), LABELS) < probe(points(1.0), LABELS) < probe(points(6.0), LABELS)
