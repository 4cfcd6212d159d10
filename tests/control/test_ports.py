"""MIDI inputs on a real JACK server: found, opened, lost and found again."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
import rtmidi

from rtgen.control.midi_system import input_names
from rtgen.control.ports import MidiInputs
from rtgen.control.stamps import Stamps
from rtgen.control.surface import MidiSurface
from rtgen.errors import MidiError
from rtgen.timeline.controls import ANY_CHROMA, CHROMA, chroma_of
from tests.fakes.notebook import Notebook

pytestmark = pytest.mark.usefixtures("jack_server")
PATIENCE_SECONDS = 10.0


@contextlib.contextmanager
def keyboard(name: str) -> Iterator[Any]:
    """Somebody's MIDI keyboard."""
    out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=name)
    out.open_virtual_port("keys")
    try:
        yield out
    finally:
        out.close_port()
        out.delete()


class Inbox:
    def __init__(self) -> None:
        self.messages: list[list[int]] = []
        self.times: list[float] = []
        self.losses = 0

    def receive(self, message: list[int], now: float) -> None:
        self.messages.append(message)
        self.times.append(now)

    def lose(self) -> None:
        self.losses += 1


def until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_a_keyboard_is_listed_and_heard() -> None:
    inbox = Inbox()
    with keyboard("piano") as out, MidiInputs(inbox.receive) as inputs:
        assert any("piano" in name for name in input_names())
        assert any("piano" in name for name in inputs.names)
        out.send_message([0xB0, 1, 99])
        assert until(lambda: inbox.messages == [[0xB0, 1, 99]])


def test_a_sequencer_of_other_people_sets_the_chord() -> None:
    player = Notebook()
    surface = MidiSurface(player, (100.0, 180.0))
    chord = [word for note in (60, 63, 67) for word in ("0", str(note), "20000")]
    with MidiInputs(surface.receive) as inputs:
        sequencer = subprocess.Popen(
            ["jack_midiseq", "stranger", "48000", *chord], stdout=subprocess.DEVNULL
        )
        try:
            assert until(lambda: any("stranger" in name for name in inputs.names))
            assert until(lambda: player.values[CHROMA] == chroma_of({0, 3, 7}))
            assert until(lambda: player.values[CHROMA] == ANY_CHROMA)
        finally:
            sequencer.terminate()
            sequencer.wait(PATIENCE_SECONDS)


def test_only_the_wanted_keyboard_is_heard() -> None:
    inbox = Inbox()
    with keyboard("piano") as piano, keyboard("organ") as organ:
        with MidiInputs(inbox.receive, "ORG"):
            piano.send_message([0xB0, 1, 1])
            organ.send_message([0xB0, 1, 2])
            assert until(lambda: len(inbox.messages) > 0)
            assert inbox.messages == [[0xB0, 1, 2]]


def test_an_unknown_keyboard_is_refused_with_the_ones_there_are() -> None:
    with keyboard("piano"), pytest.raises(MidiError, match="'kazoo'") as caught:
        MidiInputs(lambda _message, _now: None, "kazoo")
    assert caught.value.hint is not None
    assert "piano" in caught.value.hint


def test_programs_can_connect_to_a_port_of_our_name() -> None:
    inbox = Inbox()
    with MidiInputs(inbox.receive):
        out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="sequencer")
        ports = out.get_ports()
        ours = [k for k, name in enumerate(ports) if name.endswith("rtgen:rtgen")]
        assert ours, ports
        out.open_port(ours[0])
        out.send_message([0x90, 60, 100])
        assert until(lambda: [0x90, 60, 100] in inbox.messages)
        out.close_port()
        out.delete()


def test_a_cable_that_is_pulled_and_put_back_works_again() -> None:
    inbox = Inbox()
    with MidiInputs(inbox.receive, lost=inbox.lose) as inputs:
        with keyboard("piano"):
            assert until(lambda: any("piano" in name for name in inputs.names))
        assert until(lambda: not any("piano" in name for name in inputs.names))
        assert until(lambda: inbox.losses == 1)
        with keyboard("piano") as out:
            assert until(lambda: any("piano" in name for name in inputs.names))
            out.send_message([0xB0, 11, 5])
            assert until(lambda: [0xB0, 11, 5] in inbox.messages)


def test_a_flood_arrives_in_order_and_to_its_end() -> None:
    inbox = Inbox()
    with keyboard("piano") as out, MidiInputs(inbox.receive):
        for k in range(5000):
            out.send_message([0xB0, 1, k % 128])
            if k % 50 == 49:
                time.sleep(0.01)  # a JACK port holds no more than a few hundred
        assert until(lambda: len(inbox.messages) == 5000)
    assert [m[2] for m in inbox.messages] == [k % 128 for k in range(5000)]
    assert inbox.times == sorted(inbox.times)


def test_system_exclusive_is_left_out() -> None:
    inbox = Inbox()
    with keyboard("piano") as out, MidiInputs(inbox.receive):
        out.send_message([0xF0, *range(100), 0xF7])
        out.send_message([0xB0, 1, 3])
        assert until(lambda: len(inbox.messages) > 0)
    assert inbox.messages == [[0xB0, 1, 3]]


def test_closing_twice_is_harmless() -> None:
    inputs = MidiInputs(lambda _message, _now: None)
    inputs.close()
    inputs.close()
    assert inputs.names == []


def test_stamps_keep_the_drivers_spacing_while_python_is_late() -> None:
    stamps = Stamps()
    late = [0.001, 0.004, 0.012, 0.0, 0.003, 0.02, 0.001] * 20
    times = [stamps.at(0.02, k * 0.02 + wait) for k, wait in enumerate(late)]
    steps = [b - a for a, b in pairwise(times[20:])]
    assert max(abs(step - 0.02) for step in steps) < 0.012
    assert sum(abs(step - 0.02) for step in steps) / len(steps) < 0.002


def test_stamps_start_anew_after_messages_went_by_unseen() -> None:
    stamps = Stamps()
    stamps.at(0.0, 10.0)
    assert stamps.at(0.01, 12.0) == 12.0
    assert stamps.at(5.0, 12.1) == 12.1
