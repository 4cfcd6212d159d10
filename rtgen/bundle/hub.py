"""The hub, through huggingface_hub: what is there, under which commit, and how to put more there.

The library speaks to the hub; files themselves come through `fetch`, which goes on from where an
earlier run was cut off and takes no byte more than was announced. `HF_ENDPOINT`, `HF_TOKEN` (or the
library's own login) and `HF_HUB_OFFLINE` hold. The token is sent to the hub only, and never shown.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rtgen.bundle.fetch import Expected
from rtgen.bundle.formats import printable
from rtgen.bundle.hub_answers import LOG_IN, endpoint, told_plainly
from rtgen.bundle.load import MANIFEST, MAX_MANIFEST_BYTES, manifest_from
from rtgen.bundle.places import HUB, HubOwner, HubPlace
from rtgen.bundle.remote import Remote, read_small
from rtgen.errors import BundleError, LibraryError

TAG = "rtgen"
MOST_MODELS = 500
MOST_FILES = 10_000
PATIENCE_SECONDS = 20.0
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
HOUSEKEEPING = ".gitattributes"
_KEPT = (HOUSEKEEPING, "README.md")
"""What the hub itself, or its web page, puts into an empty repository."""
_SWITCHES = ("HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_XET")


@dataclass(frozen=True)
class Repository:
    """A repository at one commit.

    Attributes
    ----------
    files : by name inside the place's folder; the SHA-256 is known of large ones.
    licence : in the hub's own word, if it says one.
    """

    place: HubPlace
    commit: str
    remote: Remote
    files: dict[str, Expected]
    licence: str | None = None


@dataclass(frozen=True)
class Published:
    """A model of ours on the hub, as a listing shows it."""

    repo: str
    licence: str
    changed: str


def repository(place: HubPlace) -> Repository:
    """What a repository holds, pinned to the commit that its revision stands for now.

    Raises
    ------
    LibraryError when it cannot be seen; BundleError when its list of files is no honest one.
    """
    api, hub = _api(), endpoint()
    with told_plainly(str(place), place.revision):
        info = api.model_info(
            place.repo, revision=place.revision, files_metadata=True, timeout=PATIENCE_SECONDS
        )
        siblings = [(s.rfilename, s.size, s.lfs and s.lfs.sha256) for s in info.siblings or ()]
        commit, licence = str(info.sha), _licence(info.tags or [])
        headers = api._build_hf_headers()
    if not _COMMIT.fullmatch(commit):
        raise LibraryError(f"{place} names no commit", value=printable(commit))
    files = {}
    inside = f"{place.folder}/" if place.folder else ""
    for name, size, sha256 in siblings[:MOST_FILES]:
        _check_name(name, place)
        if name.startswith(inside):
            known = sha256 if isinstance(sha256, str) and _SHA256.fullmatch(sha256) else None
            files[name.removeprefix(inside)] = Expected(size if isinstance(size, int) else 0, known)
    token = {key: value for key, value in headers.items() if key.lower() == "authorization"}
    url = "/".join(filter(None, (hub, place.repo, "resolve", commit, place.folder)))
    return Repository(place, commit, Remote(url, str(place), token, LOG_IN), files, licence)


def published(owner: HubOwner, search: str | None = None) -> list[Published]:
    """Models of ours that the hub lists: those with the tag that every card of ours has.

    Raises
    ------
    LibraryError when the hub cannot be asked.
    """
    with told_plainly(str(owner), None):
        found = _api().list_models(
            author=owner.name or None, search=search, filter=TAG, limit=MOST_MODELS
        )
        rows = [(m.id, m.tags or [], m.last_modified) for m in found]
    return [
        Published(
            printable(repo, 120),
            _licence(tags) or "unknown",
            f"{changed:%Y-%m-%d}" if changed else "",
        )
        for repo, tags, changed in rows
    ]


def push(
    folder: Path, names: list[str], place: HubPlace, *, message: str, private: bool, bars: bool
) -> str:
    """Put files of a folder into a repository, as one commit; returns the commit.

    The repository is made if it is not there. Files of an earlier bundle that this one lacks go.

    Raises
    ------
    LibraryError when the hub does not take it, or the repository holds something else.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    api = _api()
    _quieten(bars)
    with told_plainly(str(place), place.revision):
        api.create_repo(place.repo, private=private, exist_ok=True)
        if place.revision:
            api.create_branch(place.repo, branch=place.revision, exist_ok=True)
    there = repository(place)
    strangers = sorted(set(there.files) - set(_KEPT))
    if MANIFEST not in there.files and strangers:
        raise LibraryError(
            f"{place} holds something else: {printable(strangers[0], 60)}",
            value=strangers[0],
            hint="push to a repository that is new, or holds a model of ours",
        )
    gone = (_listed(there) & set(there.files)) - set(names)
    with told_plainly(str(place), place.revision):
        done = api.create_commit(
            place.repo,
            [
                *(CommitOperationAdd(name, str(folder / name)) for name in names),
                *(CommitOperationDelete(name) for name in sorted(gone)),
            ],
            commit_message=message,
            revision=place.revision,
        )
        return str(done.oid)


def state() -> tuple[str, bool, bool]:
    """The library's version, whether it has a token, and whether it is to stay offline."""
    from huggingface_hub import constants, get_token

    return version("huggingface_hub"), get_token() is not None, bool(constants.HF_HUB_OFFLINE)


def is_installed() -> bool:
    """Whether the extra is there."""
    return find_spec("huggingface_hub") is not None


def _api() -> Any:
    if not is_installed():
        raise LibraryError("the hub needs huggingface_hub", hint="pip install 'rtgen[hub]'")
    from huggingface_hub import HfApi, constants

    # Xet is a service of its own beside the hub, which a server behind HF_ENDPOINT seldom has.
    for switch in _SWITCHES if "HF_ENDPOINT" in os.environ else _SWITCHES[:1]:
        if switch not in os.environ:
            setattr(constants, switch, True)
    if constants.HF_HUB_OFFLINE:
        raise LibraryError(
            "HF_HUB_OFFLINE is set, so the hub is not asked",
            value=HUB,
            hint="unset it, or pull from a folder or a mirror",
        )
    return HfApi(endpoint=endpoint(), library_name="rtgen", library_version=version("rtgen"))


def _licence(tags: list[str]) -> str | None:
    said = [tag.removeprefix("license:") for tag in tags if tag.startswith("license:")]
    return printable(said[0], 60) if said else None


def _quieten(bars: bool) -> None:
    import logging

    from huggingface_hub import utils

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    if bars:
        utils.enable_progress_bars()  # type: ignore[attr-defined]
    else:
        utils.disable_progress_bars()  # type: ignore[attr-defined]


def _listed(there: Repository) -> set[str]:
    """Files of the bundle that a repository holds, as its manifest lists them."""
    if MANIFEST not in there.files:
        return set()
    data = read_small(there.remote, MANIFEST, MAX_MANIFEST_BYTES)
    try:
        return set(manifest_from(data, str(there.place)).files)
    except BundleError:
        return set()


def _check_name(name: Any, place: HubPlace) -> None:
    parts = name.replace("\\", "/").split("/") if isinstance(name, str) else [".."]
    if ".." in parts or "" in parts or ":" in parts[0] or not name.isprintable():
        raise BundleError(
            f"the list of files of {place} holds "
            f"'{printable(str(name), 60)}', which leads out of it",
            value=place.repo,
            hint="nothing was fetched",
        )
