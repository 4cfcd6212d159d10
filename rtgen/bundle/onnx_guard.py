"""What an ONNX file may hold, read from its bytes before onnxruntime sees it.

A small bounded reader of the protobuf wire format: the `onnx` package is a training dependency, and
external data must be refused before a session could follow it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rtgen.bundle.manifest import Shape, Signature
from rtgen.errors import BundleError

_OPERATORS = (
    "Add Cast Clip Concat Constant DequantizeLinear Div Erf Exp Gemm Identity LayerNormalization "
    "LeakyRelu MatMul Max Min Mul Neg Pow QuantizeLinear Reciprocal ReduceMean Relu Reshape Shape "
    "Sigmoid Slice Split Sqrt Squeeze Sub Tanh Transpose Unsqueeze"
)
ALLOWED = frozenset(_OPERATORS.split())
"""Operators that our nets use; none loops, and none makes much out of little."""

# Field numbers of onnx.proto.
_MODEL_GRAPH, _MODEL_TRAINING, _MODEL_FUNCTIONS = 7, 20, 25
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_SPARSE, _GRAPH_INPUT, _GRAPH_OUTPUT = 1, 5, 15, 11, 12
_NODE_OP, _NODE_ATTRIBUTE, _NODE_DOMAIN = 4, 5, 7
_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS, _ATTRIBUTE_OTHERS = 5, 10, (6, 11, 22, 23)
_TENSOR_EXTERNAL, _TENSOR_LOCATION = 13, 14
_VALUE_NAME, _VALUE_TYPE, _TYPE_TENSOR, _TENSOR_ELEMENT, _TENSOR_SHAPE = 1, 2, 1, 1, 2
_SHAPE_DIMENSION, _DIMENSION_VALUE, _FLOAT32 = 1, 1, 1
_MOST_SIDES = 4

Shapes = dict[str, Shape]


def check_graph(data: bytes, name: str, contract: Signature | None = None) -> None:
    """Refuse external data, foreign operators, and inputs or outputs that are not the contract's.

    Parameters
    ----------
    contract : what the graph must take and give; anything will do if not given.

    Raises
    ------
    BundleError naming the file and what it holds.
    """
    graphs = []
    for number, value in _fields(memoryview(data), name):
        if number in (_MODEL_TRAINING, _MODEL_FUNCTIONS):
            raise _foreign(name, "functions of its own")
        if number == _MODEL_GRAPH and isinstance(value, memoryview):
            graphs.append(value)
    if len(graphs) != 1:
        raise BundleError(f"{name} is not an ONNX model", value=name, hint="export it again")
    inputs, outputs = _check_inside(graphs[0], name)
    if contract is not None and (inputs, outputs) != contract:
        raise BundleError(
            f"{name} takes {_shown(inputs)} and gives {_shown(outputs)}, which is not our contract",
            value=name,
            hint="export the model with `rtgen export`",
        )


def _check_inside(graph: memoryview, name: str) -> tuple[Shapes, Shapes]:
    inputs: Shapes = {}
    outputs: Shapes = {}
    for number, value in _fields(graph, name):
        if not isinstance(value, memoryview):
            continue
        if number == _GRAPH_NODE:
            _check_node(value, name)
        elif number == _GRAPH_INITIALIZER:
            _check_tensor(value, name)
        elif number == _GRAPH_SPARSE:
            raise _foreign(name, "sparse weights")
        elif number in (_GRAPH_INPUT, _GRAPH_OUTPUT):
            label, shape = _value_info(value, name)
            (inputs if number == _GRAPH_INPUT else outputs)[label] = shape
    return inputs, outputs


def _check_node(node: memoryview, name: str) -> None:
    operator, domain = "", b""
    for number, value in _fields(node, name):
        if not isinstance(value, memoryview):
            continue
        if number == _NODE_OP:
            operator = _text(value)
        elif number == _NODE_DOMAIN:
            domain = bytes(value)
        elif number == _NODE_ATTRIBUTE:
            for part, inner in _fields(value, name):
                if part in _ATTRIBUTE_OTHERS:
                    raise _foreign(name, "graphs inside its graph")
                if part in (_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS) and isinstance(
                    inner, memoryview
                ):
                    _check_tensor(inner, name)
    if domain not in (b"", b"ai.onnx") or operator not in ALLOWED:
        raise _foreign(name, f"the operator '{operator}'")


def _check_tensor(tensor: memoryview, name: str) -> None:
    for number, value in _fields(tensor, name):
        if number == _TENSOR_EXTERNAL or (number == _TENSOR_LOCATION and value != 0):
            raise BundleError(
                f"{name} keeps weights outside its file",
                value=name,
                hint="bundles hold all weights inside; export it again",
            )


def _value_info(info: memoryview, name: str) -> tuple[str, Shape]:
    """Name and shape of an input or output; an empty shape where it is not float32."""
    parts = _inside(info, name)
    label = _text(parts.get(_VALUE_NAME))
    tensor = _inside(_inside(parts.get(_VALUE_TYPE), name).get(_TYPE_TENSOR), name)
    shape = tensor.get(_TENSOR_SHAPE)
    sizes: list[int] = []
    for number, dimension in _fields(shape, name) if isinstance(shape, memoryview) else ():
        if number == _SHAPE_DIMENSION and len(sizes) <= _MOST_SIDES:
            size = _inside(dimension, name).get(_DIMENSION_VALUE, 0)
            sizes.append(size if isinstance(size, int) else -1)
    return label, tuple(sizes) if tensor.get(_TENSOR_ELEMENT) == _FLOAT32 else ()


def _inside(data: memoryview | int | None, name: str) -> dict[int, memoryview | int]:
    return dict(_fields(data, name)) if isinstance(data, memoryview) else {}


def _text(value: memoryview | int | None) -> str:
    return bytes(value[:64]).decode("utf-8", "replace") if isinstance(value, memoryview) else ""


def _shown(shapes: Shapes) -> str:
    sides = {key[:20]: "x".join(str(side or "any") for side in x) for key, x in shapes.items()}
    return ", ".join(f"{key} ({text})" for key, text in list(sides.items())[:8]) or "none"


def _foreign(name: str, what: str) -> BundleError:
    return BundleError(
        f"{name} uses {what}, which bundles may not",
        value=what,
        hint="export the model with `rtgen export`",
    )


def _fields(data: memoryview, name: str) -> Iterator[tuple[int, memoryview | int]]:
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at, name)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = _varint(data, at, name)
            yield number, value
            continue
        if kind == 2:
            size, at = _varint(data, at, name)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            size = end + 1
        if at + size > end:
            raise BundleError(f"{name} is damaged", value=name, hint="copy the bundle again")
        yield number, data[at : at + size]
        at += size


def _varint(data: memoryview, at: int, name: str) -> tuple[int, int]:
    value = 0
    for shift in range(0, 64, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise BundleError(f"{name} is damaged", value=name, hint="copy the bundle again")
