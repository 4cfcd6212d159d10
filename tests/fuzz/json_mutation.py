"""Changes JSON as JSON: bytes flipped in a text seldom reach what reads the fields."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

Mutate = Callable[[bytes, int, int], bytes]
Slot = tuple[Any, Any]
"""A list or an object, and a place in it."""
LEAVES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**53, 2**64, -(2**63), 10**400, 0.5, -0.0, 1e308, 1e-320,
    float("nan"), float("inf"), -float("inf"), "", "auto", "C,Eb,G", "x" * 300, "\u202e\x1b[2J\n",
    "../x", "\0", "\U0001f3b9" * 80, [], {}, [[]], "1", [0] * 40,
)  # fmt: skip


def _slots(node: Any) -> list[Slot]:
    found: list[Slot] = []
    pairs = node.items() if isinstance(node, dict) else enumerate(node)
    for key, inner in pairs:
        found.append((node, key))
        if isinstance(inner, dict | list):
            found += _slots(inner)
    return found


def _change(said: Any, chance: random.Random, words: tuple[str, ...]) -> Any:
    slots = _slots(said) if isinstance(said, dict | list) else []
    if not slots or chance.random() < 0.03:
        return chance.choice(LEAVES)
    node, key = chance.choice(slots)
    kind = chance.randrange(6)
    if kind == 0:
        del node[key]
    elif kind == 1:
        other, place = chance.choice(slots)
        node[key] = copy.deepcopy(other[place]) if place in _keys(other) else None
    elif kind == 2 and isinstance(node, dict):
        name = chance.choice((*words, "x", "\x1b]", "\n", "é" * 50))
        node[name] = node.pop(key) if chance.random() < 0.5 else copy.deepcopy(node[key])
    elif kind == 3 and isinstance(node, list):
        node.insert(key, copy.deepcopy(node[key]))
    elif kind == 4 and isinstance(node[key], int | float) and not isinstance(node[key], bool):
        node[key] = chance.choice((-1, 2, 10, 0.1)) * node[key] + chance.choice((0, 1, -1, 1e-9))
    else:
        node[key] = chance.choice((*LEAVES, *words))
    return said


def _keys(node: Any) -> Any:
    return node.keys() if isinstance(node, dict) else range(len(node))


def mutator(words: tuple[str, ...], fall_back: Callable[[bytes, int], bytes]) -> Mutate:
    """A mutator for texts of JSON.

    Parameters
    ----------
    words : names and values that the reader knows.
    fall_back : changes bytes; used now and then, and on what is no JSON.
    """

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        try:
            if chance.random() < 0.15:
                raise ValueError
            said = json.loads(data)
            for _ in range(chance.choice((1, 1, 2, 4))):
                said = _change(said, chance, words)
            text = json.dumps(said, ensure_ascii=chance.random() < 0.5).encode()
        except (ValueError, RecursionError, OverflowError, TypeError):
            return fall_back(data, most)
        return text if len(text) <= most else fall_back(data, most)

    return mutate


def of_a_line(mutate: Mutate, skip: int) -> Mutate:
    """The same for inputs of several lines, one of which is changed, behind `skip` bytes."""

    def mutate_line(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        head, lines = data[:skip], data[skip:].split(b"\n")
        k = chance.randrange(len(lines))
        lines[k] = mutate(lines[k], most, seed)
        if chance.random() < 0.1:
            lines.insert(k, chance.choice(lines))
        if skip and chance.random() < 0.1:
            head = chance.randbytes(skip)
        return (head.ljust(skip, b"\0") + b"\n".join(lines))[:most]

    return mutate_line
