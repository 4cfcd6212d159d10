"""How much room there is, where anything can be written at all."""

from __future__ import annotations

from pathlib import Path

from rtgen.output.disk import free_bytes, is_full


def test_a_disk_has_room(tmp_path: Path) -> None:
    free = free_bytes(tmp_path)
    assert free is not None
    assert free > 0
    assert not is_full(tmp_path)


def test_what_is_no_disk_is_not_called_full() -> None:
    assert free_bytes(Path("/proc")) is None
    assert not is_full(Path("/proc"))
