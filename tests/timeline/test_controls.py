"""The table of controls: ranges, words, chroma."""

import math

import numpy as np
import pytest

from rtgen.errors import ControlError
from rtgen.timeline import controls


@pytest.mark.parametrize("name", list(controls.TABLE))
def test_every_control_takes_its_ends_and_refuses_what_lies_beyond(name):
    c = controls.TABLE[name]
    assert controls.check(name, c.low) == c.low
    assert controls.check(name, c.high) == c.high
    for bad in (c.low - 0.01, c.high + 0.01):
        with pytest.raises(ControlError, match=name):
            controls.check(name, bad)


def test_auto_is_for_controls_that_may_be_free():
    assert math.isnan(controls.parse_value("density", "auto"))
    with pytest.raises(ControlError):
        controls.parse_value("tempo", "auto")


def test_chroma_reads_names_and_weighs_them_equally():
    weights = controls.parse_chroma("C, eb,G")
    assert np.allclose(weights, [1 / 3 if k in (0, 3, 7) else 0 for k in range(12)])
    assert controls.parse_chroma("D#") == controls.parse_chroma("Eb")
    assert controls.describe_chroma(weights) == "C,Eb,G"
    assert controls.describe_chroma(controls.parse_chroma("none")) == "none"
    assert controls.describe_chroma(controls.parse_chroma("any")) == "any"
    with pytest.raises(ControlError, match="H"):
        controls.parse_chroma("C,H")


def test_controllers_are_not_shared():
    numbers = [c.cc for c in controls.TABLE.values() if c.cc is not None]
    assert len(set(numbers)) == len(numbers)
