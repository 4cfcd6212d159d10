"""A device that takes other blocks while it plays, or comes back at another rate."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np

from rtgen.output.jack_outlet import JackOutlet
from tests.fakes.jackd import tidy
from tests.output.test_jack_outlet import RATE, Ear, ear, filled, ramp, until

__all__ = ["ear"]


def test_blocks_of_other_sizes_while_it_plays_are_heard_without_a_gap(ear: Ear) -> None:
    buffer, second = filled(5 * RATE), RATE
    before = ear.client.blocksize
    with JackOutlet(connect=False) as outlet:
        outlet.start(buffer)
        ear.wire("rtgen")
        try:
            for block in (64, 1024, before):
                ear.client.blocksize = block
                place = buffer.playhead()
                assert until(lambda place=place: buffer.playhead() > place + second)
                assert ear.heard[-1].shape == (block, 2)
        finally:
            ear.client.blocksize = before
        assert buffer.stats()["underruns"] == 0
    sound = np.concatenate(ear.heard)[-second // 2 :]
    sound = sound[: int(np.flatnonzero(sound[:, 0])[-1]) - RATE // 100]
    first = round(float(sound[0, 0]) * 2**20)
    assert first > 2 * second
    assert np.array_equal(sound, ramp(5 * RATE)[first : first + len(sound)])


OTHER_RATE = """
import subprocess, sys, time
import numpy as np
from rtgen._bridge import TakeBuffer
from rtgen.output.jack_outlet import JackOutlet

name, said = sys.argv[1], []

def server(rate):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    jack = ["jackd", "-r", "-S", "-n", name, "-d", "dummy", "-r", str(rate), "-p", "256"]
    process = subprocess.Popen(jack, **quiet)
    subprocess.run(["jack_wait", "-w", "-t", "10", "-s", name], check=True, **quiet)
    return process

def until(outlet, condition):
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        outlet.watch()
        time.sleep(0.05)
    assert condition(), said

running = server(48000)
buffer = TakeBuffer(48000, 1 << 18)
try:
    with JackOutlet(tell=said.append) as outlet:
        outlet.start(buffer)
        for rate in (44100, 48000):
            running.kill(); running.wait()
            until(outlet, lambda: not outlet.heard)
            running = server(rate)
            if rate != 48000:
                until(outlet, lambda: len(said) == 2)
                later = time.monotonic() + 2.5
                until(outlet, lambda: time.monotonic() > later)
                assert not outlet.heard
        until(outlet, lambda: outlet.heard)
        place = buffer.stats()["frames"]
        until(outlet, lambda: buffer.stats()["frames"] > place + 9600)
finally:
    running.kill(); running.wait()
print("\\n".join(said))
"""


def test_a_server_that_is_back_at_another_rate_is_told_once_and_waited_for() -> None:
    name = f"rtgen-other-{os.getpid()}"
    environment = {**os.environ, "JACK_DEFAULT_SERVER": name, "JACK_NO_START_SERVER": "1"}
    try:
        program = subprocess.run(
            [sys.executable, "-c", OTHER_RATE, name],
            env=environment, capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
    finally:
        tidy(name)
    assert program.returncode == 0, program.stderr[-2000:]
    assert program.stdout.splitlines() == [
        "the JACK server stopped; playing into a null clock until it is back",
        "the JACK server is back at 44100 Hz: set it to 48000 Hz, or start rtgen again",
        "the JACK server is back",
    ]
