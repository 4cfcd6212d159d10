"""Our own JACK client: its sound is what was written, where the transport is, and it comes back."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import jack
import numpy as np
import numpy.typing as npt
import pytest

from rtgen._bridge import TakeBuffer
from rtgen.bundle.load import Bundle
from rtgen.errors import DeviceError
from rtgen.output.jack_outlet import JackOutlet
from rtgen.output.transport import LedSink, TransportFollower
from rtgen.stream.player import Player
from tests.fakes.jackd import tidy

RATE = 48000
PATIENCE_SECONDS = 10.0
Floats = npt.NDArray[np.float32]


def until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


class Ear:
    """A client that hears our two ports, and where the transport was at each block."""

    def __init__(self) -> None:
        self.client = jack.Client("ear")
        self.ports = [self.client.inports.register(name) for name in ("left", "right")]
        self.heard: list[Floats] = []
        self.frames: list[int] = []
        self.client.set_process_callback(self._process)

    def _process(self, _frames: int) -> None:
        state, position = self.client.transport_query_struct()
        self.frames.append(position.frame if state == jack.ROLLING else -1)
        self.heard.append(np.stack([p.get_array() for p in self.ports], axis=1).copy())

    def wire(self, name: str) -> None:
        for port, side in zip(self.ports, ("out_left", "out_right"), strict=True):
            self.client.connect(f"{name}:{side}", port)


@pytest.fixture
def ear(jack_server: str) -> Iterator[Ear]:
    ear = Ear()
    with ear.client:
        yield ear
        ear.client.transport_stop()
        ear.client.transport_frame = 0


def ramp(frames: int) -> Floats:
    line = np.arange(frames, dtype=np.float32) / 2**20
    return np.stack([line, -line], axis=1)


def filled(frames: int) -> TakeBuffer:
    buffer = TakeBuffer(RATE, 1 << 18)
    buffer.begin_take(0, True)
    assert buffer.write(ramp(frames)) == frames
    return buffer


def test_it_has_the_servers_rate_and_two_ports_wired_to_the_speakers(ear: Ear) -> None:
    with JackOutlet() as outlet:
        assert (outlet.rate, outlet.block) == (RATE, 256)
        outlet.start(filled(RATE))
        left, right = ear.client.get_ports("rtgen:out_", is_output=True)
        assert [p.name for p in ear.client.get_all_connections(left)] == ["system:playback_1"]
        assert [p.name for p in ear.client.get_all_connections(right)] == ["system:playback_2"]


def test_it_wires_nothing_when_asked_not_to(ear: Ear) -> None:
    with JackOutlet(connect=False) as outlet:
        outlet.start(filled(RATE))
        left, _right = ear.client.get_ports("rtgen:out_", is_output=True)
        assert ear.client.get_all_connections(left) == []


def test_what_it_plays_is_what_was_written_without_a_gap(ear: Ear) -> None:
    buffer = filled(3 * RATE)
    with JackOutlet(connect=False) as outlet:
        outlet.start(buffer)
        ear.wire("rtgen")
        assert until(lambda: buffer.playhead() >= 2 * RATE)
    sound = np.concatenate(ear.heard)
    start = int(np.flatnonzero(sound[:, 0] > 4096 / 2**20)[0])
    first = round(float(sound[start, 0]) * 2**20)
    found = sound[start : start + RATE // 2]
    assert np.array_equal(found, ramp(3 * RATE)[first : first + RATE // 2])


def test_it_is_where_the_transport_is_and_silent_while_it_stands(ear: Ear) -> None:
    buffer = filled(4 * RATE)
    with JackOutlet(follow=True, connect=False) as outlet:
        outlet.start(buffer)
        ear.wire("rtgen")
        ear.client.transport_frame = RATE
        ear.client.transport_start()
        assert until(lambda: outlet.rolling and outlet.frame > 2 * RATE)
        ear.client.transport_stop()
        assert until(lambda: not outlet.rolling)
        quiet = len(ear.heard) + 4  # two blocks to fade, two for the hand-over
        assert until(lambda: len(ear.heard) > quiet + 20)
    pairs = list(zip(ear.frames, ear.heard, strict=False))
    rolled = [(f, block) for f, block in pairs if RATE + RATE // 2 < f < 2 * RATE]
    assert len(rolled) > 50
    written = ramp(4 * RATE)
    assert all(np.array_equal(block, written[f : f + 256]) for f, block in rolled)
    assert not np.concatenate(ear.heard[quiet:]).any()


def test_a_player_follows_the_transport_to_where_it_jumps(ear: Ear, tiny: Bundle) -> None:
    with JackOutlet(follow=True, connect=False) as outlet:
        buffer = TakeBuffer(RATE, 1 << 19)
        player = Player(tiny, LedSink(buffer, outlet), seed=3)
        outlet.start(buffer)
        ear.wire("rtgen")
        with player, TransportFollower(outlet, player, (60, 200)):
            ear.client.transport_frame = 100 * RATE
            ear.client.transport_start()
            assert until(lambda: outlet.frame > 101 * RATE and buffer.playhead() > 101 * RATE)
            assert until(lambda: any(np.abs(block).max() > 0.01 for block in ear.heard[-40:]))
            assert abs(buffer.playhead() - outlet.frame) <= 2 * 256


class Told:
    """A transport with a timebase master, moved by hand."""

    rate, rolling, frame = RATE, True, 0

    def __init__(self, tempo: float, bar: int, beat: int) -> None:
        self.bars = {
            "beats_per_minute": tempo, "bar": bar, "beat": beat, "tick": 480.0,
            "ticks_per_beat": 960.0, "beats_per_bar": 4.0,
        }  # fmt: skip

    def transport(self) -> dict[str, float]:
        return {"frame": self.frame, **self.bars}


def test_tempo_and_beat_are_those_of_the_timebase_master(tiny: Bundle) -> None:
    told = Told(137.0, bar=5, beat=3)
    told.rolling = False
    buffer = TakeBuffer(RATE, 1 << 19)
    with Player(tiny, LedSink(buffer, told), seed=3) as player:
        follower = TransportFollower(told, player, (60, 200))
        follower.look()
        assert until(lambda: player.value("tempo") == 137.0)
        assert until(lambda: abs(player.beat_at(0) - 18.5) < 0.01)
        told.frame, told.bars["bar"] = 3 * RATE, 9
        follower.look()
        assert until(lambda: abs(player.beat_at(3 * RATE) - 34.5) < 0.01)


def test_a_tempo_that_the_model_cannot_play_leaves_tempo_and_beat_alone(tiny: Bundle) -> None:
    buffer = TakeBuffer(RATE, 1 << 19)
    told = Told(300.0, bar=5, beat=3)
    with Player(tiny, LedSink(buffer, told), defaults={"tempo": 120.0}) as player:
        TransportFollower(told, player, (60, 200)).look()
        time.sleep(0.1)
        assert player.value("tempo") == 120.0
        assert player.beat_at(0) == 0.0


def test_without_a_server_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "rtgen-tests-none")
    with pytest.raises(DeviceError, match="no JACK server"):
        JackOutlet()


SURVIVOR = """
import subprocess, sys, time
import numpy as np
from rtgen._bridge import TakeBuffer
from rtgen.output.jack_outlet import JackOutlet

name = sys.argv[1]

def server():
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    jack = ["jackd", "-r", "-S", "-n", name, "-d", "dummy", "-r", "48000", "-p", "256"]
    process = subprocess.Popen(jack, **quiet)
    subprocess.run(["jack_wait", "-w", "-t", "10", "-s", name], check=True, **quiet)
    return process

def grows(outlet, buffer):
    before, deadline = buffer.stats()["frames"], time.monotonic() + 20
    while time.monotonic() < deadline:
        outlet.watch()
        if buffer.stats()["frames"] > before + 9600:
            return True
        time.sleep(0.05)
    return False

first = server()
said = []
buffer = TakeBuffer(48000, 1 << 18)
try:
    with JackOutlet(tell=said.append) as outlet:
        outlet.start(buffer)
        assert grows(outlet, buffer) and outlet.heard
        first.kill(); first.wait()
        deadline = time.monotonic() + 20
        while outlet.heard and time.monotonic() < deadline:
            outlet.watch()
            time.sleep(0.05)
        assert grows(outlet, buffer) and not outlet.heard, said
        first = server()
        deadline = time.monotonic() + 20
        while not outlet.heard and time.monotonic() < deadline:
            outlet.watch()
            time.sleep(0.05)
        assert outlet.heard and grows(outlet, buffer), said
finally:
    first.kill(); first.wait()
print(said)
"""


def test_a_server_that_dies_and_comes_back_takes_nothing_with_it() -> None:
    name = f"rtgen-dying-{os.getpid()}"
    environment = {**os.environ, "JACK_DEFAULT_SERVER": name, "JACK_NO_START_SERVER": "1"}
    try:
        program = subprocess.run(
            [sys.executable, "-c", SURVIVOR, name],
            env=environment, capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
    finally:
        tidy(name)
    assert program.returncode == 0, program.stderr[-2000:]
    assert "null clock until it is back" in program.stdout
    assert "the JACK server is back" in program.stdout
