"""Finds bundles by name in the folders where models live."""

from __future__ import annotations

from pathlib import Path

from rtgen.errors import BundleError
from rtgen.paths import model_folders


def installed() -> list[Path]:
    """Folders of all bundles found, first of a name wins, in order of name."""
    found: dict[str, Path] = {}
    for folder in model_folders():
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                if (path / "manifest.json").is_file():
                    found.setdefault(path.name, path)
    return [found[name] for name in sorted(found)]


def find(name_or_folder: str | Path) -> Path:
    """The folder of a bundle.

    Raises
    ------
    BundleError when there is none.
    """
    path = Path(name_or_folder)
    if path.is_dir() and (len(path.parts) > 1 or (path / "manifest.json").exists()):
        return path
    for folder in installed():
        if folder.name == str(name_or_folder):
            return folder
    names = ", ".join(p.name for p in installed()) or "none found"
    raise BundleError(
        f"no model '{name_or_folder}'", value=str(name_or_folder), hint=f"models here: {names}"
    )
