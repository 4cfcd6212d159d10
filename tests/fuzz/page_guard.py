"""Headers of requests to the page: who passes must name this place, and come from this page."""

from __future__ import annotations

import asyncio
from typing import Any

from rtgen.control.listen_at import ListenAt
from rtgen.web.guard import Guard, Hosts
from tests.fuzz.dice import Dice
from tests.fuzz.walls import walled

PORT, TOKEN = 8470, "correct horse"
NAMES = (b"host", b"origin", b"authorization", b"sec-fetch-site", b"sec-fetch-mode", b"x")
VALUES = (
    b"127.0.0.1:8470", b"localhost:8470", b"[::1]:8470", b"evil.example:8470", b"127.0.0.1",
    b"http://127.0.0.1:8470", b"http://localhost:8470", b"null", b"http://evil.example",
    b"Bearer correct horse", b"cross-site", b"same-origin", b"navigate", b"cors", b"",
)  # fmt: skip
METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "")
PATHS = ("/", "/static/main.js", "/clips/a/sound", "/model", "/static/../model", "//", "")


def one_input(data: bytes) -> None:
    """Ask with any headers, on loopback or bound wide."""
    dice = Dice(data)
    wide = dice.byte() % 2 == 1
    token = TOKEN if wide else None
    scope = request(dice)
    passed: list[bool] = []
    sent: list[Any] = []

    async def app(*_: Any) -> None:
        passed.append(True)

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    with walled():
        hosts = Hosts(ListenAt("0.0.0.0" if wide else "127.0.0.1", PORT))
        asked = Guard(app, hosts, token)(scope, receive, send)  # type: ignore[arg-type]
        run(asked)
    assert passed or sent, "no answer"
    if passed:
        demand(scope, wide)


def run(asked: Any) -> None:
    """Run to the end what waits for nothing; an event loop would cost more than all the rest."""
    try:
        asked.send(None)
    except StopIteration:
        return
    asyncio.run(asked)


def request(dice: Dice) -> dict[str, Any]:
    """A scope of ASGI."""
    kind = dice.choice(("http", "http", "websocket"))
    headers = []
    while dice and len(headers) < 8:
        name = dice.choice(NAMES)
        value = dice.choice(VALUES) if dice.byte() % 4 else dice.take(dice.byte() % 40)
        headers.append((name, value))
    scope: dict[str, Any] = {
        "type": kind,
        "scheme": dice.choice(("http", "https") if kind == "http" else ("ws", "wss")),
        "path": dice.choice(PATHS),
        "headers": headers,
        "query_string": b"",
    }
    return scope | ({"method": dice.choice(METHODS)} if kind == "http" else {})


def demand(scope: dict[str, Any], wide: bool) -> None:
    """What must be true of a request that passed, told in other words than the guard's."""
    told: dict[bytes, list[bytes]] = {}
    for name, value in scope["headers"]:
        told.setdefault(name, []).append(value)
    (host,) = told[b"host"]
    assert host.endswith(b":%d" % PORT)
    assert b"evil" not in host
    acts = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")
    origins = told.get(b"origin", [])
    if acts or origins:
        assert origins[0] in (b"http://" + host, b"https://" + host)
    if b"cross-site" in told.get(b"sec-fetch-site", [])[:1]:
        assert told[b"sec-fetch-mode"][0] == b"navigate"
    secret = scope["type"] == "http" and scope["path"] != "/" and scope["path"][:8] != "/static/"
    if wide and secret:
        assert TOKEN.encode() in told[b"authorization"][0]
