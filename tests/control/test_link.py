"""Link between two processes: tempo and phase, both ways."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from rtgen._bridge import TakeBuffer
from rtgen.bundle.load import Bundle
from rtgen.cli.hands import Hands
from rtgen.control.link import LinkPeer
from rtgen.output.null_clock import NullClock
from rtgen.stream.player import Player
from tests.fakes.notebook import Notebook

PATIENCE_SECONDS = 20.0

PEER = """
import asyncio, json, sys
import aalink

async def main():
    link = aalink.Link(float(sys.argv[1]))
    link.quantum = 4
    link.enabled = True
    loop = asyncio.get_running_loop()
    while True:
        line = await loop.run_in_executor(None, sys.stdin.readline)
        if not line:
            return
        name, _, value = line.strip().partition(" ")
        if name == "tempo":
            link.tempo = float(value)
        elif name == "beat":
            link.force_beat(float(value))
        print(json.dumps([link.num_peers, link.tempo, link.beat]), flush=True)

asyncio.run(main())
"""


class Peer:
    """Somebody else on the network, by aalink alone."""

    def __init__(self, tempo: float) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PEER, str(tempo)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.look()

    def look(self, command: str = "look") -> tuple[int, float, float]:
        """Peers, tempo and beat, after a command was done."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        peers, tempo, beat = json.loads(self._process.stdout.readline())
        return peers, tempo, beat

    def close(self) -> None:
        self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait(PATIENCE_SECONDS)
        self._process.stdout.close()  # type: ignore[union-attr]


@contextlib.contextmanager
def peer(tempo: float) -> Iterator[Peer]:
    joined = Peer(tempo)
    try:
        yield joined
    finally:
        joined.close()


class Playing(Notebook):
    """A performer whose time is the world's."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._at = time.monotonic()

    def beat_now(self) -> float:
        with self._lock:
            now = time.monotonic()
            self.play(now - self._at)
            self._at = now
            return self.beat

    def set_beat(self, beat: float) -> None:
        self.beat_now()
        super().set_beat(beat)

    def set(self, *given: object) -> None:  # type: ignore[override]
        self.beat_now()
        super().set(*given)  # type: ignore[arg-type]

    def follow_tempo(self, tempo: float) -> None:
        self.beat_now()
        super().follow_tempo(tempo)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


def apart(a: float, b: float) -> float:
    """Beats from one phase in the bar to another, the short way."""
    return abs((a - b + 2) % 4 - 2)


def in_phase(player: Notebook | Player, other: Peer) -> bool:
    gaps = [apart(other.look()[2], player.beat_now()) for _ in range(9)]
    return float(np.median(gaps)) < 0.05


def test_who_joins_later_meets_our_tempo_and_phase() -> None:
    player = Playing()
    player.set("tempo", 137.0)
    player.set_beat(2.5)
    with LinkPeer(player) as ours:
        time.sleep(1.5)  # the older session wins, by more than half a second
        with peer(90.0) as other:
            until(lambda: ours.peers == 1)
            until(lambda: other.look()[1] == pytest.approx(137.0, abs=0.01))
            until(lambda: in_phase(player, other))
            assert player.jumps == 1  # the one above: nobody moved us


def test_a_tempo_of_theirs_becomes_ours_and_one_of_ours_becomes_theirs() -> None:
    player = Playing()
    with peer(120.0) as other, LinkPeer(player) as ours:
        until(lambda: ours.peers == 1)
        other.look("tempo 150")
        until(lambda: player.values["tempo"] == pytest.approx(150.0, abs=1))
        until(lambda: in_phase(player, other))
        player.set("tempo", 110.0)
        until(lambda: other.look()[1] == pytest.approx(110.0, abs=0.01))
        until(lambda: in_phase(player, other))


def test_a_phase_of_theirs_becomes_ours() -> None:
    player = Playing()
    with peer(120.0) as other, LinkPeer(player) as ours:
        until(lambda: ours.peers == 1)
        until(lambda: in_phase(player, other))
        other.look("beat 2.3")
        until(lambda: in_phase(player, other))


def test_a_tempo_that_the_model_cannot_play_is_doubled() -> None:
    player = Playing()
    with peer(75.0) as other, LinkPeer(player) as ours:
        until(lambda: ours.peers == 1)
        other.look("tempo 75")
        until(lambda: player.values["tempo"] == pytest.approx(150.0, abs=1))
        player.set("tempo", 160.0)
        until(lambda: other.look()[1] == pytest.approx(80.0, abs=0.01))


def test_a_peer_changes_what_is_heard(tiny: Bundle) -> None:
    buffer = TakeBuffer(44100, 1 << 18)
    with Player(tiny, buffer, seed=4) as player:
        until(lambda: player.snapshot().lead_seconds > 0.5)
        hands = Hands(player, buffer)
        with NullClock(buffer), LinkPeer(hands) as ours, peer(120.0) as other:
            until(lambda: ours.peers == 1)
            other.look("tempo 160")
            until(lambda: player.value("tempo") == pytest.approx(160.0, abs=1))
            until(lambda: in_phase(player, other))
            frame = player.timeline.lanes["tempo"].frames[-1]
            until(lambda: buffer.playhead() > (frame + 2) * 2048)
            beats = player.timeline.clock.beats(frame, 2)
        assert buffer.stats()["underruns"] == 0
    assert (beats[1] - beats[0]) * 60 * 44100 / 2048 == pytest.approx(160.0, abs=10)


def test_closing_twice_is_harmless() -> None:
    ours = LinkPeer(Notebook())
    ours.close()
    ours.close()
