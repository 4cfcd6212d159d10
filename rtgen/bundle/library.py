"""The folders where models live: find one by name, and put one in its place.

A bundle appears under its name whole or not at all: what is still coming lies in `.partial`, where
nobody looks for models.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from rtgen.errors import BundleError, LibraryError
from rtgen.paths import model_folders

PARTIAL = ".partial"
_MANIFEST = "manifest.json"


def installed() -> list[Path]:
    """Folders of all bundles found, first of a name wins, in order of name."""
    found: dict[str, Path] = {}
    for folder in model_folders():
        for path in bundles_in(folder):
            found.setdefault(path.name, path)
    return [found[name] for name in sorted(found)]


def bundles_in(folder: Path) -> list[Path]:
    """Folders of the bundles in one folder, in order of name."""
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if (path / _MANIFEST).is_file()]


def find(name_or_folder: str | Path) -> Path:
    """The folder of a bundle.

    Raises
    ------
    BundleError when there is none.
    """
    path = Path(name_or_folder)
    with contextlib.suppress(OSError):  # a name that no file can have
        if path.is_dir() and (len(path.parts) > 1 or (path / _MANIFEST).exists()):
            return path
    for folder in installed():
        if folder.name == str(name_or_folder):
            return folder
    names = ", ".join(p.name for p in installed()) or "none found"
    raise BundleError(
        f"no model '{name_or_folder}'", value=str(name_or_folder), hint=f"models here: {names}"
    )


def home() -> Path:
    """Where models that are pulled go: the first folder of RTGEN_MODELS, else the user's data."""
    return model_folders()[0 if os.environ.get("RTGEN_MODELS") else -1]


def check_free(target: Path, overwrite: bool) -> None:
    """Refuse a place for a bundle where there is something else, or a bundle to be kept.

    Raises
    ------
    LibraryError that says what is in the way.
    """
    if target.is_symlink() or (target.exists() and not (target / _MANIFEST).is_file()):
        raise LibraryError(
            f"{target} is there already, and is no bundle",
            value=str(target),
            hint="choose another name with --as",
        )
    if target.exists() and not overwrite:
        raise LibraryError(
            f"{target} is there already, and is another bundle",
            value=str(target),
            hint="-y overwrites it, --as gives the new one another name",
        )


def settle(made: Path, target: Path) -> None:
    """Move a bundle that was made beside it to its place, over what was there.

    Parameters
    ----------
    made : in `.partial` of the same library.
    """
    before = made.with_name(made.name + ".before")
    shutil.rmtree(before, ignore_errors=True)
    if target.exists():
        target.rename(before)
    made.rename(target)
    shutil.rmtree(before, ignore_errors=True)
