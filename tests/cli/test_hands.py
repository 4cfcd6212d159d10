"""What a hand did can be taken back; keys loop, morph and undo."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from rtgen._bridge import TakeBuffer
from rtgen.bundle.load import Bundle
from rtgen.cli.hands import Hands
from rtgen.cli.live import press
from rtgen.control.freezer import Freezer
from rtgen.stream.player import Player


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def player(tiny: Bundle) -> Iterator[Player]:
    buffer = TakeBuffer(44100, 1 << 19)
    with Player(tiny, buffer, seed=3, style=8) as player:
        until(lambda: player.snapshot().lead_seconds > 1)
        yield player


@pytest.fixture
def hands(player: Player) -> Hands:
    assert isinstance(player.sink, TakeBuffer)
    return Hands(player, player.sink)


def test_controls_seeds_and_styles_are_taken_back_in_turn(hands: Hands, player: Player) -> None:
    hands.set("density", 12.0)
    hands.set_styles(5, 6)
    until(lambda: player.voice.style_b == 6)
    hands.new_seed(99)
    until(lambda: player.voice.seed == 99)
    assert hands.undo() == "seed"
    until(lambda: player.voice.seed == 3)
    assert (player.voice.style_a, player.voice.style_b) == (5, 6)
    assert hands.undo() == "style"
    until(lambda: player.voice.style_b is None)
    assert player.voice.style_a == 8
    assert hands.undo() == "density"
    until(lambda: player.value("density") == 7.0)
    assert hands.undo() is None


def test_keys_loop_morph_and_undo(hands: Hands, player: Player) -> None:
    freezer = Freezer(hands)
    press("l", hands, freezer)
    until(lambda: player.voice.loop is not None)
    press("l", hands, freezer)
    until(lambda: player.voice.loop is None)
    press("u", hands, freezer)
    until(lambda: player.voice.loop is not None)
    press("m", hands, freezer)
    until(lambda: player.voice.style_b is not None)
    assert player.timeline.lanes["morph"].events[-1].value == 1.0


def test_the_key_of_freezing_goes_back_to_the_variation_that_was(
    hands: Hands, player: Player
) -> None:
    freezer = Freezer(hands)
    hands.set("variation", 0.4)
    for wanted in (0.0, 0.4, 0.0, 0.4):
        press("f", hands, freezer)
        assert player.value("variation") == wanted
