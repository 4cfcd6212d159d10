"""Where a bundle is written: checked before the work, made beside it, moved there whole."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rtgen.bundle.load import MANIFEST, load_bundle
from rtgen.bundle.places import BUNDLE_NAME
from rtgen.errors import BundleError

PREFIX = ".export-"


def check_place(out: Path, overwrite: bool) -> None:
    """Refuse a place for a bundle, before any work is done.

    Raises
    ------
    BundleError that says what is in the way.
    """
    if not BUNDLE_NAME.fullmatch(out.name):
        raise BundleError(
            f"'{out.name}' cannot name a bundle",
            value=out.name,
            hint="small letters, digits and dashes, for example models/my-techno",
        )
    if out.is_symlink() or (out.exists() and not (out / MANIFEST).is_file()):
        raise BundleError(
            f"{out} is there already, and is no bundle", value=str(out), hint="choose another --out"
        )
    if out.exists() and not overwrite:
        raise BundleError(
            f"{out} holds a bundle already",
            value=str(out),
            hint="-y overwrites it, or choose another --out",
        )
    above = next(folder for folder in out.absolute().parents if folder.exists())
    try:
        tempfile.TemporaryDirectory(prefix=PREFIX, dir=above).cleanup()
    except OSError as error:
        raise BundleError(
            f"nothing can be written in {above}", value=str(above), hint="choose another --out"
        ) from error


@contextmanager
def making(out: Path, overwrite: bool) -> Iterator[Path]:
    """A folder of the same name to write a bundle in: it becomes `out` once it is whole, or goes.

    A bundle that was there goes then, with all that lay in its folder.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=out.parent) as beside:
        made, before = Path(beside, out.name), Path(beside, ".before")
        made.mkdir()
        yield made
        load_bundle(made)
        try:
            if overwrite and out.exists():
                out.rename(before)
            made.rename(out)
        finally:
            if before.exists() and not out.exists():
                before.rename(out)
