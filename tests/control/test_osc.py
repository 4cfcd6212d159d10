"""The OSC server, steered from other processes and by hostile ones."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from pythonosc.osc_message_builder import build_msg

from rtgen.bundle.load import Bundle
from rtgen.control import osc
from rtgen.control.listen_at import ListenAt, listen_at
from rtgen.control.osc import OscServer
from rtgen.control.osc_datagram import messages
from rtgen.errors import RemoteError
from rtgen.stream.player import Player
from rtgen.stream.sink import MemorySink
from rtgen.timeline.controls import Value
from tests.control.test_osc_datagram import MALFORMED
from tests.fakes.notebook import Notebook

PATIENCE_SECONDS = 10.0
HERE = ListenAt("127.0.0.1", 0)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.005)


def oscsend(server: OscServer, *arguments: str) -> None:
    """Another process, by other people."""
    assert shutil.which("oscsend"), "the tests need liblo-tools: run `make test`"
    subprocess.run(["oscsend", "127.0.0.1", str(server.at.port), *arguments], check=True)


@contextlib.contextmanager
def client(server: OscServer) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect((server.at.host, server.at.port))
        sender.settimeout(PATIENCE_SECONDS)
        yield sender


@pytest.fixture
def player() -> Notebook:
    return Notebook()


@pytest.fixture
def server(player: Notebook) -> Iterator[OscServer]:
    with OscServer(player, HERE) as running:
        yield running


def told(sender: socket.socket, path: str, value: float) -> None:
    """Wait until a value comes back for an address."""
    while messages(sender.recv(4096)) != [(path, [value])]:
        pass


def test_another_process_steers(player: Notebook, server: OscServer) -> None:
    oscsend(server, "/rtgen/density", "f", "12.5")
    oscsend(server, "/rtgen/norm/energy", "f", "0.25")
    oscsend(server, "/rtgen/chroma", "s", "C,Eb,G")
    until(lambda: server.received == 3)
    until(lambda: player.calls == 3)
    assert player.values["density"] == 12.5
    assert player.values["energy"] == 0.25


def test_another_process_changes_what_is_heard(tiny: Bundle) -> None:
    class Plain(Notebook):
        """Passes on what a player can do."""

        def __init__(self, player: Player) -> None:
            super().__init__()
            self.set = player.set  # type: ignore[method-assign]
            self.value = player.value  # type: ignore[method-assign]

    sink = MemorySink(44100, 1 << 18)
    with Player(tiny, sink, seed=4) as player, OscServer(Plain(player), HERE) as server:
        until(lambda: player.snapshot().lead_seconds > 1)
        before = sink.takes
        oscsend(server, "/rtgen/energy", "f", "0.1")
        until(lambda: sink.takes > before)
        until(lambda: player.snapshot().lead_seconds > 1)
        heard = np.concatenate([sink.read(256) for _ in range(100)])
        steered = player.timeline.lanes["energy"]
    changed_at = steered.frames[0] * 2048
    assert steered.events[0].value == pytest.approx(0.1)
    with Player(tiny, MemorySink(44100, 1 << 18), seed=4) as unsteered:
        until(lambda: unsteered.snapshot().lead_seconds > 1)
        otherwise = np.concatenate([unsteered.sink.read(256) for _ in range(100)])  # type: ignore[attr-defined]
    assert np.allclose(heard[: changed_at - 2048], otherwise[: changed_at - 2048], atol=1e-4)
    assert np.abs(heard[changed_at:] - otherwise[changed_at:]).max() > 0.01


def test_a_flood_does_no_harm_and_its_last_value_wins(player: Notebook, server: OscServer) -> None:
    with client(server) as sender:
        for k in range(10_000):
            sender.send(build_msg("/rtgen/density", (k % 1700) / 100).dgram)
            if k % 100 == 0:
                time.sleep(0.001)  # the system drops what it cannot hold

        def last_came() -> bool:
            sender.send(build_msg("/rtgen/density", 17.5).dgram)
            return player.values["density"] == 17.5

        until(last_came)
    assert server.received > 1000
    assert player.calls < server.received / 2
    assert server.refused == 0


def test_who_was_stopped_in_the_middle_of_work_is_not_deaf_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Stopped(Notebook):
        """Stands still in its first call, as a process in a laptop that is closed."""

        def set(self, name: str, value: Value, ramp_seconds: float = 0.0) -> None:
            if self.calls == 0:
                time.sleep(0.5)
            super().set(name, value, ramp_seconds)

    monkeypatch.setattr(osc, "REST_PER_WORK", 4 * PATIENCE_SECONDS)
    player = Stopped()
    with OscServer(player, HERE) as server, client(server) as sender:
        sender.send(build_msg("/rtgen/density", 3).dgram)
        until(lambda: player.values["density"] == 3)
        sender.send(build_msg("/rtgen/density", 9).dgram)
        until(lambda: player.values["density"] == 9)


def test_keys_of_one_moment_all_count(player: Notebook, server: OscServer) -> None:
    with client(server) as sender:
        for name in ("C", "Eb", "G"):
            sender.send(build_msg(f"/rtgen/key/{name}", 1).dgram)
        sender.send(build_msg("/rtgen/key/Eb", 0).dgram)
    until(lambda: player.calls == 4)
    chroma = player.values["chroma"]
    assert isinstance(chroma, tuple)
    assert [k for k, weight in enumerate(chroma) if weight > 0] == [0, 7]


def test_malformed_and_oversized_datagrams_are_counted_and_forgotten(
    player: Notebook, server: OscServer
) -> None:
    with client(server) as sender:
        bad = [*MALFORMED.values(), b"/" * 60_000, build_msg("/rtgen/nowhere", 1).dgram]
        for count, datagram in enumerate(bad, 1):
            sender.send(datagram)
            until(lambda count=count: server.refused == count)
        assert player.calls == 0
        sender.send(build_msg("/rtgen/energy", 0.3).dgram)
        until(lambda: player.values["energy"] == pytest.approx(0.3))


def test_changes_are_told_to_who_sent_last(player: Notebook, server: OscServer) -> None:
    with client(server) as first, client(server) as second:
        first.send(build_msg("/rtgen/density", 9).dgram)
        told(first, "/rtgen/density", 9)
        told(first, "/rtgen/norm/density", 0.5)
        player.seed = 77  # somebody else, by another way
        told(first, "/rtgen/seed", 77)
        second.send(build_msg("/rtgen/density", 18).dgram)
        told(second, "/rtgen/norm/density", 1)
        told(second, "/rtgen/beat", 1)
        player.beat = 6.0
        told(second, "/rtgen/bar", 2)


def test_changes_can_be_told_to_another_port_or_nowhere(
    player: Notebook, server: OscServer
) -> None:
    with client(server) as sender, client(server) as screen:
        sender.send(build_msg("/rtgen/feedback", screen.getsockname()[1]).dgram)
        told(screen, "/rtgen/seed", 0)
        sender.send(build_msg("/rtgen/feedback", 0).dgram)
        until(lambda: server.received == 2)
        time.sleep(0.3)  # what was under way has come
        screen.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                screen.recv(4096)
        player.seed = 5
        time.sleep(0.3)
        with pytest.raises(BlockingIOError):
            screen.recv(4096)


def test_closing_twice_is_harmless_and_frees_the_port(player: Notebook) -> None:
    server = OscServer(player, HERE)
    server.close()
    server.close()
    with OscServer(player, server.at) as again:
        assert again.at == server.at


def test_a_taken_port_is_refused_in_a_sentence(player: Notebook, server: OscServer) -> None:
    with pytest.raises(RemoteError, match="cannot listen for OSC"):
        OscServer(player, server.at)


@pytest.mark.parametrize(
    ("text", "at", "loopback"),
    [
        ("9000", ListenAt("127.0.0.1", 9000), True),
        ("0.0.0.0:9000", ListenAt("0.0.0.0", 9000), False),
        ("[::1]:9000", ListenAt("::1", 9000), True),
        ("localhost:0", ListenAt("localhost", 0), True),
        ("studio.example:9000", ListenAt("studio.example", 9000), False),
    ],
)
def test_a_place_is_read_as_typed(text: str, at: ListenAt, loopback: bool) -> None:
    assert listen_at(text) == at
    assert at.loopback is loopback


@pytest.mark.parametrize("text", ["", "nine", "70000", "-1", ":9000", "host:", "1:2:x", "٣"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(RemoteError, match="no place to listen"):
        listen_at(text)
