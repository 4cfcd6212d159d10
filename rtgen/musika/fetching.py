"""A checkpoint wherever it is: of a hub the files that are read are fetched, and no others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rtgen.bundle.fetch import Told, fetch
from rtgen.bundle.hub import Repository, repository
from rtgen.bundle.places import HubPlace
from rtgen.bundle.pull import check_space, making
from rtgen.errors import CheckpointError
from rtgen.musika.hdf5 import LARGEST_FILE_BYTES
from rtgen.musika.weights import DECODERS, GENERATOR

PUBLISHED_DECODERS = "marcop/musika_ae"
"""Where Musika's own programs get them."""
Where = HubPlace | Path


@dataclass(frozen=True)
class Here:
    """A checkpoint that is here, if only for a while.

    Attributes
    ----------
    said : where it came from, to the commit.
    licence : what the hub says of it, if anything.
    """

    folder: Path
    decoders: Path | None
    said: str = "a Musika checkpoint"
    licence: str | None = None


@dataclass(frozen=True)
class _Wanted:
    """A file of a hub, and what it is called here."""

    there: Repository
    path: str
    name: str


@contextmanager
def checkpoint(place: Where, decoders: Where | None, library: Path, told: Told) -> Iterator[Here]:
    """A checkpoint with all of its files here; what was fetched is gone again afterwards.

    Parameters
    ----------
    place : holds gen_ema.h5.
    decoders : where dec.h5 and dec2.h5 are; if not given, in the same place, in `ae` in it or in
        `ae` beside it.
    library : where the bundle is to lie; files wait in its `.partial`, also if the hub breaks off.

    Raises
    ------
    CheckpointError when the hub has no such files, or absurdly large ones; LibraryError when it
    cannot be reached.
    """
    wanted: list[_Wanted] = []
    here = Here(place, None) if isinstance(place, Path) else Here(Path(), None)
    if isinstance(place, HubPlace):
        there = repository(replace(place, folder=""))
        wanted.append(_generator(there, place))
        here = replace(here, said=f"{place}@{there.commit}", licence=there.licence)
        if decoders is None:
            wanted += _decoders(there, place)
    if isinstance(decoders, HubPlace):
        wanted += _decoders(repository(replace(decoders, folder="")), decoders)
    if not wanted:
        yield replace(here, decoders=decoders if isinstance(decoders, Path) else None)
        return
    key = "\n".join(f"{file.there.place}@{file.there.commit}/{file.path}" for file in wanted)
    with making(library, hashlib.sha256(key.encode()).hexdigest()) as made:
        check_space(library, sum(file.there.files[file.path].bytes for file in wanted))
        for file in wanted:
            remote, expected = file.there.remote, file.there.files[file.path]
            fetch(remote, file.path, expected, made / file.name, told)
        try:
            yield replace(
                here,
                folder=made if isinstance(place, HubPlace) else place,
                decoders=decoders if isinstance(decoders, Path) else made,
            )
        finally:
            for path in made.iterdir():
                path.unlink()


def _generator(there: Repository, place: HubPlace) -> _Wanted:
    path = _inside(place.folder, GENERATOR)
    if path not in there.files:
        raise CheckpointError(
            f"{place} has no {GENERATOR}",
            value=str(place),
            hint="give the repository of one trained model, such as marcop/musika_techno",
        )
    return _checked(_Wanted(there, path, GENERATOR))


def _decoders(there: Repository, place: HubPlace) -> list[_Wanted]:
    beside = place.folder.rpartition("/")[0]
    for folder in (place.folder, _inside(place.folder, "ae"), _inside(beside, "ae")):
        wanted = [_Wanted(there, _inside(folder, name), name) for name in DECODERS]
        if all(file.path in there.files for file in wanted):
            return [_checked(file) for file in wanted]
    raise CheckpointError(
        f"{place} has no {' and '.join(DECODERS)}",
        value=str(place),
        hint=f"--decoders {PUBLISHED_DECODERS} takes those of Musika's own programs",
    )


def _inside(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _checked(file: _Wanted) -> _Wanted:
    size = file.there.files[file.path].bytes
    if not 0 < size <= LARGEST_FILE_BYTES:
        raise CheckpointError(
            f"{file.name} of {file.there.place} has {size} bytes, which no Musika model has",
            value=size,
            hint="1 GiB at most; nothing was fetched",
        )
    return file
