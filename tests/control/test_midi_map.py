"""What knobs mean, in every way that they speak."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rtgen.control.midi_map import (
    DEFAULT_MAPPINGS,
    GAIN,
    Encoding,
    Mapping,
    MidiMap,
    parse_mapping,
    relative_step,
)
from rtgen.errors import MidiError
from rtgen.timeline.controls import TABLE

Here = Callable[[str], float]


def middle(name: str) -> float:
    return 0.0 if name == GAIN else (TABLE[name].low + TABLE[name].high) / 2


def test_the_modulation_wheel_moves_the_density_from_end_to_end() -> None:
    knobs = MidiMap()
    assert knobs.turn(1, 0, middle) == ("density", TABLE["density"].low)
    assert knobs.turn(1, 127, middle) == ("density", TABLE["density"].high)


def test_every_default_knob_covers_its_control() -> None:
    for mapping in DEFAULT_MAPPINGS:
        if not mapping.nrpn:
            assert MidiMap().turn(mapping.number, 127, middle) == (mapping.control, mapping.high)


def test_a_controller_that_nobody_mapped_moves_nothing() -> None:
    assert MidiMap().turn(20, 64, middle) is None


def test_a_fine_byte_refines_the_coarse_one() -> None:
    knobs = MidiMap()
    coarse = knobs.turn(1, 64, middle)
    fine = knobs.turn(33, 127, middle)
    assert coarse is not None
    assert fine is not None
    assert fine[1] == pytest.approx(18 * (64 * 128 + 127) / 16383)


def test_a_fine_byte_without_its_coarse_one_says_nothing() -> None:
    assert MidiMap().turn(33, 5, middle) is None


def test_the_bytes_of_two_channels_are_not_mixed_up() -> None:
    knobs = MidiMap()
    knobs.turn(1, 100, middle, channel=0)
    assert knobs.turn(33, 5, middle, channel=1) is None


def test_a_knob_of_its_own_wins_over_being_the_fine_byte_of_another() -> None:
    knobs = MidiMap((*DEFAULT_MAPPINGS, Mapping(33, "energy")))
    knobs.turn(1, 64, middle)
    assert knobs.turn(33, 127, middle) == ("energy", 1.0)


def send_nrpn(knobs: MidiMap, number: int, coarse: int) -> tuple[str, float] | None:
    knobs.turn(99, number >> 7, middle)
    knobs.turn(98, number & 127, middle)
    return knobs.turn(6, coarse, middle)


def test_an_nrpn_moves_its_control_in_fourteen_bits() -> None:
    knobs = MidiMap((Mapping(300, "energy", nrpn=True),))
    assert send_nrpn(knobs, 300, 127) == ("energy", 1.0)
    send_nrpn(knobs, 300, 64)
    turned = knobs.turn(38, 32, middle)
    assert turned == ("energy", pytest.approx((64 * 128 + 32) / 16383))


def test_data_for_another_or_no_parameter_moves_nothing() -> None:
    knobs = MidiMap((Mapping(300, "energy", nrpn=True),))
    assert knobs.turn(6, 64, middle) is None
    assert send_nrpn(knobs, 301, 64) is None
    send_nrpn(knobs, 300, 64)
    knobs.turn(101, 0, middle)  # pitch bend range: a registered parameter
    knobs.turn(100, 0, middle)
    assert knobs.turn(6, 2, middle) is None


def test_the_step_buttons_of_an_nrpn_step() -> None:
    knobs = MidiMap((Mapping(300, "energy", nrpn=True),))
    send_nrpn(knobs, 300, 64)
    assert knobs.turn(96, 0, lambda _: 0.5) == ("energy", pytest.approx(0.51))
    assert knobs.turn(97, 0, lambda _: 0.5) == ("energy", pytest.approx(0.49))


@pytest.mark.parametrize(
    ("encoding", "data", "clicks"),
    [
        ("twos", 1, 1),
        ("twos", 63, 63),
        ("twos", 127, -1),
        ("twos", 64, -64),
        ("offset", 65, 1),
        ("offset", 63, -1),
        ("offset", 64, 0),
        ("sign", 1, 1),
        ("sign", 65, -1),
        ("sign", 0, 0),
        ("sign", 127, -63),
    ],
)
def test_relative_encoders_click(encoding: Encoding, data: int, clicks: int) -> None:
    assert relative_step(encoding, data) == clicks


def test_a_relative_encoder_starts_from_where_the_control_is_and_stays_in_range() -> None:
    knobs = MidiMap((Mapping(20, "energy", "twos"),))
    assert knobs.turn(20, 1, lambda _: 0.5) == ("energy", pytest.approx(0.51))
    assert knobs.turn(20, 63, lambda _: 0.9) == ("energy", 1.0)
    assert knobs.turn(20, 65, lambda _: 0.1) == ("energy", 0.0)


def test_a_picked_up_knob_waits_until_it_passes_the_value() -> None:
    knobs = MidiMap((Mapping(20, "energy", pick_up=True),))
    moved = [knobs.turn(20, data, lambda _: 0.5) for data in (10, 40, 80, 90)]
    assert moved[:2] == [None, None]
    assert moved[2] == ("energy", pytest.approx(80 / 127))


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        ("20=density", Mapping(20, "density")),
        ("21=energy:twos", Mapping(21, "energy", "twos")),
        ("74=variation:pickup", Mapping(74, "variation", pick_up=True)),
        ("nrpn300=morph", Mapping(300, "morph", nrpn=True)),
        ("7=gain", Mapping(7, "gain")),
    ],
)
def test_a_mapping_is_read_as_typed(text: str, mapping: Mapping) -> None:
    assert parse_mapping(text) == mapping


@pytest.mark.parametrize(
    "text", ["", "20", "=density", "x=density", "120=density", "-1=density", "20=colour",
             "20=density:loud", "nrpn16384=density", "nrpn=density", "²=density"]
)  # fmt: skip
def test_a_mapping_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(MidiError):
        parse_mapping(text)


def test_later_mappings_win() -> None:
    knobs = MidiMap((*DEFAULT_MAPPINGS, Mapping(1, "energy")))
    assert knobs.turn(1, 127, middle) == ("energy", 1.0)
