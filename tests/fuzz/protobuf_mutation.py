"""Changes protobuf as protobuf: fields doubled, dropped, moved, renumbered, with true sizes."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.fuzz.json_mutation import Mutate

Field = tuple[int, int, bytes]
"""Number, wire type, and the bytes after the key: without the size where there is one."""
NUMBERS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 20, 22, 23, 25, 2**29 - 1, 2**29 + 7)
DEEPEST = 6


def varint(number: int, padding: int = 0) -> bytes:
    """A number as protobuf writes it, with so many bytes more than it needs."""
    out = bytearray()
    while number >= 0x80 or padding > 0:
        out.append(number & 0x7F | 0x80)
        number >>= 7
        padding -= number < 0x80
    return bytes([*out, number])


def fields(data: bytes) -> list[Field] | None:
    """The fields of a message; None for what is none."""
    found, at = [], 0
    while at < len(data):
        key, at = _read(data, at)
        size = {0: 0, 1: 8, 5: 4}.get(key & 7, -1)
        if key & 7 == 0:
            start = at
            _, at = _read(data, at)
            found.append((key >> 3, 0, data[start:at]))
            continue
        if key & 7 == 2:
            size, at = _read(data, at)
        if size < 0 or at + size > len(data) or not 0 < key >> 3 < 2**29:
            return None
        found.append((key >> 3, key & 7, data[at : at + size]))
        at += size
    return found if at == len(data) else None


def _read(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
    return 0, len(data) + 1


def written(many: list[Field], chance: random.Random) -> bytes:
    """The bytes of fields; now and then a key or a size is longer than it need be."""

    def longer() -> int:
        return chance.choice((1, 4)) if chance.random() < 0.02 else 0

    parts = []
    for number, kind, value in many:
        size = varint(len(value), longer()) if kind == 2 else b""
        parts.append(varint(number << 3 | kind, longer()) + size + value)
    return b"".join(parts)


def _changed(data: bytes, chance: random.Random, depth: int) -> bytes:
    found = fields(data)
    if not found:
        return data + bytes([chance.randrange(256)])
    k = chance.randrange(len(found))
    number, kind, value = found[k]
    if kind == 2 and depth < DEEPEST and chance.random() < 0.75 and fields(value):
        found[k] = number, kind, _changed(value, chance, depth + 1)
        return written(found, chance)
    match chance.randrange(7):
        case 0:
            found.insert(chance.randrange(len(found) + 1), found[k])
        case 1:
            del found[k]
        case 2:
            found[k] = chance.choice(NUMBERS), kind, value
        case 3:
            found[k] = number, 2, value
        case 4:
            other = chance.choice(found)
            found[k] = number, other[1], other[2]
        case 5:
            found[k] = number, 0, varint(chance.choice((0, 1, 2, 2**31, 2**32, 2**63, 2**64 - 1)))
        case _:
            found.append((chance.choice(NUMBERS), 2, value))
    return written(found, chance)


def mutator(fall_back: Callable[[bytes, int], bytes]) -> Mutate:
    """A mutator for messages; `fall_back` changes bytes, now and then."""

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.2:
            return fall_back(data, most)
        out = data
        for _ in range(chance.choice((1, 1, 2, 3))):
            out = _changed(out, chance, 0)
        return out if len(out) <= most else fall_back(data, most)

    return mutate
