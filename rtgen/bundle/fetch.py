"""Files from a web server: never more than was announced, and on from where it was cut off.

A download that breaks leaves `NAME.part`, and the next try asks for the rest of it (HTTP ranges);
so does the next run. What arrived is measured by its SHA-256 before it gets its name. Nothing that
the server says decides where anything is written.
"""

from __future__ import annotations

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlsplit

from rtgen.bundle.formats import printable
from rtgen.errors import BundleError, LibraryError

PATIENCE_SECONDS = 30.0
"""Without a byte."""
PAUSES_SECONDS = (0.2, 0.8, 2.0)
"""Before another try, each time that nothing came; a try that brought something starts over."""
MOST_TRIES = 64
PIECE_BYTES = 1 << 16
_PASSING = (408, 425, 429, 500, 502, 503, 504)
_CUT = (OSError, http.client.HTTPException)
Told = Callable[[str, int, int], None]
"""Called with a file's name, the bytes that are here, and all it will have."""


@dataclass(frozen=True)
class Remote:
    """A folder of files behind a web server.

    Attributes
    ----------
    url : without a slash at its end.
    said : what sentences call it.
    headers : sent to this server only, never on to where it redirects.
    locked : what to do where it lets nobody in.
    """

    url: str
    said: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    locked: str = "a mirror must be open to read"

    def request(self, name: str, first: int = 0) -> urllib.request.Request:
        """What to ask for a file, from a byte on."""
        request = urllib.request.Request(f"{self.url}/{quote(name)}")
        request.add_header("User-Agent", "rtgen")
        request.add_header("Accept-Encoding", "identity")
        if first:
            request.add_header("Range", f"bytes={first}-")
        for key, value in self.headers.items():
            request.add_unredirected_header(key, value)
        return request


@dataclass(frozen=True)
class Expected:
    """What a file must be: its size, and its SHA-256 where it is known."""

    bytes: int
    sha256: str | None = None


def read_small(remote: Remote, name: str, limit: int) -> bytes:
    """A small file, whole.

    Raises
    ------
    LibraryError when it cannot be had; BundleError when it is larger than `limit` bytes.
    """
    try:
        with _opened(remote.request(name)) as response:
            data: bytes = response.read(limit + 1)
    except urllib.error.HTTPError as error:
        raise _refused(remote, name, error.code) from error
    except _CUT as error:
        raise _unreachable(remote, error) from error
    if len(data) > limit:
        raise BundleError(
            f"{name} of {remote.said} is larger than any of ours",
            value=name,
            hint=f"{limit >> 10} KiB at most",
        )
    return data


def fetch(remote: Remote, name: str, expected: Expected, target: Path, told: Told) -> None:
    """Download a file to `target`, unless it is there already as it must be.

    Raises
    ------
    LibraryError when the server cannot be reached any more, with what came kept beside the target;
    BundleError when the file is not the one that was announced, with nothing kept.
    """
    part = target.with_name(target.name + ".part")
    if not _is(target, expected):
        _complete(remote, name, expected, part, told)
        if not _is(part, expected):
            part.unlink()
            raise BundleError(
                f"{name} of {remote.said} does not match its checksum",
                value=name,
                hint="it was changed or damaged there; nothing was kept",
            )
        part.replace(target)
    told(name, expected.bytes, expected.bytes)


def _complete(remote: Remote, name: str, expected: Expected, part: Path, told: Told) -> None:
    fruitless = 0
    for _ in range(MOST_TRIES):
        before = _size(part)
        if before > expected.bytes:
            part.unlink()
            before = 0
        if before == expected.bytes:
            return
        why: BaseException | None = None
        try:
            _append(remote, name, expected, part, told)
        except urllib.error.HTTPError as error:
            if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and before:
                part.unlink()
            elif error.code not in _PASSING:
                raise _refused(remote, name, error.code) from error
            why = error
        except _CUT as error:
            if isinstance(error, OSError) and error.filename is not None:
                raise  # our disk, not their network
            why = error
        after = _size(part)
        if after == expected.bytes:
            return
        if after > before:
            fruitless = 0
        elif fruitless == len(PAUSES_SECONDS):
            raise _unreachable(remote, why) from why
        else:
            time.sleep(PAUSES_SECONDS[fruitless])
            fruitless += 1
    raise _unreachable(remote, None)


def _append(remote: Remote, name: str, expected: Expected, part: Path, told: Told) -> None:
    """One try: ask for what is missing, and write what comes."""
    first = _size(part)
    with _opened(remote.request(name, first)) as response:
        if response.status != HTTPStatus.PARTIAL_CONTENT:
            first = 0  # it sends all of it, whatever it was asked for
        elif not response.headers.get("Content-Range", "").startswith(f"bytes {first}-"):
            raise http.client.HTTPException("another range than was asked for")
        length = response.headers.get("Content-Length", "")
        if length.isdecimal() and first + int(length) != expected.bytes:
            part.unlink(missing_ok=True)
            raise BundleError(
                f"{name} of {remote.said} has {first + int(length)} bytes, not {expected.bytes}",
                value=name,
                hint="it was cut short or changed there; nothing was kept",
            )
        with part.open("r+b" if part.exists() else "wb") as file:
            file.truncate(first)
            file.seek(first)
            _pour(response, file, remote, name, expected, told)


def _pour(
    response: Any, file: IO[bytes], remote: Remote, name: str, expected: Expected, told: Told
) -> None:
    here = file.tell()
    while piece := response.read(PIECE_BYTES):
        here += len(piece)
        if here > expected.bytes:
            file.truncate(0)
            raise BundleError(
                f"{remote.said} sends more of {name} than it may have",
                value=name,
                hint=f"it was announced with {expected.bytes} bytes; nothing was kept",
            )
        try:
            file.write(piece)
            file.flush()
        except OSError as error:
            raise LibraryError(
                f"cannot write {name}: {(error.strerror or str(error)).lower()}", value=file.name
            ) from error
        told(name, here, expected.bytes)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows to web servers only, and never from a protected connection to an open one."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, new: str
    ) -> Any:
        """See urllib."""
        there = urlsplit(new).scheme
        if there not in ("http", "https") or (req.type == "https" and there == "http"):
            raise urllib.error.URLError(f"it redirects to {printable(there, 16)}")
        return super().redirect_request(req, fp, code, msg, headers, new)


def _opened(request: urllib.request.Request) -> Any:
    """The answer, which is to be closed; no file, FTP or data address is ever opened."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
        _Redirects(),
    ):
        opener.add_handler(handler)
    return opener.open(request, timeout=PATIENCE_SECONDS)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _is(path: Path, expected: Expected) -> bool:
    if not path.is_file() or path.stat().st_size != expected.bytes:
        return False
    if expected.sha256 is None:
        return True
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == expected.sha256


def _refused(remote: Remote, name: str, code: int) -> LibraryError:
    if code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return LibraryError(f"{remote.said} does not let us in", value=code, hint=remote.locked)
    if code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return LibraryError(
            f"{remote.said} has no {name}", value=name, hint="is that the folder of a model?"
        )
    return LibraryError(f"{remote.said} answers with error {code} for {name}", value=code)


def _unreachable(remote: Remote, why: BaseException | None) -> LibraryError:
    reason = getattr(why, "reason", why)
    text = getattr(reason, "strerror", None) or str(reason or "it breaks off again and again")
    return LibraryError(
        f"cannot reach {remote.said}: {printable(text).lower().rstrip('.')}",
        value=remote.url,
        hint="the same command goes on from what has come",
    )
