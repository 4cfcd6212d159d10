"""A bundle on the other side: what its manifest says, and how its files are had.

Only the manifest's list counts. It is read first, is small and is checked; no name, size or file
that the other side has besides is ever used.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rtgen.bundle import hub, mirror
from rtgen.bundle.fetch import Expected, Told, fetch
from rtgen.bundle.formats import feared, printable
from rtgen.bundle.load import MANIFEST, MAX_MANIFEST_BYTES, manifest_from, read_file
from rtgen.bundle.manifest import Manifest
from rtgen.bundle.places import FolderPlace, HubPlace, Place, WebPlace
from rtgen.bundle.remote import Remote, read_small
from rtgen.errors import BundleError, LibraryError

_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
Get = Callable[[str, Expected, Path, Told], None]
"""Puts a file of the other side into a path."""


@dataclass(frozen=True)
class Source:
    """A bundle on the other side, its manifest read and checked.

    Attributes
    ----------
    data : the manifest's bytes.
    commit : of a hub.
    ignored : files that are there and belong to no bundle; never fetched.
    """

    place: Place
    manifest: Manifest
    data: bytes
    get: Get
    commit: str | None = None
    ignored: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """Of the manifest."""
        return hashlib.sha256(self.data).hexdigest()


def look(place: Place, revision: str | None = None) -> Source:
    """Read the manifest of a bundle on the other side; nothing is written.

    Parameters
    ----------
    revision : of a mirror or folder, the SHA-256 that its manifest must have.

    Raises
    ------
    LibraryError when it cannot be reached; BundleError when it is no bundle.
    """
    if isinstance(place, HubPlace):
        there = hub.repository(place)
        if MANIFEST not in there.files:
            raise _no_bundle(place, there.files)
        data = read_small(there.remote, MANIFEST, MAX_MANIFEST_BYTES)
        manifest = manifest_from(data, str(place))
        ignored = tuple(sorted(set(there.files) - {MANIFEST, hub.HOUSEKEEPING, *manifest.files}))
        return Source(place, manifest, data, _by_web(there.remote), there.commit, ignored)
    if isinstance(place, WebPlace):
        remote = mirror.remote_of(place)
        data, get = read_small(remote, MANIFEST, MAX_MANIFEST_BYTES), _by_web(remote)
    else:
        data, get = read_file(place.path / MANIFEST, MAX_MANIFEST_BYTES), _by_copy(place)
    if revision is not None:
        _check_digest(place, revision, hashlib.sha256(data).hexdigest())
    return Source(place, manifest_from(data, str(place)), data, get)


def _by_web(remote: Remote) -> Get:
    def get(name: str, expected: Expected, target: Path, told: Told) -> None:
        fetch(remote, name, expected, target, told)

    return get


def _by_copy(place: FolderPlace) -> Get:
    def get(name: str, expected: Expected, target: Path, told: Told) -> None:
        target.write_bytes(read_file(place.path / name, expected.bytes))
        told(name, expected.bytes, expected.bytes)

    return get


def _check_digest(place: Place, revision: str, found: str) -> None:
    wanted = _DIGEST.fullmatch(revision)
    if wanted is None:
        raise LibraryError(
            f"{place} has no revisions", value=revision, hint="give the SHA-256 of its manifest"
        )
    if wanted[1] != found:
        raise BundleError(
            f"the manifest of {place} is another one",
            value=found,
            hint=f"its SHA-256 is {found}",
        )


def _no_bundle(place: HubPlace, files: dict[str, Expected]) -> BundleError:
    if "gen_ema.h5" in files:
        return BundleError(
            f"{place} is a Musika checkpoint",
            value=str(place),
            hint=f"rtgen import musika {str(place).removeprefix('hf://')} -o FOLDER",
        )
    for name in sorted(files):
        what = feared(name)
        if what:
            return BundleError(
                f"{place} is no bundle of ours: it holds {printable(name, 60)}, {what}",
                value=str(place),
                hint="such files are never fetched",
            )
    return BundleError(
        f"{place} is no bundle of ours: it has no {MANIFEST}",
        value=str(place),
        hint="a bundle is what `rtgen models push` puts there",
    )
