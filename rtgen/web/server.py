"""The page's server: uvicorn on a thread of its own, on a socket that was bound before."""

from __future__ import annotations

import logging
import secrets
import socket
import threading
from collections.abc import Iterable
from typing import Self

from rtgen.control.listen_at import ListenAt
from rtgen.errors import RemoteError
from rtgen.web.stage import Ears, Stage

LARGEST_MESSAGE = 4096
MOST_CONNECTIONS = 128
CLOSE_SECONDS = 1
TOKEN_BYTES = 16
NOWHERE = ("192.0.2.1", 9)
"""An address that nobody has, to ask the system from which of ours it would go there."""


class WebServer:
    """Serves the page from when it is made until it is closed.

    Parameters
    ----------
    stage : what is steered and looked at.
    ears : listeners to what is heard.
    at : where to listen.
    names : more names by which browsers may ask for this machine.

    Raises
    ------
    RemoteError when the extra is missing or the place is taken.
    """

    def __init__(self, stage: Stage, ears: Ears, at: ListenAt, names: Iterable[str] = ()) -> None:
        _require_extra()
        import uvicorn

        from rtgen.web.app import Page
        from rtgen.web.guard import Hosts

        self._socket = _bound(at)
        self.at = ListenAt(at.host, self._socket.getsockname()[1])
        self.token = None if at.loopback else secrets.token_urlsafe(TOKEN_BYTES)
        self._page = Page(stage, ears, self.token)
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        config = uvicorn.Config(
            self._page.app(Hosts(self.at, names)),
            loop="asyncio",
            http="h11",
            ws="websockets-sansio",
            ws_max_size=LARGEST_MESSAGE,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=CLOSE_SECONDS,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name="rtgen web", daemon=True
        )
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """What to type into a browser; the token is behind the #, which browsers keep."""
        host = _own_address() if self.at.everywhere else self.at.host
        place = ListenAt(host, self.at.port)
        return f"http://{place}/" + (f"#{self.token}" if self.token else "")

    def close(self) -> None:
        """Let go of everyone and stop; twice is harmless."""
        self._page.close()
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


def _bound(at: ListenAt) -> socket.socket:
    family = socket.AF_INET6 if ":" in at.host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((at.host, at.port))
        found.listen()  # at once: who is told the address may come before the loop runs
    except OSError as error:
        found.close()
        raise RemoteError(
            f"cannot serve the page at {at}: {(error.strerror or str(error)).lower()}",
            value=str(at),
            hint="does something else listen there? try another --web port",
        ) from error
    return found


def _own_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(NOWHERE)
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])


def _require_extra() -> None:
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
        import websockets  # noqa: F401
    except ImportError as error:
        raise RemoteError(
            f"the page needs {error.name}", value="web", hint="pip install 'rtgen[web]'"
        ) from error
