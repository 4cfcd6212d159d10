"""A page in this process: a player of small random nets on a null clock, and what asks for it."""

from __future__ import annotations

import contextlib
import functools
import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from rtgen._bridge import TakeBuffer
from rtgen.bundle.load import Bundle
from rtgen.cli.hands import Hands
from rtgen.control.listen_at import ListenAt
from rtgen.output.null_clock import NullClock
from rtgen.output.tap import Tap
from rtgen.stream.player import Player
from rtgen.timeline.units import RATE
from rtgen.web.server import WebServer

PATIENCE_SECONDS = 20.0
Serve = Callable[..., "Place"]


def until(true: Callable[[], bool], what: str) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


class Place:
    """A page that is served, and ways to ask for it as a browser would, or would not."""

    def __init__(self, hands: Hands, buffer: TakeBuffer, server: WebServer) -> None:
        self.hands, self.buffer, self.server = hands, buffer, server
        self.port = server.at.port
        self.host = f"127.0.0.1:{self.port}"
        self.origin = f"http://{self.host}"

    def ask(
        self, path: str, *, method: str = "GET", body: Any = None, **headers: str | None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Status, headers and body of an answer; a header of None is left out."""
        wanted: dict[str, str | None] = {"host": self.host}
        if body is not None:
            wanted |= {"origin": self.origin, "content-type": "application/json"}
        wanted |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        with contextlib.closing(connection):
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in wanted.items():
                if value is not None:
                    connection.putheader(name, value)
            if data is not None:
                connection.putheader("content-length", str(len(data)))
            connection.endheaders(data)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    @contextlib.contextmanager
    def open(
        self, path: str, *, host: str | None = None, origin: str | None = ""
    ) -> Iterator[ClientConnection]:
        """A socket on which nothing was said yet."""
        named = self.host if host is None else host
        from_ = f"http://{named}" if origin == "" else origin
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS) as plug:
            with connect(
                f"ws://{named}{path}",
                sock=plug,
                additional_headers={} if from_ is None else {"Origin": from_},
                proxy=None,
                open_timeout=PATIENCE_SECONDS,
                compression=None,
                max_size=None,
            ) as opened:
                yield opened

    @contextlib.contextmanager
    def talk(
        self, path: str = "/control", token: str | None = None
    ) -> Iterator[ClientConnection]:
        """A socket that is let in."""
        with self.open(path) as opened:
            opened.send(json.dumps({"token": token}))
            yield opened

    def plays_on(self) -> None:
        """Fails unless sound goes on to be heard without a gap."""
        missing = self.buffer.stats()["missing_frames"]
        heard = self.buffer.playhead()
        until(lambda: self.buffer.playhead() > heard + RATE // 8, "the stream stands still")
        assert self.buffer.stats()["missing_frames"] == missing


def told(opened: ClientConnection, kind: str) -> Any:
    """The next that a control socket tells of a kind."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        message = opened.recv(max(deadline - time.monotonic(), 0.0))
        if isinstance(message, str) and kind in (said := json.loads(message)):
            return said[kind]


@pytest.fixture
def serve(tiny: Bundle) -> Iterator[Serve]:
    """Plays, and serves the page at a place."""
    with contextlib.ExitStack() as stack:

        def start(
            at: str = "127.0.0.1", names: tuple[str, ...] = (), bundle: Bundle = tiny
        ) -> Place:
            buffer = TakeBuffer(RATE, 1 << 18)
            make = functools.partial(Player, sink=buffer)
            player = make(bundle, seed=7)
            hands = Hands(player, buffer, make)
            stack.callback(hands.close)
            player.start()
            until(lambda: player.snapshot().lead_seconds > 1, "no sound is made")
            stack.enter_context(NullClock(buffer))
            server = stack.enter_context(
                WebServer(hands, Tap(buffer).ear, ListenAt(at, 0), names)
            )
            return Place(hands, buffer, server)

        yield start


@pytest.fixture
def place(serve: Serve) -> Place:
    """The page on this machine only."""
    return serve()
