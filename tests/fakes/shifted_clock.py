"""A wall clock that jumps, for the processes that are started with it; others keep theirs."""

from __future__ import annotations

import mmap
import os
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")


class ShiftedClock:
    """Compiles the library that processes preload.

    Parameters
    ----------
    folder : where the library and the shift are kept.
    """

    def __init__(self, folder: Path) -> None:
        library, path = folder / "shifted_clock.so", folder / "shift"
        command = ["cc", "-O2", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"]
        subprocess.run(command, check=True)
        path.write_bytes(bytes(8))
        with path.open("r+b") as file:
            self._shift = mmap.mmap(file.fileno(), 8)
        self.environment = {
            **os.environ,
            "LD_PRELOAD": str(library),
            "RTGEN_CLOCK_SHIFT": str(path),
        }
        """For processes whose clock is to jump."""

    def jump(self, seconds: int) -> None:
        """Be so much later than the machine's clock from now on, or earlier."""
        self._shift[:] = struct.pack("<q", seconds)

    def close(self) -> None:
        """Let go of the shift; twice is harmless."""
        self._shift.close()
