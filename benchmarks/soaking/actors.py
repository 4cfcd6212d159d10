"""The processes of a soak: the JACK server, the player on it, the engine and its hosts."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from rtgen.serve.server import ask
from soaking.board import Board
from tests.fakes.jackd import tidy

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
PATIENCE_SECONDS = 30.0
RTGEN = [sys.executable, "-m", "rtgen.cli.main"]


class Actor:
    """One process that is started, and ended only by us."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.process: subprocess.Popen | None = None
        self.expected_dead = False

    @property
    def pid(self) -> int:
        """Of the process that runs, or ran last."""
        assert self.process is not None
        return self.process.pid

    def crashed(self) -> int | None:
        """Its exit status, if it ended and nobody asked it to."""
        if self.process is None or self.expected_dead:
            return None
        return self.process.poll()

    def signal(self, number: int) -> None:
        """Send a signal."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a crash would."""
        self.expected_dead = True
        if self.process is not None:
            self.process.kill()
            self.process.wait()


class JackServer(Actor):
    """A dummy driver, in real time."""

    def __init__(self, name: str, rate: int = 44100) -> None:
        super().__init__("jackd")
        self.server, self._rate = name, rate

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = ["jackd", "-r", "-S", "-n", self.server]
        command += ["-d", "dummy", "-r", str(self._rate), "-p", "256"]
        self.process = subprocess.Popen(command, **QUIET)
        deadline = time.monotonic() + PATIENCE_SECONDS
        question = ["jack_wait", "-c", "-s", self.server]
        while b"not" in subprocess.run(question, capture_output=True, check=False).stdout:
            if time.monotonic() > deadline:
                raise RuntimeError("the JACK server does not come up")
            time.sleep(0.02)
        self.expected_dead = False

    def tidy(self) -> None:
        """End it, and free what killed ones left."""
        self.kill()
        tidy(self.server)


class Engine(Actor):
    """`rtgen serve`."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        super().__init__("engine")
        self.log, self._environment = folder / "engine.log", environment

    def start(self) -> None:
        """Start it; it does not answer yet."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [*RTGEN, "serve", "run"], stderr=log, env=self._environment
            )
        self.expected_dead = False

    def ready(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while ask("status") is None:
            if time.monotonic() > deadline:
                raise RuntimeError("the engine does not come up")
            time.sleep(0.01)


class Player(Actor):
    """`rtgen play` on JACK, steered and watched over OSC."""

    def __init__(self, folder: Path, environment: dict[str, str], board: Board) -> None:
        super().__init__("player")
        self._folder, self._environment, self._board = folder, environment, board
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        threading.Thread(target=self._hear, daemon=True).start()

    def start(self) -> None:
        """Start it."""
        self._board.enter(self.name)
        command = [*RTGEN, "play", "--seed", "5", "--jack", "--osc", str(self.port)]
        command += ["--performance", str(self._folder / "performance.mid"), "--yes"]
        self.process = subprocess.Popen(
            command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
            env=self._environment,
        )  # fmt: skip
        self.expected_dead = False
        threading.Thread(target=self._read, args=(self.process.stderr,), daemon=True).start()

    def steer(self, path: str, *given: float | str) -> None:
        """Send a message."""
        from pythonosc.osc_message_builder import build_msg

        with contextlib.suppress(OSError):  # it is not there for the moment
            self._socket.sendto(build_msg(path, *given).dgram, ("127.0.0.1", self.port))

    def _hear(self) -> None:
        from pythonosc.osc_message import OscMessage

        while True:
            with contextlib.suppress(OSError):
                said = OscMessage(self._socket.recv(4096))
                if isinstance(said.params[0], int | float):
                    self._board.player_told(self.name, said.address, said.params[0])

    def _read(self, lines: Iterable[str]) -> None:
        with (self._folder / "player.log").open("a", buffering=1) as log:
            for line in lines:
                log.write(f"{time.monotonic():.2f} {line}")
                if "JACK server stopped" in line:
                    self._board.on_device(self.name, False)
                elif "JACK server is back" in line:
                    self._board.on_device(self.name, True)


class PluginHost(Actor):
    """Our small CLAP host with the plugin in it; it listens to lines while it plays."""

    def __init__(
        self, name: str, build: Path, seed: int, folder: Path, environment: dict[str, str],
        board: Board,
    ) -> None:  # fmt: skip
        super().__init__(name)
        self._build, self._seed, self._folder = build, seed, folder
        self._environment, self._board = environment, board
        self.rate, self.reports = 44100, list[dict]()

    def start(self) -> None:
        """Start it, playing."""
        self._board.enter(self.name)
        self.rate = 44100
        command = [str(self._build / "clap_host"), str(self._build / "rtgen.clap")]
        command += ["--rate", "44100", "--block", "256", "--frames", str(10**15), "--listen"]
        with (self._folder / f"{self.name}.log").open("a") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                env=self._environment,
            )  # fmt: skip
        self.expected_dead = False
        threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True).start()
        self.say(f"param seed {self._seed}", f"tempo {112 + 6 * self._seed}", "play")

    def say(self, *lines: str) -> None:
        """What it is to do at once."""
        assert self.process is not None
        assert self.process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # it is gone
            self.process.stdin.write("".join(line + "\n" for line in lines))
            self.process.stdin.flush()

    def end(self) -> None:
        """Let it end by itself, and report."""
        self.expected_dead = True
        assert self.process is not None
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()

    def _read(self, lines: Iterable[str]) -> None:
        for line in lines:
            with contextlib.suppress(ValueError):  # killed in mid-line
                said = json.loads(line)
                if "underruns" in said:
                    self._board.host_said(self.name, said)
                else:
                    self.reports.append(said)


def stop_all(actors: list[Actor]) -> None:
    """SIGSTOP, as when a laptop is closed."""
    for actor in actors:
        actor.signal(signal.SIGSTOP)


def go_on(actors: list[Actor]) -> None:
    """SIGCONT."""
    for actor in actors:
        actor.signal(signal.SIGCONT)
