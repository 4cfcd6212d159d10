"""Where models come from and go to, as people write it: a hub, a mirror, a folder.

    owner/name, hf://owner/name, hf://owner/name/folder, each with @revision   a hub
    https://host/models/name                                                   a mirror
    ./name, /models/name, or any folder that is there                          a folder

Without the name at the end each is a library: `hf://owner`, `https://host/models`, `./models`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from rtgen.bundle.formats import printable
from rtgen.errors import LibraryError

HUB = "hf://"
BUNDLE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_PART = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}"
_OWNER = re.compile(_PART)
_HUB_ID = re.compile(rf"({_PART}/{_PART})((?:/{_PART}){{0,4}})(?:@([A-Za-z0-9_./-]{{1,128}}))?")
_KINDS = "owner/name on the hub, an https address, or a folder"


@dataclass(frozen=True)
class HubPlace:
    """A repository of a hub, or a folder in it.

    Attributes
    ----------
    repo : owner/name.
    folder : inside the repository; empty for its top.
    revision : a branch, a tag or a commit; None for the newest.
    """

    repo: str
    folder: str = ""
    revision: str | None = None

    def __str__(self) -> str:
        inside = f"/{self.folder}" if self.folder else ""
        return f"{HUB}{self.repo}{inside}"


@dataclass(frozen=True)
class HubOwner:
    """Everything of one owner on a hub; of all of them if the name is empty."""

    name: str

    def __str__(self) -> str:
        return f"{HUB}{self.name}"


@dataclass(frozen=True)
class WebPlace:
    """A folder behind a plain web server; no slash at its end."""

    url: str

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True)
class FolderPlace:
    """A folder here."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


Place = HubPlace | WebPlace | FolderPlace
Library = HubOwner | WebPlace | FolderPlace


def place_of(text: str, revision: str | None = None) -> Place:
    """Where a model is, or is to be put.

    Parameters
    ----------
    revision : of a hub; what the text says after @ if not given.

    Raises
    ------
    LibraryError for anything that is no place.
    """
    if text.startswith(("http://", "https://")):
        return _web(text)
    if text.startswith(HUB):
        return _hub(text.removeprefix(HUB), revision)
    if "://" in text or not text.isprintable() or not text:
        raise LibraryError(
            f"'{printable(text)}' is no place that models come from", value=text, hint=_KINDS
        )
    path = os.path.expanduser(text)  # unlike Path's own, it raises nothing; nor does isdir
    if text.startswith((".", "/", "~")) or os.path.isdir(path):
        return FolderPlace(Path(path))
    return _hub(text, revision)


def library_of(text: str) -> Library:
    """A library by the way it is written.

    Raises
    ------
    LibraryError for anything that is none.
    """
    if text.startswith(HUB):
        name = text.removeprefix(HUB).rstrip("/")
        if name and not _OWNER.fullmatch(name):
            raise LibraryError(
                f"'{printable(text)}' is no owner on the hub", value=text, hint=f"{HUB}owner"
            )
        return HubOwner(name)
    place = place_of(text)
    if isinstance(place, HubPlace):
        raise LibraryError(
            f"'{printable(text)}' is one model, or a folder that is not there",
            value=text,
            hint=f"a library is {HUB}owner, an https address or a folder",
        )
    return place


def within(library: Library, name: str, revision: str | None = None) -> Place:
    """The model of a name in a library.

    Raises
    ------
    LibraryError when there can be none of that name.
    """
    if not BUNDLE_NAME.fullmatch(name) and not (
        isinstance(library, HubOwner) and _OWNER.fullmatch(name)
    ):
        raise LibraryError(
            f"'{printable(name)}' cannot name a model",
            value=name,
            hint="small letters, digits and dashes",
        )
    if isinstance(library, HubOwner):
        if not library.name:
            raise LibraryError(f"{HUB} has no owner", value=name, hint=f"--from {HUB}owner")
        return HubPlace(f"{library.name}/{name}", revision=revision)
    if isinstance(library, WebPlace):
        return replace(library, url=f"{library.url}/{name}")
    return replace(library, path=library.path / name)


def _hub(text: str, revision: str | None) -> HubPlace:
    found = _HUB_ID.fullmatch(text)
    if found is None or ".." in text:
        raise LibraryError(
            f"'{printable(text)}' is no place that models come from", value=text, hint=_KINDS
        )
    repo, folder, named = found.groups()
    return HubPlace(repo, folder.removeprefix("/"), revision or named)


def _web(text: str) -> WebPlace:
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna")
        sound = bool(host) and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound or any(c.isspace() or not c.isprintable() for c in text):
        raise LibraryError(f"'{printable(text)}' is no address", value=text, hint=_KINDS)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise LibraryError(
            "an address of a mirror has no password, no ? and no # in it",
            value=parts.hostname,
            hint="the address of the folder alone",
        )
    return WebPlace(text.rstrip("/").removesuffix("/manifest.json"))
