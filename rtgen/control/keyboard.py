"""Keys of the terminal, read without waiting for Return."""

from __future__ import annotations

import contextlib
import select
import sys
from collections.abc import Iterator

HELP = "d/D density  e/E energy  t/T tempo  v/V variation  n new seed  f freeze  space pause  q quit"
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
    """Single keys from the terminal; False when there is none."""
    if not sys.stdin.isatty():
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


def pressed() -> str | None:
    """A key that was pressed since the last call."""
    ready, _, _ = select.select([sys.stdin], [], [], 0)
    return sys.stdin.read(1) if ready else None
