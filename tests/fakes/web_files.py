"""A web server for files on a port of its own: ranges, and faults on request.

A sibling of what serves a mirror. `sent` tells, request by request, what was asked and how many
bytes of a body went out.
"""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit


@dataclass
class Sent:
    """One answer."""

    method: str
    path: str
    headers: dict[str, str]
    body_bytes: int = 0

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


@dataclass
class Faults:
    """What goes wrong, by the end of a path.

    Attributes
    ----------
    cuts : after how many bytes of a body the connection breaks; one number for each answer.
    statuses : answered instead of the file; one for each answer.
    instead : bytes that are sent in a file's place, as if they were the file.
    endless : files that never end, and say no length.
    """

    cuts: dict[str, list[int]] = field(default_factory=dict)
    statuses: dict[str, list[int]] = field(default_factory=dict)
    instead: dict[str, bytes] = field(default_factory=dict)
    endless: set[str] = field(default_factory=set)
    ranges: bool = True


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD with files of a folder."""

    protocol_version = "HTTP/1.1"
    server: WebFiles

    def log_message(self, format: str, *args: Any) -> None:
        """Silent; `sent` has it."""

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        file = (self.server.folder / path.lstrip("/")).resolve()
        if not file.is_relative_to(self.server.folder.resolve()) or not file.is_file():
            self.answer(404)
            return
        self.answer_file(path, file.read_bytes())

    do_HEAD = do_GET

    def answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        """A whole answer."""
        note = self.note()
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            note.body_bytes = len(body)  # before: whoever reads it all may look at once
            self.wfile.write(body)

    def answer_file(self, path: str, data: bytes, headers: dict[str, str] | None = None) -> None:
        """A file or the range of it that was asked for, with the faults that are due."""
        faults, name = self.server.faults, path.rsplit("/", 1)[-1]
        if faults.statuses.get(name):
            self.answer(faults.statuses[name].pop(0))
            return
        if name in faults.endless and self.command == "GET":
            self._for_ever(data)
            return
        data = faults.instead.get(name, data)
        status, first, extra = 200, 0, dict(headers or {})
        wanted = self.headers.get("Range", "")
        if faults.ranges and wanted.startswith("bytes="):
            first = int(wanted.removeprefix("bytes=").partition("-")[0])
            if first >= len(data):
                self.answer(416, headers={"Content-Range": f"bytes */{len(data)}"})
                return
            status = 206
            extra["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
        body = data[first:]
        cut = faults.cuts[name].pop(0) if faults.cuts.get(name) else None
        if cut is None or self.command == "HEAD":
            self.answer(status, body, extra)
            return
        note = self.note()
        self.send_response(status)
        for key, value in extra.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        note.body_bytes = len(body[:cut])
        self.wfile.write(body[:cut])
        self._break()

    def note(self) -> Sent:
        """What is told of this answer."""
        noted = Sent(self.command, self.path, {k.lower(): v for k, v in self.headers.items()})
        self.server.sent.append(noted)
        return noted

    def _for_ever(self, data: bytes) -> None:
        note = self.note()
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            while True:
                self.wfile.write(data)
                note.body_bytes += len(data)
        except OSError:
            self.close_connection = True

    def _break(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


class WebFiles(ThreadingHTTPServer):
    """Hands out a folder while it is open."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, folder: Path, handler: type[Handler] = Handler) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.folder = folder
        self.faults = Faults()
        self.sent: list[Sent] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def bodies(self, name: str) -> list[Sent]:
        """Answers with a body for a file, in order."""
        return [s for s in self.sent if s.name == name and s.method == "GET" and s.body_bytes]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()
