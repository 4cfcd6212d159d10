"""What was played live is kept as a MIDI file, whether or not anybody asked for it."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rtgen.cli.targets import replacing
from rtgen.paths import performances_folder

if TYPE_CHECKING:
    from rtgen.cli.hands import Hands

EVERY_SECONDS = 30.0
MOST_KEPT = 100


class Keeper:
    """Writes the performance now and then, and when it ends.

    Parameters
    ----------
    path : where to; None for a name made of date and seed in the user's own folder, of which the
        newest `MOST_KEPT` stay.
    """

    def __init__(self, hands: Hands, path: Path | None) -> None:
        self._hands, self._own = hands, path is None
        stamp = time.strftime("%Y%m%d-%H%M%S")
        self._path = path or performances_folder() / f"{stamp}-{hands.seed}.mid"
        self._stop = threading.Event()
        self._told = False
        self._thread = threading.Thread(target=self._now_and_then, name="performance", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        if self._write(playing=False):
            print(
                f"the performance is in {self._path}\n"
                f"make it again with  rtgen render --midi '{self._path}'",
                file=sys.stderr,
            )

    def _now_and_then(self) -> None:
        while not self._stop.wait(EVERY_SECONDS):
            self._write(playing=True)

    def _write(self, *, playing: bool) -> bool:
        from rtgen.control.performance_child import write_apart, write_here

        heard = self._hands.heard()
        if not heard:
            return False
        try:
            if self._own:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            write = write_apart if playing else write_here
            bundle = self._hands.bundle
            with replacing(self._path) as part:
                write(heard, bundle.manifest.name, part, bundle.checksum)
        except OSError as error:
            if not self._told:
                print(f"the performance cannot be kept: {error}", file=sys.stderr)
            self._told = True
            return False
        if self._own:
            _tidy(self._path.parent)
        return True


def _tidy(folder: Path) -> None:
    kept = sorted(folder.glob("*.mid"))
    for path in kept[:-MOST_KEPT]:
        with contextlib.suppress(OSError):
            path.unlink()
