"""Who may ask: a request must name this place, come from this page, and know the token.

A browser lets any page send requests here. So the host must be one of ours (else a name of the
attacker's could be pointed at this machine), and whatever steers must come from exactly our own
origin. Bound wider than this machine, it must know the token as well.
"""

from __future__ import annotations

import ipaddress
import secrets
import socket
from collections.abc import Iterable
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rtgen.control.listen_at import ListenAt

PLAIN_PORT = 80
FORBIDDEN, UNKNOWN_HOST, UNAUTHORIZED = 403, 421, 401
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; media-src blob:; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}
OPEN_PATHS = ("/static/",)
"""What holds no secret and does nothing; the page itself is open as well, it asks for the token."""


class Hosts:
    """Names by which a place may be asked for.

    Parameters
    ----------
    at : where the server listens, its port known.
    names : more names, as a proxy or a name server may give.
    """

    def __init__(self, at: ListenAt, names: Iterable[str] = ()) -> None:
        self._port, self._loopback = at.port, at.loopback
        own = {"localhost", "127.0.0.1", "::1", at.host.lower()}
        if not at.loopback:
            me = socket.gethostname().lower()
            own |= {me, f"{me}.local"}
        self._names = own | {name.lower() for name in names}

    def include(self, host: str) -> bool:
        """Whether a Host header is one of ours, port and all."""
        name, port = _parted(host)
        if port != self._port:
            return False
        if name in self._names:
            return True
        return not self._loopback and _is_address(name)  # nobody can point an address elsewhere


class Guard:
    """Lets through what may pass, and says no to the rest.

    Parameters
    ----------
    app : what is guarded.
    hosts : names of this place.
    token : what who asks must know, if not None.
    """

    def __init__(self, app: ASGIApp, hosts: Hosts, token: str | None) -> None:
        self._app, self._hosts, self._token = app, hosts, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refused = self._refusal(scope)
        if refused is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refused[1]})
        else:
            answer = PlainTextResponse(refused[1] + "\n", refused[0])
            await answer(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if len(headers.getlist("host")) != 1 or not self._hosts.include(host):
            return UNKNOWN_HOST, "no such host here"
        socketed = scope["type"] == "websocket"
        acts = socketed or scope["method"] not in ("GET", "HEAD")
        secure = scope["scheme"] in ("https", "wss")
        origin = headers.get("origin")
        if (acts or origin is not None) and origin != f"http{'s' if secure else ''}://{host}":
            return FORBIDDEN, "only this page may ask"
        navigates = headers.get("sec-fetch-mode") == "navigate"
        if headers.get("sec-fetch-site") in ("cross-site", "same-site") and not navigates:
            return FORBIDDEN, "only this page may ask"
        path = scope["path"]
        if socketed or path == "/" or path.startswith(OPEN_PATHS):
            return None  # a socket tells the token in its first message
        given = headers.get("authorization", "")
        return None if knows(self._token, given.removeprefix("Bearer ")) else (UNAUTHORIZED, "who?")


def knows(token: str | None, given: object) -> bool:
    """Whether what was given is the token, if there is one; takes as long for any answer."""
    if token is None:
        return True
    if not isinstance(given, str):
        return False
    return secrets.compare_digest(given.encode(errors="replace"), token.encode())


def _parted(host: str) -> tuple[str, int]:
    name, colon, port = host.rpartition(":")
    if not colon or host.endswith("]"):
        name, port = host, str(PLAIN_PORT)
    if name.startswith("[") and name.endswith("]"):
        name = name[1:-1]
    good = port.isascii() and port.isdigit() and len(port) <= 5 and not port.startswith("0")
    return name.lower(), int(port) if good else -1


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: Any = MutableHeaders(scope=message)
            for name, value in ALWAYS.items():
                headers.setdefault(name, value)
        await send(message)

    return sent
