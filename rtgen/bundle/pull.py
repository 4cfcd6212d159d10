"""Brings a bundle into a library: from a hub, a mirror or a folder; all of it, checked, or nothing.

Files come into `.partial`, and stay there when the connection breaks, for the next try; they are
thrown away when they are not what they should be.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from rtgen.bundle.fetch import Expected, Told
from rtgen.bundle.formats import printable
from rtgen.bundle.library import PARTIAL, check_free, settle
from rtgen.bundle.load import MANIFEST, load_bundle
from rtgen.bundle.origin import Origin, digest, now, write_origin
from rtgen.bundle.places import BUNDLE_NAME
from rtgen.bundle.source import Source
from rtgen.errors import BundleError, LibraryError

SPARE_BYTES = 64 << 20
"""Of the disk, to be left free."""


@dataclass(frozen=True)
class Pulled:
    """A bundle that is here now.

    Attributes
    ----------
    fresh : whether anything had to be fetched.
    """

    folder: Path
    source: Source
    fresh: bool


def pull(
    source: Source,
    library: Path,
    *,
    name: str | None = None,
    revision: str | None = None,
    overwrite: bool = False,
    told: Told = lambda _name, _done, _all: None,
) -> Pulled:
    """Bring a bundle here.

    Parameters
    ----------
    library : folder that it is to lie in.
    name : to be called by; the manifest's if not given.
    revision : that was asked for, to be recorded.
    told : how it goes.

    Raises
    ------
    LibraryError when the other side breaks off, or something is in the way; BundleError when the
    bundle is not what it should be.
    """
    target = library / checked_name(name or source.manifest.name)
    origin = Origin(
        place=str(source.place),
        revision=revision,
        commit=source.commit,
        manifest_sha256=source.sha256,
        pulled=now(),
    )
    if (target / MANIFEST).is_file() and digest(target) == source.sha256:
        load_bundle(target)
        return Pulled(target, source, False)
    check_free(target, overwrite)
    with making(library, source.sha256) as made:
        check_space(library, source.manifest.total_bytes)
        try:
            for file, facts in source.manifest.files.items():
                source.get(file, Expected(facts.bytes, facts.sha256), made / file, told)
            (made / MANIFEST).write_bytes(source.data)
            load_bundle(made)
        except BundleError:
            shutil.rmtree(made)
            raise
        write_origin(made, origin)
        settle(made, target)
    return Pulled(target, source, True)


def checked_name(name: str) -> str:
    """A name that a bundle's folder may have.

    Raises
    ------
    LibraryError for any other.
    """
    if not BUNDLE_NAME.fullmatch(name):
        raise LibraryError(
            f"'{printable(name)}' cannot name a model",
            value=name,
            hint="small letters, digits and dashes",
        )
    return name


@contextmanager
def making(library: Path, what: str) -> Iterator[Path]:
    """A folder in `.partial` of a library, for one process at a time; kept if work breaks off.

    Raises
    ------
    LibraryError when another process holds it.
    """
    partial = library / PARTIAL
    partial.mkdir(parents=True, exist_ok=True)
    made = partial / what[:16]
    with (partial / f"{made.name}.lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LibraryError("the same model is being fetched already", value=what) from error
        made.mkdir(exist_ok=True)
        try:
            yield made
        finally:
            if not made.exists() or not any(made.iterdir()):
                shutil.rmtree(made, ignore_errors=True)
                Path(lock.name).unlink(missing_ok=True)
                with suppress(OSError):
                    partial.rmdir()


def check_space(library: Path, needed: int) -> None:
    """Refuse what would fill the disk.

    Raises
    ------
    LibraryError with what is needed and what is left.
    """
    free = shutil.disk_usage(library).free
    if needed + SPARE_BYTES > free:
        raise LibraryError(
            f"that takes {needed >> 20} MiB, and the disk has {free >> 20} MiB left",
            value=str(library),
            hint="make room, or give a folder on another disk",
        )
