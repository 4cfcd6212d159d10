"""Numbers and choices from a target's bytes; zeros when they are used up."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TypeVar

One = TypeVar("One")
_HARD = (0, 1, -1, 2**63 - 1, -(2**63), 2**61, -(2**61), 2**32, 4096, 44100)


class Dice:
    """Reads from the front of some bytes."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def take(self, count: int) -> bytes:
        """So many bytes."""
        found = self._data[self._at : self._at + count]
        self._at += count
        return found.ljust(count, b"\0")

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(max(len(self._data) - self._at, 0))

    def byte(self) -> int:
        """0..255."""
        return self.take(1)[0]

    def below(self, count: int) -> int:
        """0..count - 1."""
        return int.from_bytes(self.take(2), "little") % count

    def choice(self, many: Sequence[One]) -> One:
        """One of many."""
        return many[self.below(len(many))]

    def whole(self) -> int:
        """Any whole number of 64 bits, often one that arithmetic stumbles over."""
        kind = self.byte() % 3
        if kind == 0:
            return self.choice(_HARD)
        return int(struct.unpack("<h" if kind == 1 else "<q", self.take(2 if kind == 1 else 8))[0])

    def real(self) -> float:
        """Any float, those that are no numbers among them."""
        kind = self.byte() % 3
        if kind == 0:
            return float(struct.unpack("<d", self.take(8))[0])
        return self.whole() / (1.0 if kind == 1 else 256.0)
