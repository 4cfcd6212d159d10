"""A folder of files behind a web server: how it is asked, and what its answers mean."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from rtgen.bundle.formats import printable
from rtgen.errors import BundleError, LibraryError, RtgenError

PATIENCE_SECONDS = 30.0
"""Without a byte."""
CUT = (OSError, http.client.HTTPException)
"""What a connection that breaks raises."""


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


def read_small(remote: Remote, name: str, limit: int) -> bytes:
    """A small file, whole.

    Raises
    ------
    LibraryError when the server cannot be reached, or lets nobody in; Missing when it has no such
    file; BundleError when that is larger than `limit` bytes.
    """
    try:
        with opened(remote.request(name)) as response:
            data: bytes = response.read(limit + 1)
    except Status as error:
        raise refused(remote, name, error.code) from error
    except CUT as error:
        raise unreachable(remote, error) from error
    if len(data) > limit:
        raise BundleError(
            f"{name} of {remote.said} is larger than any of ours",
            value=name,
            hint=f"{limit >> 10} KiB at most",
        )
    return data


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows to web servers only, and never from a protected connection to an open one."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, new: str
    ) -> Any:
        """See urllib."""
        there = urlsplit(new).scheme
        if there not in ("http", "https") or (req.type == "https" and there == "http"):
            fp.close()
            raise urllib.error.URLError(f"it redirects to {printable(there, 16)}")
        return super().redirect_request(req, fp, code, msg, headers, new)


class Missing(BundleError):
    """A file that the server does not have."""


class Status(Exception):
    """An answer that is an error, with its code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"error {code}")
        self.code = code


@contextmanager
def opened(request: urllib.request.Request) -> Iterator[Any]:
    """The answer to a request; no file, FTP or data address is ever opened.

    Raises
    ------
    Status for an answer that is an error; what `CUT` holds when there is none.
    """
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
    try:
        response = opener.open(request, timeout=PATIENCE_SECONDS)
    except urllib.error.HTTPError as error:
        error.close()
        raise Status(error.code) from None
    with response:
        yield response


def refused(remote: Remote, name: str, code: int) -> RtgenError:
    """What is said of an answer that is an error."""
    if code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return LibraryError(f"{remote.said} does not let us in", value=code, hint=remote.locked)
    if code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return Missing(
            f"{remote.said} has no {name}", value=name, hint="is that the folder of a model?"
        )
    return LibraryError(f"{remote.said} answers with error {code} for {name}", value=code)


def unreachable(remote: Remote, why: BaseException | None) -> LibraryError:
    """What is said of a server that does not answer, or breaks off."""
    reason = getattr(why, "reason", why)
    text = getattr(reason, "strerror", None) or str(reason or "it breaks off again and again")
    return LibraryError(
        f"cannot reach {remote.said}: {printable(text).lower().rstrip('.')}",
        value=remote.url,
        hint="the same command goes on from what has come",
    )
