"""A device that sends without a pause is unplugged, and nothing of it is touched too early."""

from __future__ import annotations

import subprocess
import sys
import weakref

import pytest
import rtmidi

from rtgen.control.ear import Ear

pytestmark = pytest.mark.usefixtures("jack_server")

FLOOD = """
import rtmidi, time
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="flood")
out.open_virtual_port("keys")
time.sleep(2.0)
until, sent = time.monotonic() + 0.7, 0
while time.monotonic() < until:
    for _ in range(20):
        out.send_message([0xB0, 1, sent % 128])
        sent += 1
    time.sleep(0.002)
out.close_port()
out.delete()
"""

PROGRAM = """
import subprocess, sys, threading, time
from rtgen.control.ports import MidiInputs

def until(condition):
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert condition()

def work():
    while True:
        sum(range(20000))

messages = []
for _ in range(2):
    threading.Thread(target=work, daemon=True).start()
with MidiInputs(lambda message, _: messages.append(message)) as inputs:
    for _ in range(3):
        messages.clear()
        flood = subprocess.Popen([sys.executable, "-c", sys.argv[1]])
        until(lambda: any("flood" in name for name in inputs.names))
        assert flood.wait() == 0
        until(lambda: not inputs.names)
        assert len(messages) > 100, len(messages)
"""


class Device:
    """An input port that keeps its callback as rtmidi does: in a pair that its thread borrows."""

    def __init__(self) -> None:
        self.pair: tuple | None = None
        self.said: list[str] = []

    def ignore_types(self, **_: bool) -> None: ...

    def set_callback(self, callback: Ear) -> None:
        self.pair = (callback, None)

    def cancel_callback(self) -> None:
        self.pair = None
        self.said.append("cancelled")

    def close_port(self) -> None:
        self.said.append("closed")

    def delete(self) -> None:
        self.said.append("deleted")


def test_what_rtmidis_thread_borrows_is_there_after_the_port_is_closed() -> None:
    device = Device()
    ear = Ear(device, lambda *_: None)
    watched = weakref.ref(ear)
    ear.close()
    assert device.said == ["cancelled", "closed", "deleted"]
    del ear
    assert watched() is not None, "the pair was let go, and what it holds"


def test_rtmidi_keeps_its_callback_in_such_a_pair() -> None:
    port = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="ear")
    ear = Ear(port, lambda *_: None)
    watched = weakref.ref(ear)
    ear.close()
    del ear
    assert watched() is not None


def test_a_closed_ear_hands_nothing_on() -> None:
    heard: list[list[int]] = []
    ear = Ear(Device(), lambda message, _: heard.append(message))
    ear(([0xB0, 1, 2], 0.0))
    ear(([0xF0, 1, 2, 0xF7], 0.0))
    ear.close()
    ear(([0xB0, 1, 3], 0.0))
    assert heard == [[0xB0, 1, 2]]
    assert ear.heard == 3


def test_a_device_that_floods_is_unplugged_again_and_again() -> None:
    command = [sys.executable, "-X", "faulthandler", "-c", PROGRAM, FLOOD]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
