"""Files that a command is about to write."""

from __future__ import annotations

import shutil
from pathlib import Path

from rtgen.errors import RenderError

FULL_BYTES = 1 << 20


def numbered(out: str, seed: int, count: int) -> Path | None:
    """The file of a seed; None is standard output.

    Raises
    ------
    RenderError for several seeds on standard output.
    """
    if out == "-":
        if count > 1:
            raise RenderError(
                "only one seed fits on standard output", value=out, hint="-o music.wav"
            )
        return None
    path = Path(out)
    return path if count == 1 else path.with_name(f"{path.stem}-{seed}{path.suffix}")


def check_target(path: Path | None, overwrite: bool, suffixes: tuple[str, ...]) -> None:
    """Refuse a file that is there, a folder that is not, and a format that we do not write.

    Raises
    ------
    RenderError that says which.
    """
    if path is None:
        return
    if path.suffix.lower() not in suffixes:
        formats = " or ".join(suffix[1:].upper() for suffix in suffixes)
        raise RenderError(
            f"'{path}' is not a {formats} file", value=str(path), hint=f"end it in {suffixes[0]}"
        )
    if path.is_dir():
        raise RenderError(f"{path} is a folder", value=str(path))
    if path.exists() and not overwrite:
        raise RenderError(f"{path} is there already", value=str(path), hint="-y overwrites it")
    if not path.parent.is_dir():
        raise RenderError(f"there is no folder {path.parent}", value=str(path.parent))


def is_disk_full(path: Path) -> bool:
    """Whether the disk of a file has no room left."""
    return shutil.disk_usage(path.parent).free < FULL_BYTES
