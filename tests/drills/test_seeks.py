"""Thousands of jumps: the last one counts, and nothing is left of the others."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

import numpy as np

from rtgen.audio.resample import Resampler
from rtgen.bundle.load import Bundle
from rtgen.serve.server import socket_path
from rtgen.stream import offline
from rtgen.stream.player import Player
from rtgen.stream.renderer import Renderer, Voice
from rtgen.stream.sink import MemorySink
from rtgen.timeline.events import ControlTimeline
from tests.drills.live_host import RATE, LiveHost
from tests.drills.resources import resident_bytes
from tests.fakes.host import Host
from tests.hosts.conftest import EngineProcess, Render

SEEKS = 3000
WARM = 1000
LAST = 123_456_789
MOST_GROWTH_BYTES = 8_000_000
PATIENCE_SECONDS = 30.0


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.005)


def test_a_host_that_seeks_thousands_of_times_hears_where_it_ends(
    engine: EngineProcess, render: Render
) -> None:
    chance = Random(3)
    with Host(socket_path()) as host:
        host.say(playing=True, tempo=120.0)
        for k in range(SEEKS):
            host.locate(chance.randrange(10**9), playing=True)
            if k % 20 == 0:
                until(lambda: host.segment.answered() >= host.segment.revision)
            if k == WARM:
                warm = resident_bytes(engine.pid)
        assert resident_bytes(engine.pid) - warm < MOST_GROWTH_BYTES
        host.locate(LAST, playing=True, offline=True)
        heard = host.bounce(LAST, RATE)
    wanted = render(RATE, LAST, RATE, tempo=120.0)
    edge = RATE // 100
    assert np.abs(heard - wanted)[edge:].max() < 1e-4


def test_the_plugin_is_heard_after_hundreds_of_seeks_of_its_host(host: LiveHost) -> None:
    chance = Random(4)
    for _ in range(300):
        host.say(f"seek {chance.randrange(10**9)}")
        time.sleep(0.005)
    host.until_heard()
    before = host.meters()["underruns"]
    assert host.go_on(1.0)["underruns"] == before
    assert host.end()[1]["not_finite"] == 0


def test_a_player_that_seeks_thousands_of_times_hears_where_it_ends(tiny: Bundle) -> None:
    chance, sink = Random(5), MemorySink(RATE, 1 << 19)
    with Player(tiny, sink, seed=4) as player:
        for _ in range(SEEKS):
            player.seek(chance.uniform(0.0, 1e5))
            sink.read(64)
        player.seek(LAST / RATE)
        until(lambda: sink.playhead() == LAST and player.snapshot().lead_seconds > 0.5)
        heard = sink.read(4096)
    wanted = offline.samples(
        Renderer(tiny), Voice(4), ControlTimeline(), Resampler(RATE), LAST, len(heard)
    )
    assert np.abs(heard - wanted).max() < 1e-5
