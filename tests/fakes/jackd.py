"""JACK servers with no hardware: one that runs for a while, and what is left of killed ones."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

PATIENCE_SECONDS = 10


@contextlib.contextmanager
def jackd(name: str) -> Iterator[None]:
    """A server at 48 kHz, blocks of 256 frames, that waits for its clients in every block."""
    assert shutil.which("jackd"), "the tests need jackd: run `make test`, which installs it"
    command = ["jackd", "-r", "-S", "-n", name, "-d", "dummy", "-r", "48000", "-p", "256"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait = ["jack_wait", "-w", "-t", str(PATIENCE_SECONDS), "-s", name]
        subprocess.run(wait, check=True, capture_output=True)
        yield
    finally:
        server.terminate()
        try:
            server.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:  # it waits for a client that was killed
            server.kill()
            server.wait()
            tidy(name)


def tidy(name: str) -> None:
    """Free what a killed server left: JACK knows eight names on a machine, dead ones included."""
    command = ["jackd", "-r", "-S", "-n", name, "-d", "dummy"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    subprocess.run(["jack_wait", "-w", "-t", "10", "-s", name], check=True, capture_output=True)
    server.terminate()
    server.wait(10)
    for left in Path("/dev/shm").glob(f"jack_*{name}*"):
        left.unlink()
