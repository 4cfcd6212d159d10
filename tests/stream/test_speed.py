"""Speed is told of every precision; how large it is depends on the machine."""

from __future__ import annotations

from rtgen.bundle.load import Bundle
from rtgen.stream.speed import decoding, rendering


def test_every_precision_takes_its_turn(techno: Bundle) -> None:
    for found in (rendering(techno, 6.0, 2, count=2), decoding(techno, 6.0, 2)):
        assert list(found) == ["fp32", "int8"]
        for factors in found.values():
            assert 0 < factors["min"] <= factors["median"] <= factors["max"]
            assert factors["runs"] == 2


def test_a_bundle_without_int8_has_one_precision(tiny: Bundle) -> None:
    assert list(decoding(tiny, 6.0, 1)) == ["fp32"]
