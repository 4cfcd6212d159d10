"""Whether a standard MIDI file is framed as one, walked through before mido takes it apart.

mido reads numbers of any length, and keeps half a kilobyte for each event; a file of a few
megabytes could keep it busy for days, or take all memory.
"""

from __future__ import annotations

import struct

MOST_EVENTS = 2**20
_LONGEST_NUMBER = 4
_META, _EXCLUSIVE = 0xFF, (0xF0, 0xF7)
_DATA_BYTES = {
    **dict.fromkeys(range(0x80, 0xF0), 2),
    **dict.fromkeys(range(0xC0, 0xE0), 1),
    **{0xF1: 1, 0xF2: 2, 0xF3: 1, 0xF6: 0, 0xF8: 0, 0xFA: 0, 0xFB: 0, 0xFC: 0, 0xFE: 0},
}
"""How many follow a status byte."""


def check_framing(data: bytes) -> None:
    """Walk through all chunks and events of a file.

    Raises
    ------
    ValueError for what is cut short, no MIDI, or has too many events.
    """
    name, at, end = _chunk(data, 0)
    if name != b"MThd" or end - at < 6:
        raise ValueError("no header")
    (tracks,) = struct.unpack_from(">H", data, at + 2)
    left = MOST_EVENTS
    for _ in range(tracks):
        name, at, end = _chunk(data, end)
        if name != b"MTrk":
            raise ValueError("no track where one should be")
        left = _walk(data, at, end, left)


def _chunk(data: bytes, at: int) -> tuple[bytes, int, int]:
    """Name, start and end."""
    if at + 8 > len(data):
        raise ValueError("cut short")
    name, size = struct.unpack_from(">4sL", data, at)
    if at + 8 + size > len(data):
        raise ValueError("cut short")
    return name, at + 8, at + 8 + size


def _walk(data: bytes, at: int, end: int, left: int) -> int:
    """How many events may still come after those of a track."""
    status = -1
    while at < end:
        left -= 1
        if left < 0:
            raise ValueError(f"more than {MOST_EVENTS} events")
        _, at = _number(data, at, end)
        if at < end and data[at] >= 0x80:
            here, at = data[at], at + 1
            status = status if here == _META else here
        else:
            here = status
        if here == _META or here in _EXCLUSIVE:
            size, at = _number(data, at + (here == _META), end)
        else:
            size = _DATA_BYTES.get(here, end)
        at += size
    if at != end:
        raise ValueError("an event that ends outside its track")
    return left


def _number(data: bytes, at: int, end: int) -> tuple[int, int]:
    """A number of variable length, and where it ends."""
    value = 0
    for k in range(at, min(at + _LONGEST_NUMBER, end)):
        value = value << 7 | data[k] & 0x7F
        if data[k] < 0x80:
            return value, k + 1
    raise ValueError("a number without an end")
