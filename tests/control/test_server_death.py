"""A JACK server that dies takes nothing with it, and is found again when it is back."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.fakes.jackd import tidy

KEYBOARD = """
import rtmidi, time
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="piano")
out.open_virtual_port("keys")
while True:
    out.send_message([0xB0, 1, 5])
    time.sleep(0.05)
"""

PROGRAM = """
import contextlib, subprocess, sys, time
from rtgen.control.ports import MidiInputs

name, how, keyboard = sys.argv[1:]

@contextlib.contextmanager
def server_with_keyboard():
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    jack = ["jackd", "-r", "-S", "-n", name, "-d", "dummy", "-r", "48000", "-p", "256"]
    server = subprocess.Popen(jack, **quiet)
    subprocess.run(["jack_wait", "-w", "-t", "10", "-s", name], check=True, **quiet)
    piano = subprocess.Popen([sys.executable, "-c", keyboard], **quiet)
    try:
        yield
    finally:
        for process in (server, piano):
            process.kill()
            process.wait()

def until(condition):
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()

messages, losses = [], []
with contextlib.ExitStack() as stack:
    with server_with_keyboard():
        inputs = stack.enter_context(
            MidiInputs(lambda m, _: messages.append(m), lost=lambda: losses.append(1))
        )
        assert until(lambda: messages), "nothing is heard"
    assert until(lambda: losses), "the loss is not noticed"
    assert inputs.names == []
    messages.clear()
    with server_with_keyboard():
        assert until(lambda: messages), "the new server is not found"
        losses.clear()
    if how == "close at once":
        stack.close()
    else:
        assert until(lambda: losses), "the second loss is not noticed"
print("whole")
"""


def survives(how: str) -> bool:
    name = f"rtgen-mortal-{os.getpid()}"
    environment = {**os.environ, "JACK_DEFAULT_SERVER": name, "JACK_NO_START_SERVER": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, name, how, KEYBOARD],
            env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    finally:
        tidy(name)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout == "whole\n"


def test_inputs_outlive_two_deaths_of_the_server() -> None:
    assert survives("wait")


def test_inputs_close_right_after_the_server_died() -> None:
    assert survives("close at once")
