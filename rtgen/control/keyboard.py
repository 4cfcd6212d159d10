"""Keys of the terminal, read without waiting for Return."""

from __future__ import annotations

import contextlib
import os
import re
import select
import sys
from collections.abc import Iterator

HELP = (
    "d/D density  e/E energy  t/T tempo  v/V variation  n new seed  f freeze  l loop bars  "
    "m morph  u undo  L learn a knob  space pause  q quit"
)
SEQUENCE = re.compile(r"\x1b(\[[0-9;]*[ -~]|O.|.)?", re.DOTALL)
"""What arrows and the like send; it ends in letters that are keys of ours."""
NUDGES = {
    "d": ("density", -0.5),
    "D": ("density", 0.5),
    "e": ("energy", -0.05),
    "E": ("energy", 0.05),
    "t": ("tempo", -1.0),
    "T": ("tempo", 1.0),
    "v": ("variation", -0.1),
    "V": ("variation", 0.1),
}


@contextlib.contextmanager
def raw_terminal() -> Iterator[bool]:
    """Single keys from the terminal; False when there is none, or it belongs to another job."""
    if sys.stdin is None or not sys.stdin.isatty() or not _in_foreground():
        yield False
        return
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        yield True
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def pressed() -> list[str]:
    """Keys that were pressed since the last call."""
    ready, _, _ = select.select([sys.stdin], [], [], 0)
    text = os.read(sys.stdin.fileno(), 64).decode("ascii", "ignore") if ready else ""
    return list(SEQUENCE.sub("", text))


def _in_foreground() -> bool:
    """Whether the terminal is ours: a job in the background would be stopped for touching it."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (AttributeError, OSError):  # no such thing on this system
        return False
