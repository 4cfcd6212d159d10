"""Datagrams to messages: framed and bounded here, their arguments parsed by python-osc.

python-osc alone would nest bundles without end, loop for ever on a bundle whose element has a
negative size, and read one blob many times over; so bundles are unpacked here, and only plain types
are let through.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from rtgen.errors import shown

Argument = int | float | str | bool | None
Message = tuple[str, list[Argument]]

LARGEST_BYTES = 4096
DEEPEST_BUNDLE = 4
MOST_MESSAGES = 64
MOST_ARGUMENTS = 16
_BUNDLE = b"#bundle\0"
_BUNDLE_HEAD = 16
"""A bundle's name and time; the time is not heeded, since what is played now is meant now."""
_TYPES = dict.fromkeys(b",TFN", 0) | dict.fromkeys(b"ifs", 4) | dict.fromkeys(b"dh", 8)
"""Types of arguments, and the bytes that each takes at least."""
_PATTERN = frozenset(b"*?[]{}")


class Refused(ValueError):
    """A datagram that is no OSC, or more than we take."""

    def __init__(self, why: str) -> None:
        super().__init__(shown(why))


def messages(datagram: bytes) -> list[Message]:
    """Messages of a datagram, bundles opened, in order.

    Raises
    ------
    Refused for what is malformed, too large, too deep, or addressed by a pattern.
    """
    if len(datagram) > LARGEST_BYTES:
        raise Refused(f"{len(datagram)} bytes")
    found: list[Message] = []
    for one in _elements(datagram, 0):
        if len(found) == MOST_MESSAGES:
            raise Refused("too many messages")
        found.append(_message(one))
    return found


def _elements(data: bytes, depth: int) -> Iterator[bytes]:
    if not data.startswith(_BUNDLE):
        yield data
        return
    if depth == DEEPEST_BUNDLE:
        raise Refused("bundles in bundles")
    if len(data) < _BUNDLE_HEAD:
        raise Refused("half a bundle")
    at = _BUNDLE_HEAD
    while at < len(data):
        if at + 4 > len(data):
            raise Refused("half a size")
        (size,) = struct.unpack_from(">i", data, at)
        at += 4
        if size <= 0 or size % 4 or at + size > len(data):
            raise Refused(f"an element of {size} bytes")
        yield from _elements(data[at : at + size], depth + 1)
        at += size


def _message(data: bytes) -> Message:
    from pythonosc.osc_message import OscMessage, ParseError

    address, _, _ = data.partition(b"\0")
    if not address.startswith(b"/") or _PATTERN.intersection(address):
        raise Refused("no address of ours")
    at = _padded(address)
    tags = data[at:].partition(b"\0")[0]
    if tags and (tags[:1] != b"," or not _TYPES.keys() >= set(tags)):
        raise Refused("arguments that are no numbers or words")
    if len(tags) > MOST_ARGUMENTS + 1:
        raise Refused("too many arguments")
    if tags and len(data) < at + _padded(tags) + sum(_TYPES[tag] for tag in tags):
        raise Refused("half an argument")  # python-osc would take it for 0
    try:
        parsed = OscMessage(data)
    except (ParseError, ValueError) as error:
        raise Refused(str(error)) from error
    return parsed.address, list(parsed.params)


def _padded(text: bytes) -> int:
    """Bytes that a string takes with its end."""
    return len(text) // 4 * 4 + 4
