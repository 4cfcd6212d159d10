"""Which bundles are known to be good: those that we ship, and those that passed a trial here.

A bundle is known by the SHA-256 of its manifest, which holds those of all its files; where it lies
says nothing. A passed trial is a small file in the user's data folder, named by that checksum.
"""

from __future__ import annotations

import os
import tempfile
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rtgen.paths import trials_folder

SHIPPED = Path(__file__).with_name("shipped.sha256")
"""Made by `sha256sum */manifest.json` in the folder `models`."""


def is_vouched(digest: str) -> bool:
    """Whether a bundle needs no trial.

    Parameters
    ----------
    digest : SHA-256 of its manifest, in hexadecimal.
    """
    return digest in _shipped() or _passed(digest)


def vouch(digest: str) -> None:
    """Remember that a bundle passed; where nothing can be written it is tried again next time."""
    folder = trials_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=folder, prefix=".", delete=False) as file:
            file.write(_runtime())
        os.replace(file.name, folder / digest)
    except OSError:
        return


def _passed(digest: str) -> bool:
    """Whether it passed with the onnxruntime that is installed now."""
    try:
        with (trials_folder() / digest).open() as file:
            return file.read(100) == _runtime()
    except (OSError, UnicodeDecodeError):
        return False


@cache
def _shipped() -> frozenset[str]:
    try:
        lines = SHIPPED.read_text().splitlines()
    except OSError:
        return frozenset()
    return frozenset(line.partition(" ")[0] for line in lines)


@cache
def _runtime() -> str:
    try:
        return f"onnxruntime {version('onnxruntime')}\n"
    except PackageNotFoundError:  # a build under another name
        return "onnxruntime\n"
