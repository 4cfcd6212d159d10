"""Generators whose author means harm; those that the guard lets through are for the trial."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, helper, numpy_helper

INPUTS = {"anchors": 56, "style": 32, "controls": 32, "variation": 1}
FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL


def graph(nodes: Sequence[Any], weights: Sequence[Any] = ()) -> bytes:
    """A generator of these nodes, with the inputs and outputs of ours."""
    made = helper.make_graph(
        list(nodes),
        "hostile",
        [
            helper.make_tensor_value_info(name, FLOAT, [1, f"n_{name}", count])
            for name, count in INPUTS.items()
        ],
        [helper.make_tensor_value_info("latents", FLOAT, [1, "n", 64])],
        list(weights),
    )
    opset = [helper.make_opsetid("", 18)]
    data: bytes = helper.make_model(made, opset_imports=opset, ir_version=9).SerializeToString()
    return data


def constant(name: str, values: npt.ArrayLike, kind: Any = np.int64) -> Any:
    """Weights of a name."""
    return numpy_helper.from_array(np.asarray(values, kind), name)


def node(operator: str, inputs: Sequence[str], output: str, **more: Any) -> Any:
    """A node with one output."""
    return helper.make_node(operator, list(inputs), [output], **more)


def thirty_four_gigabytes() -> bytes:
    """Some hundred bytes that ask for 34 GB."""
    return graph([node("ConstantOfShape", ["s"], "latents")], [constant("s", [1, 133_000_000, 64])])


def endless_loop() -> bytes:
    """Never ends."""
    body = helper.make_graph(
        [node("Identity", ["c"], "c_out"), node("Identity", ["x"], "x_out")],
        "body",
        [
            helper.make_tensor_value_info("i", INT64, []),
            helper.make_tensor_value_info("c", BOOL, []),
            helper.make_tensor_value_info("x", FLOAT, [1, "k", 64]),
        ],
        [
            helper.make_tensor_value_info("c_out", BOOL, []),
            helper.make_tensor_value_info("x_out", FLOAT, [1, "k", 64]),
        ],
    )
    weights = [
        constant("n", 2**62),
        constant("t", True, np.bool_),
        constant("z", np.zeros((1, 2, 64)), np.float32),
    ]
    return graph([node("Loop", ["n", "t", "z"], "latents", body=body)], weights)


def huge_constant() -> bytes:
    """Says that it holds 2^46 weights, and holds four."""
    weights = TensorProto(name="w", data_type=FLOAT, dims=[1, 2**40, 64], raw_data=bytes(16))
    return graph([node("Identity", ["w"], "latents")], [weights])


def table_of_all() -> bytes:
    """A row and a column of 400 kB each, whose sum has 40 GB."""
    side = np.zeros(100_000)
    weights = [
        constant("row", side[None, None, :], np.float32),
        constant("column", side[None, :, None], np.float32),
    ]
    return graph([node("Add", ["row", "column"], "latents")], weights)


def doubling() -> bytes:
    """Puts the style beside itself, 40 times over."""
    names = ["style", *(f"x{k}" for k in range(39)), "latents"]
    return graph([node("Concat", [a, a], b, axis=2) for a, b in pairwise(names)])


def long_sums() -> bytes:
    """Products of large tables, one after the other, for many minutes."""
    side = np.zeros(3000)
    weights = [
        constant("row", side[None, None, :], np.float32),
        constant("column", side[None, :, None], np.float32),
    ]
    names = ["x", *(f"x{k}" for k in range(59)), "latents"]
    start = [
        node("ReduceMean", ["variation"], "level"),  # else they are done before they are asked for
        node("Add", ["row", "level"], "moved"),
        node("Add", ["moved", "column"], "x"),
    ]
    products = [node("MatMul", [a, a], b) for a, b in pairwise(names)]
    return graph([*start, *products], weights)


def deadly_division() -> bytes:
    """Divides -2^63 by -1, at which the processor ends the process."""
    weights = [
        constant("lowest", [-(2**63)]),
        constant("one", [-1]),
        constant("nothing", [0, 0, 0]),
    ]
    nodes = [
        node("Shape", ["style"], "lengths"),
        node("Mul", ["lengths", "nothing"], "zeros"),
        node("Add", ["zeros", "lowest"], "low"),
        node("Div", ["low", "one"], "shape"),
        node("Reshape", ["style", "shape"], "latents"),
    ]
    return graph(nodes, weights)


def counts_on_what_is_played() -> bytes:
    """Takes what it is played for a shape."""
    nodes = [node("Cast", ["controls"], "n", to=INT64), node("Reshape", ["style", "n"], "latents")]
    return graph(nodes)


def whole_powers_of_what_is_played() -> bytes:
    """The same in disguise: a whole number to the power of a float is a whole number."""
    nodes = [
        node("Pow", ["two", "controls"], "n"),
        node("Reshape", ["style", "n"], "latents"),
    ]
    return graph(nodes, [constant("two", [2])])


def _with_levels(nodes: Sequence[Any], *weights: Any) -> bytes:
    """A graph that rounds what it is played to eight bits, as the value "n"."""
    steps = [constant("scale", 1.0, np.float32), constant("zero", 0, np.uint8)]
    rounding = node("QuantizeLinear", ["controls", "scale", "zero"], "n")
    return graph([rounding, *nodes], [*steps, *weights])


def rounded_numbers_as_sizes() -> bytes:
    """Takes what was rounded for a place to cut at."""
    return _with_levels([node("Slice", ["style", "n", "n"], "latents")])


def moved_levels_as_sizes() -> bytes:
    """The same, by way of an operator that may move what was rounded."""
    nodes = [
        node("Reshape", ["n", "shape"], "m"),
        node("Slice", ["style", "m", "m"], "latents"),
    ]
    return _with_levels(nodes, constant("shape", [-1]))


def sizes_beside_levels() -> bytes:
    """What was rounded, hidden behind a size that is none of it."""
    nodes = [
        node("Concat", ["size", "n"], "m", axis=0),
        node("Reshape", ["style", "m"], "latents"),
    ]
    return _with_levels(nodes, constant("size", [1], np.uint8))


def weights_over_an_input() -> bytes:
    """Whole numbers under the name of an input, which then replaces them."""
    return graph([node("Reshape", ["anchors", "style"], "latents")], [constant("style", [1, -1])])


def calculated_sizes() -> bytes:
    """Squares a length, so that it is harmless at most lengths."""
    nodes = [
        node("Shape", ["style"], "n"),
        node("Mul", ["n", "n"], "m"),
        node("Reshape", ["style", "m"], "latents"),
    ]
    return graph(nodes)


Hostile = Callable[[], bytes]
