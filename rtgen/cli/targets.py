"""Files that a command is about to write."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rtgen.errors import DeviceError, RenderError
from rtgen.output.disk import free_bytes


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
    """Refuse a file that is there, one that cannot be made, and a format that we do not write.

    Raises
    ------
    RenderError that says which.
    """
    if path is None:
        return
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise RenderError(
            f"the name '{path}' is not UTF-8", value=str(path), hint="choose another name"
        ) from error
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
    if path.exists() and not os.access(path, os.W_OK):
        raise RenderError(f"{path} is write-protected", value=str(path), hint="choose another name")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise RenderError(
            f"no file can be made in {path.parent}: {(error.strerror or str(error)).lower()}",
            value=str(path),
            hint="choose a folder that you may write to",
        ) from error


def check_room(folder: Path, wanted_bytes: int) -> None:
    """Refuse what does not fit on the disk of a folder.

    Raises
    ------
    DeviceError that says how much there is.
    """
    free = free_bytes(folder)
    if free is not None and wanted_bytes > free:
        raise DeviceError(
            f"that takes {wanted_bytes / 1e9:.1f} GB, and {folder} has room for {free / 1e9:.1f}",
            value=wanted_bytes,
            hint="ask for less, or for .flac, which is smaller",
        )


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Where to write what takes the place of a file once it is whole, or leaves no trace."""
    target = path.resolve() if path.is_symlink() else path
    part = target.with_name(f".rtgen-{secrets.token_hex(8)}.part")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
