"""Addresses do what they say, and nothing else does anything."""

from __future__ import annotations

import math

import pytest

from rtgen.control.osc_addresses import AddressSpace
from rtgen.control.osc_datagram import Argument, Refused
from rtgen.errors import ControlError
from rtgen.timeline.controls import ANY_CHROMA, CHROMA, TABLE, chroma_of
from tests.fakes.notebook import Notebook


@pytest.fixture
def player() -> Notebook:
    return Notebook()


@pytest.fixture
def space(player: Notebook) -> AddressSpace:
    return AddressSpace(player)


@pytest.mark.parametrize("name", TABLE)
def test_every_control_of_the_table_has_an_address_in_its_own_unit(
    name: str, player: Notebook, space: AddressSpace
) -> None:
    low, high = player.span(name)
    space.act(f"/rtgen/{name}", [low + 0.25 * (high - low)])
    assert player.values[name] == pytest.approx(low + 0.25 * (high - low))


@pytest.mark.parametrize("name", TABLE)
def test_every_control_has_a_fader_over_the_range_of_the_model(
    name: str, player: Notebook, space: AddressSpace
) -> None:
    space.act(f"/rtgen/norm/{name}", [1])
    assert player.values[name] == player.span(name)[1]
    space.act(f"/rtgen/norm/{name}", [-3.0])
    assert player.values[name] == player.span(name)[0]


def test_values_beyond_the_range_stop_at_its_end(player: Notebook, space: AddressSpace) -> None:
    space.act("/rtgen/tempo", [1e9])
    assert player.values["tempo"] == 180
    space.act("/rtgen/gain", [-500])
    assert player.gain_db == -60


def test_a_control_may_be_left_to_the_model_where_it_can(
    player: Notebook, space: AddressSpace
) -> None:
    space.act("/rtgen/density", ["auto"])
    density = player.values["density"]
    assert isinstance(density, float)
    assert math.isnan(density)
    with pytest.raises(Refused):
        space.act("/rtgen/tempo", ["auto"])


@pytest.mark.parametrize(
    "words", [["C,Eb,G"], ["C", "Eb", "G"], ["c", "d#", "g"]], ids=lambda w: " ".join(w)
)
def test_a_chord_is_named(words: list[Argument], player: Notebook, space: AddressSpace) -> None:
    space.act("/rtgen/chroma", words)
    assert player.values[CHROMA] == chroma_of({0, 3, 7})


def test_keys_hold_a_chord_until_they_are_let_go(player: Notebook, space: AddressSpace) -> None:
    space.act("/rtgen/key/C", [1])
    space.act("/rtgen/key/G", [1.0])
    assert player.values[CHROMA] == chroma_of({0, 7})
    space.act("/rtgen/key/C", [0])
    assert player.values[CHROMA] == chroma_of({7})
    space.act("/rtgen/panic", [])
    assert player.values[CHROMA] == ANY_CHROMA
    assert player.paused


def test_a_button_acts_when_pressed_and_not_when_let_go(
    player: Notebook, space: AddressSpace
) -> None:
    for path in ("/rtgen/seed/new", "/rtgen/panic", "/rtgen/transport/pause"):
        space.act(path, [0.0])
    assert (player.seed, player.panics, player.paused) == (0, 0, False)
    for path in ("/rtgen/seed/new", "/rtgen/transport/pause"):
        space.act(path, [1.0])
    assert player.seed != 0
    assert player.paused
    space.act("/rtgen/transport/play", [])
    assert not player.paused


def test_bars_repeat_styles_glide_and_changes_are_taken_back(
    player: Notebook, space: AddressSpace
) -> None:
    space.act("/rtgen/loop", [4])
    assert player.looped == 4
    space.act("/rtgen/loop", [0])
    assert player.looped is None
    space.act("/rtgen/morph/to", [77, 8])
    assert player.morphs == [(77, 8)]
    space.act("/rtgen/undo", [])
    space.act("/rtgen/undo", [0])
    assert player.undone == 1


def test_seeds_styles_and_position_are_set(player: Notebook, space: AddressSpace) -> None:
    space.act("/rtgen/seed", [4711])
    space.act("/rtgen/style/b", [5])
    space.act("/rtgen/style/a", [4])
    space.act("/rtgen/transport/seek", [12.5])
    assert (player.seed, player.styles, player.position) == (4711, (4, 5), 12.5)


def test_freezing_goes_back_to_the_variation_that_was(
    player: Notebook, space: AddressSpace
) -> None:
    player.values["variation"] = 0.7
    space.act("/rtgen/freeze", [1])
    space.act("/rtgen/freeze", [1])
    assert player.values["variation"] == 0.0
    space.act("/rtgen/freeze", [0])
    assert player.values["variation"] == 0.7


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/rtgen/density", []),
        ("/rtgen/density", [1.0, 2.0]),
        ("/rtgen/density", [math.nan]),
        ("/rtgen/density", [math.inf]),
        ("/rtgen/density", ["7"]),
        ("/rtgen/density", [None]),
        ("/rtgen/loop", [65]),
        ("/rtgen/loop", [-1]),
        ("/rtgen/morph/to", [5]),
        ("/rtgen/morph/to", [5, 0]),
        ("/rtgen/morph/to", [-5, 4]),
        ("/rtgen/seed", [-1]),
        ("/rtgen/seed", [2**40]),
        ("/rtgen/chroma", [0]),
        ("/rtgen/chroma", ["H"]),
        ("/rtgen/key/H", [1]),
        ("/rtgen", [1]),
        ("/rtgen/density/", [1.0]),
        ("/RTGEN/density", [1.0]),
        ("/other/density", [1.0]),
    ],
)
def test_what_makes_no_sense_moves_nothing(
    path: str, given: list[Argument], player: Notebook, space: AddressSpace
) -> None:
    with pytest.raises((Refused, ControlError)):
        space.act(path, given)
    assert player.calls == 0
