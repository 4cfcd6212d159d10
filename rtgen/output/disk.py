"""How much room is left on the disk of a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

FULL_BYTES = 1 << 20


def free_bytes(folder: Path) -> int | None:
    """Bytes that can still be written; None for a file system that is no disk, such as /proc."""
    usage = shutil.disk_usage(folder)
    return usage.free if usage.total else None


def is_full(folder: Path) -> bool:
    """Whether the disk has no room left."""
    free = free_bytes(folder)
    return free is not None and free < FULL_BYTES
