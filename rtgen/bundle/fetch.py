"""Files from a web server: never more than was announced, and on from where it was cut off.

A download that breaks leaves `NAME.part`, and the next try asks for the rest of it (HTTP ranges);
so does the next run. What arrived is measured by its SHA-256 before it gets its name. Nothing that
the server says decides where anything is written.
"""

from __future__ import annotations

import hashlib
import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any

from rtgen.bundle.remote import CUT, Remote, Status, opened, refused, unreachable
from rtgen.errors import BundleError, LibraryError

PAUSES_SECONDS = (0.2, 0.8, 2.0)
"""Before another try, each time that nothing came; a try that brought something starts over."""
MOST_TRIES = 64
PIECE_BYTES = 1 << 16
_PASSING = (408, 425, 429, 500, 502, 503, 504)
Told = Callable[[str, int, int], None]
"""Called with a file's name, the bytes that are here, and all it will have."""


@dataclass(frozen=True)
class Expected:
    """What a file must be: its size, and its SHA-256 where it is known."""

    bytes: int
    sha256: str | None = None


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
        except Status as error:
            if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and before:
                part.unlink()
            elif error.code not in _PASSING:
                raise refused(remote, name, error.code) from error
            why = error
        except CUT as error:
            if isinstance(error, OSError) and error.filename is not None:
                raise  # our disk, not their network
            why = error
        after = _size(part)
        if after == expected.bytes:
            return
        if after > before:
            fruitless = 0
        elif fruitless == len(PAUSES_SECONDS):
            raise unreachable(remote, why) from why
        else:
            time.sleep(PAUSES_SECONDS[fruitless])
            fruitless += 1
    raise unreachable(remote, None)


def _append(remote: Remote, name: str, expected: Expected, part: Path, told: Told) -> None:
    """One try: ask for what is missing, and write what comes."""
    first = _size(part)
    with opened(remote.request(name, first)) as response:
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


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _is(path: Path, expected: Expected) -> bool:
    if not path.is_file() or path.stat().st_size != expected.bytes:
        return False
    if expected.sha256 is None:
        return True
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == expected.sha256
