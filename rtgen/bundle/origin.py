"""Where a bundle was pulled from, kept beside it in a file of its own.

The file is no part of the bundle: it is not listed in the manifest, and does not travel on.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from rtgen.bundle.load import MANIFEST
from rtgen.errors import BundleError

FILE = ".origin.json"
MOST_BYTES = 1 << 16


class Origin(BaseModel):
    """What was pulled, and when.

    Attributes
    ----------
    place : as `rtgen models pull` takes it.
    revision : what was asked for, if anything was.
    commit : what that stood for, on a hub.
    manifest_sha256 : the whole bundle in one number, as the manifest holds all checksums.
    pulled : time in UTC.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    place: str
    revision: str | None = None
    commit: str | None = None
    manifest_sha256: str
    pulled: str


def now() -> str:
    """The time as it is recorded."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def digest(folder: Path) -> str:
    """SHA-256 of a bundle's manifest."""
    return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()


def write_origin(folder: Path, origin: Origin) -> None:
    """Keep it beside the bundle."""
    (folder / FILE).write_text(origin.model_dump_json(indent=2) + "\n")


def read_origin(folder: Path) -> Origin | None:
    """Where a bundle came from; None for one that was made here.

    Raises
    ------
    BundleError when the record is damaged.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    with path.open("rb") as file:
        data = file.read(MOST_BYTES)
    try:
        return Origin.model_validate_json(data)
    except ValidationError as error:
        raise BundleError(
            f"the record of where {folder.name} came from is damaged",
            value=str(path),
            hint=f"delete {FILE} in its folder, or pull it again",
        ) from error
