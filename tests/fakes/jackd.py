"""JACK servers that tests kill."""

from __future__ import annotations

import subprocess
from pathlib import Path


def tidy(name: str) -> None:
    """Free what a killed server left: JACK knows eight names on a machine, dead ones included."""
    command = ["jackd", "-r", "-S", "-n", name, "-d", "dummy"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    subprocess.run(["jack_wait", "-w", "-t", "10", "-s", name], check=True, capture_output=True)
    server.terminate()
    server.wait(10)
    for left in Path("/dev/shm").glob(f"jack_*{name}*"):
        left.unlink()
