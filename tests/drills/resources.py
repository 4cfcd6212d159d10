"""What a process holds."""

from __future__ import annotations

import os
from pathlib import Path


def resident_bytes(pid: int) -> int:
    """Memory of its own and of files, not what it shares with hosts."""
    status = Path(f"/proc/{pid}/status").read_text()
    own = (status.split(f"{name}:")[1].split()[0] for name in ("RssAnon", "RssFile"))
    return 1024 * sum(map(int, own))


def descriptors(pid: int) -> int:
    """Open files and sockets."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads(pid: int) -> int:
    """Threads that run or wait."""
    return len(os.listdir(f"/proc/{pid}/task"))
