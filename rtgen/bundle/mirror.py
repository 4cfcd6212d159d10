"""A folder of bundles as a library for others: `index.json` lists them.

Any web server that hands out plain files makes a mirror of such a folder; ranges let downloads go
on, but are not needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from rtgen.bundle.formats import printable
from rtgen.bundle.library import bundles_in
from rtgen.bundle.load import read_manifest
from rtgen.bundle.manifest import Closed, Manifest
from rtgen.bundle.places import WebPlace
from rtgen.bundle.remote import Missing, Remote, read_small
from rtgen.errors import BundleError, LibraryError

INDEX = "index.json"
MOST_INDEX_BYTES = 1 << 20
Line = Annotated[str, Field(max_length=200)]


class Entry(Closed):
    """One model of a library, as it is listed."""

    name: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,63}$")]
    style: Line
    version: Line
    licence: Line
    bytes: Annotated[int, Field(ge=0)]


class Index(Closed):
    """What a library holds."""

    format: Literal[1] = 1
    models: Annotated[list[Entry], Field(max_length=1000)]


def entry_of(name: str, manifest: Manifest) -> Entry:
    """A bundle as it is listed, under the name of its folder."""
    return Entry(
        name=name,
        style=manifest.style[:200],
        version=manifest.version[:200],
        licence=manifest.licence[:200],
        bytes=manifest.total_bytes,
    )


def remote_of(place: WebPlace) -> Remote:
    """The files behind a mirror's address."""
    return Remote(place.url, place.url)


def read_index(place: WebPlace) -> list[Entry]:
    """What a mirror holds.

    Raises
    ------
    LibraryError when it cannot be reached or has no index; BundleError when that is none of ours.
    """
    try:
        data = read_small(remote_of(place), INDEX, MOST_INDEX_BYTES)
    except Missing as error:
        raise LibraryError(
            f"{place} has no {INDEX}, so it cannot be listed",
            value=place.url,
            hint="`rtgen models push MODEL FOLDER` writes one",
        ) from error
    try:
        return Index.model_validate_json(data).models
    except ValidationError as error:
        raise BundleError(f"the {INDEX} of {place} is none of ours", value=place.url) from error


def entries_in(folders: Iterable[Path]) -> tuple[list[Entry], list[str]]:
    """Bundles as they are listed, and what is wrong with those that cannot be."""
    found, damaged = [], []
    for path in folders:
        try:
            found.append(entry_of(path.name, read_manifest(path)))
        except BundleError as error:
            damaged.append(str(error))
        except ValidationError:
            damaged.append(f"{printable(path.name)} has no name that a model can have")
    return found, damaged


def write_index(folder: Path) -> None:
    """List all bundles of a folder in its index; damaged ones are left out."""
    index = Index(models=entries_in(bundles_in(folder))[0])
    (folder / INDEX).write_text(index.model_dump_json(indent=2) + "\n")
