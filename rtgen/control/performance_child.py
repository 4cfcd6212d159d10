"""Writes a performance in a process of its own.

It takes a second of Python after an hour of busy hands, and Python's collector stops every thread:
in the process that plays, sound would run short each time. What is handed over grows with what was
changed, not with how long it played.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

from rtgen.timeline.packed import HeardPassages

NICE = 10


def write_apart(heard: HeardPassages, model: str, path: Path, checksum: str = "") -> None:
    """Write a MIDI file, and wait for it; see `rtgen.control.performance_writer.midi_file`.

    Raises
    ------
    OSError when it cannot be written.
    """
    done = subprocess.run(
        [sys.executable, "-P", "-m", "rtgen.control.performance_child", str(path)],
        input=pickle.dumps((heard, model, checksum)),
        capture_output=True,
        start_new_session=True,  # Ctrl-C is for who plays
        check=False,
    )
    if done.returncode != 0:
        raise OSError((done.stderr.decode(errors="replace").splitlines() or ["it was killed"])[-1])


def write_here(heard: HeardPassages, model: str, path: Path, checksum: str = "") -> None:
    """The same in this process, when nothing plays."""
    from rtgen.control.performance_writer import midi_file

    midi_file([part.passage() for part in heard], model, checksum).save(path)


def main() -> None:
    """The child: what to write comes from standard input, which only its parent can fill."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    heard, model, checksum = pickle.load(sys.stdin.buffer)
    try:
        write_here(heard, model, Path(sys.argv[1]), checksum)
    except OSError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
