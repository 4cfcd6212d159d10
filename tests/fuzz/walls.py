"""What every target demands: refusals in one sentence, nothing written, nothing started."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from rtgen.control.osc_datagram import Refused
from rtgen.errors import RtgenError

LONGEST_SENTENCE = 600
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_FORBIDDEN = {
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate",
    "os.chmod", "os.chown", "os.system", "os.exec", "os.posix_spawn", "os.fork",
    "subprocess.Popen", "socket.connect", "socket.bind", "shutil.rmtree", "shutil.move",
    "pickle.find_class",
}  # fmt: skip
_inside = False
Given = ParamSpec("Given")
Made = TypeVar("Made")


class Forbidden(BaseException):
    """Something was done that reading never needs; no `except Exception` may hide it."""


def allowed(does: Callable[Given, Made], *args: Given.args, **kw: Given.kwargs) -> Made | None:
    """What a call makes; None if it refuses as it may, in one sentence that can be shown."""
    try:
        return does(*args, **kw)
    except (RtgenError, Refused) as error:
        said = str(error)
        assert said, "a refusal says nothing"
        assert said.isprintable(), f"a refusal that cannot be shown: {said!r:.200}"
        assert len(said) <= LONGEST_SENTENCE, f"a refusal of {len(said)} characters"
        hint = getattr(error, "hint", None) or ""
        assert hint.isprintable(), f"a hint that cannot be shown: {hint!r:.200}"
        return None


@contextmanager
def walled() -> Iterator[None]:
    """Inside, whoever opens a file to write or starts anything is stopped."""
    global _inside
    _inside = True
    try:
        yield
    finally:
        _inside = False


def scratch() -> Path:
    """A folder for a target's input file, gone when the process ends."""
    folder = tempfile.mkdtemp(prefix="rtgen-fuzz-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if not _inside:
        return
    if event in _FORBIDDEN:
        raise Forbidden(f"{event}{args!r:.200}")
    if event == "open":
        _path, mode, flags = args
        writes = set(mode or "") & set("wax+") if isinstance(mode, str) else flags & _WRITES
        if writes:
            raise Forbidden(f"opened to be written: {args!r:.200}")


sys.addaudithook(_watch)
