"""What the guard reads of a file is what onnxruntime reads of it."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, ValueInfoProto, helper

from rtgen.bundle.onnx_guard import check_graph
from rtgen.errors import BundleError

VARINT, EIGHT_BYTES, BYTES, FOUR_BYTES = 0, 1, 2, 5
NODE_INPUT, NODE_OUTPUT, NODE_OP, NODE_ATTRIBUTE = 1, 2, 4, 5
ATTRIBUTE_NAME, ATTRIBUTE_I, ATTRIBUTE_TYPE = 1, 3, 20


def varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def field(number: int, content: bytes) -> bytes:
    return varint(number << 3 | BYTES) + varint(len(content)) + content


def side(name: str, shape: list[int]) -> bytes:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape).SerializeToString()


def model(node: bytes, given: bytes | None = None) -> bytes:
    """A model of one node from a to c."""
    asked = side("a", [2]) if given is None else given
    graph = field(1, node) + field(2, b"g") + field(11, asked) + field(12, side("c", [2]))
    opset = field(8, field(1, b"") + varint(2 << 3) + varint(18))
    return varint(1 << 3) + varint(9) + field(7, graph) + opset


ENDS = field(NODE_INPUT, b"a") + field(NODE_OUTPUT, b"c")
SINE = field(NODE_OP, b"Sin")
HIDDEN_SINES = {
    "behind a number of eight bytes": SINE + varint(NODE_OP << 3 | EIGHT_BYTES) + b"Identity",
    "in a key with bits that are dropped": field(NODE_OP, b"Identity")
    + bytes([NODE_OP << 3 | BYTES | 0x80, 0x80, 0x80, 0x80, 0x10])
    + varint(3)
    + b"Sin",
    "in a key that is longer than it need be": field(NODE_OP, b"Identity")
    + bytes([NODE_OP << 3 | BYTES | 0x80, 0x80, 0])
    + varint(3)
    + b"Sin",
}


@pytest.mark.parametrize("node", HIDDEN_SINES.values(), ids=HIDDEN_SINES)
def test_an_operator_that_only_the_runtime_sees_is_refused(node: bytes) -> None:
    data = model(ENDS + node)
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    (out,) = session.run(None, {"a": np.ones(2, np.float32)})
    assert out == pytest.approx(np.sin(1.0))
    with pytest.raises(BundleError):
        check_graph(data, "x.onnx")


def test_a_cast_to_whole_numbers_is_refused_wherever_its_name_stands() -> None:
    to_whole = varint(ATTRIBUTE_I << 3) + varint(TensorProto.INT64)
    name = field(ATTRIBUTE_NAME, b"to")
    kind = varint(ATTRIBUTE_TYPE << 3) + varint(2)
    for attribute in (name + to_whole + kind, to_whole + kind + name):
        cast = ENDS + field(NODE_OP, b"Cast") + field(NODE_ATTRIBUTE, attribute)
        with pytest.raises(BundleError, match="whole numbers"):
            check_graph(model(cast), "x.onnx")


def test_a_shape_that_is_told_twice_is_refused() -> None:
    told = ValueInfoProto.FromString(side("a", [2]))
    again = field(2, told.type.SerializeToString())
    with pytest.raises(BundleError):
        check_graph(model(ENDS + field(NODE_OP, b"Tanh"), side("a", [2]) + again), "x.onnx")


def test_a_plain_model_passes() -> None:
    check_graph(model(ENDS + field(NODE_OP, b"Tanh")), "x.onnx", ({"a": (2,)}, {"c": (2,)}))
