"""What may be true of a performer after strangers steered it."""

from __future__ import annotations

import math

from rtgen.control.osc_addresses import FARTHEST_SECONDS, MOST_BARS
from rtgen.timeline.controls import TABLE
from rtgen.timeline.seeds import DRAWN_SEEDS
from tests.fakes.notebook import Notebook


def in_range(notebook: Notebook) -> None:
    """Demand that nothing it was told lies outside of what a player takes."""
    for name, control in TABLE.items():
        value = notebook.values[name]
        low, high = notebook.span(name)
        assert isinstance(value, float | int)
        assert low <= value <= high or (control.auto and math.isnan(value)), (name, value)
    low, high = notebook.span("gain")
    assert low <= notebook.gain_db <= high
    seeds = (notebook.seed, *notebook.styles, *(seed for seed, _ in notebook.morphs))
    assert all(0 <= seed < DRAWN_SEEDS for seed in seeds if seed is not None), seeds
    assert notebook.looped is None or 0 < notebook.looped <= MOST_BARS
    assert all(0 < bars <= MOST_BARS for _, bars in notebook.morphs)
    assert 0 <= notebook.position <= FARTHEST_SECONDS
