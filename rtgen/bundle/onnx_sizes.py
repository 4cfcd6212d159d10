"""What decides the sizes inside a graph: its weights and the lengths of its inputs, nothing else.

A graph could count on what it is played, take a number of it for a shape, and ask for all memory
there is at bar 100. So whole numbers are followed through the graph: they come from weights and
from lengths only, nothing but their sign is computed, and they go where sizes go. This also keeps
whole numbers away from division, which may kill the process (-2^63 / -1, onnxruntime 1.31.1).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from rtgen.errors import BundleError

Kind = Literal["numbers", "sizes", "levels"]
"""Floats; whole numbers that weights or lengths say; whole numbers that floats were rounded to."""

_ASKED_AT = {
    "Reshape": (1,),
    "Slice": (1, 2, 3, 4),
    "Split": (1,),
    "Squeeze": (1,),
    "Unsqueeze": (1,),
    "ReduceMean": (1,),
}
"""Which inputs of an operator are sizes."""
_CARRIERS = ("Concat", "Identity", "Neg", "Reshape", "Slice", "Squeeze", "Unsqueeze")
"""What may be done to sizes."""
_MOVERS = ("Concat", "Reshape", "Slice")
"""What may be done to levels: they come out as they went in, elsewhere."""
_LEVELS_AT = {"DequantizeLinear": (0, 2), "QuantizeLinear": (2,)}


@dataclass
class Node:
    """A node of a graph; inputs that are left out have an empty name."""

    operator: str = ""
    inputs: list[bytes] = field(default_factory=list)
    outputs: list[bytes] = field(default_factory=list)
    whole: bool = False
    """Whether it is a constant of whole numbers."""


def check_sizes(
    nodes: Iterable[Node], weights: dict[bytes, bool], inputs: Iterable[bytes], name: str
) -> None:
    """Follow whole numbers through a graph.

    Parameters
    ----------
    weights : for each whether it holds whole numbers.
    inputs : of the graph; all are floats.

    Raises
    ------
    BundleError naming the file and the operator that counts on what it should not.
    """
    kinds: dict[bytes, Kind] = {
        **{key: "sizes" if whole else "numbers" for key, whole in weights.items()},
        **dict.fromkeys(inputs, "numbers"),
    }
    for node in nodes:
        for at, key in enumerate(node.inputs):
            if not key:
                continue
            if key not in kinds:
                raise _foreign(name, "values before they are made")
            if not _may_take(node.operator, at, kinds[key]):
                raise _foreign(name, f"whole numbers in '{node.operator}'")
        made = _made(node, kinds)
        for key in node.outputs:
            if key in kinds:
                raise _foreign(name, "one name for two values")
            kinds[key] = made


def _may_take(operator: str, at: int, kind: Kind) -> bool:
    if at in _ASKED_AT.get(operator, ()):
        return kind == "sizes"
    if kind == "numbers":
        return True
    if at in _LEVELS_AT.get(operator, ()):
        return kind == "sizes" or at == 0
    return operator in (_MOVERS if kind == "levels" else _CARRIERS)


def _made(node: Node, kinds: dict[bytes, Kind]) -> Kind:
    if node.operator == "QuantizeLinear":
        return "levels"
    if node.operator == "Shape" or node.whole:
        return "sizes"
    if node.operator not in _CARRIERS:
        return "numbers"
    many = len(node.inputs) if node.operator == "Concat" else 1
    carried = {kinds[key] for key in node.inputs[:many] if key}
    if "levels" in carried:
        return "levels"
    return "sizes" if carried == {"sizes"} else "numbers"


def _foreign(name: str, what: str) -> BundleError:
    return BundleError(
        f"{name} uses {what}, which bundles may not",
        value=what,
        hint="export the model with `rtgen export`",
    )
