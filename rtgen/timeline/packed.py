"""Passages one after the other, packed: some play by jumping for hours, and leave thousands."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Iterable, Iterator

from rtgen.timeline.heard import HeardPassage

PACK = 64
"""As many as are packed at once: about a millisecond's work."""
QUICK = 1
"""Of zlib's levels; others find little more."""


class HeardPassages:
    """Grows at its end; may be iterated while it does not.

    As objects they take a kilobyte each, packed a tenth of that, since most of one is as in
    another. Pickled, the packs go as they are: to pickle thousands of objects takes megabytes for a
    moment, which the allocator then keeps.
    """

    def __init__(self, given: Iterable[HeardPassage] = ()) -> None:
        self._packs: list[bytes] = []
        self._loose: list[HeardPassage] = []
        for passage in given:
            self.append(passage)

    def append(self, passage: HeardPassage) -> None:
        """Add a passage that will not grow any more."""
        self._loose.append(passage)
        if len(self._loose) == PACK:
            self._packs.append(zlib.compress(pickle.dumps(self._loose), QUICK))
            self._loose.clear()

    @property
    def loose(self) -> HeardPassage | None:
        """The last, unless it is packed."""
        return self._loose[-1] if self._loose else None

    def copy(self) -> HeardPassages:
        """The same, which does not grow with this one."""
        other = HeardPassages()
        other._packs, other._loose = self._packs.copy(), self._loose.copy()
        return other

    def __len__(self) -> int:
        return PACK * len(self._packs) + len(self._loose)

    def __iter__(self) -> Iterator[HeardPassage]:
        for pack in self._packs:
            yield from pickle.loads(zlib.decompress(pack))  # our own, from `append`
        yield from self._loose
