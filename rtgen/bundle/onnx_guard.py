"""What an ONNX file may hold, read from its bytes before onnxruntime sees it.

What a graph takes of memory and time is not known from this: a few allowed nodes can make much out
of little. `trial` finds that out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rtgen.bundle.manifest import Shape, Signature
from rtgen.bundle.onnx_sizes import Node, check_sizes
from rtgen.bundle.onnx_wire import Value, Wire, text
from rtgen.errors import BundleError

_OPERATORS = (
    "Add Cast Clip Concat Constant DequantizeLinear Div Erf Exp Gemm Identity LayerNormalization "
    "LeakyRelu MatMul Max Min Mul Neg Pow QuantizeLinear Reciprocal ReduceMean Relu Reshape Shape "
    "Sigmoid Slice Split Sqrt Squeeze Sub Tanh Transpose Unsqueeze"
)
ALLOWED = frozenset(_OPERATORS.split())
"""Operators that our nets use; none of them loops, or holds a graph."""
MOST_NODES = 1 << 14

# Field numbers of onnx.proto.
_MODEL_GRAPH, _MODEL_TRAINING, _MODEL_FUNCTIONS = 7, 20, 25
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_SPARSE, _GRAPH_INPUT, _GRAPH_OUTPUT = 1, 5, 15, 11, 12
_NODE_INPUT, _NODE_OUTPUT, _NODE_OP, _NODE_ATTRIBUTE, _NODE_DOMAIN = 1, 2, 4, 5, 7
_ATTRIBUTE_NAME, _ATTRIBUTE_INTS, _ATTRIBUTE_TENSOR = 1, (3, 8), 5
_ATTRIBUTE_TENSORS, _ATTRIBUTE_OTHERS = 10, (6, 11, 22, 23)
_TENSOR_SIDES, _TENSOR_TYPE, _TENSOR_NAME, _TENSOR_EXTERNAL, _TENSOR_LOCATION = 1, 2, 8, 13, 14
_VALUE_NAME, _VALUE_TYPE, _TYPE_TENSOR, _TENSOR_ELEMENT, _TENSOR_SHAPE = 1, 2, 1, 1, 2
_VALUE_REMARKS, _TYPE_OTHERS = 4, {4, 5, 7, 8, 9}
_SHAPE_DIMENSION, _DIMENSION_VALUE, _FLOAT32 = 1, 1, 1
_DIMENSION_EITHER = {1, 2}
_FLOATS = (1, 10, 11)
_WHOLES = (2, 3, 6, 7)
_MOST_SIDES, _MOST_WEIGHT_SIDES = 4, 8
_NEGATIVE = 1 << 63

Shapes = dict[str, Shape]


@dataclass
class _Graph:
    """What was read of a graph; `weights` tells of each whether it holds whole numbers."""

    inputs: Shapes = field(default_factory=dict)
    outputs: Shapes = field(default_factory=dict)
    given: list[bytes] = field(default_factory=list)
    weights: dict[bytes, bool] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)


def check_graph(data: bytes, name: str, contract: Signature | None = None) -> None:
    """Refuse external data, foreign operators, and inputs or outputs that are not the contract's.

    Parameters
    ----------
    contract : what the graph must take and give; anything will do if not given.

    Raises
    ------
    BundleError naming the file and what it holds.
    """
    wire, graphs = Wire(name), []
    for number, value in wire.fields(memoryview(data)):
        if number in (_MODEL_TRAINING, _MODEL_FUNCTIONS):
            raise _foreign(name, "functions of its own")
        if number == _MODEL_GRAPH and isinstance(value, memoryview):
            graphs.append(value)
    if len(graphs) != 1:
        raise BundleError(f"{name} is not an ONNX model", value=name, hint="export it again")
    graph = _read(graphs[0], wire)
    if contract is not None and (graph.inputs, graph.outputs) != contract:
        takes, gives = _shown(graph.inputs), _shown(graph.outputs)
        raise BundleError(
            f"{name} takes {takes} and gives {gives}, which is not our contract",
            value=name,
            hint="export the model with `rtgen export`",
        )
    check_sizes(graph.nodes, graph.weights, graph.given, name)


def _read(message: memoryview, wire: Wire) -> _Graph:
    graph = _Graph()
    for number, value in wire.fields(message):
        if not isinstance(value, memoryview):
            continue
        if number == _GRAPH_NODE:
            graph.nodes.append(_checked_node(value, wire))
            if len(graph.nodes) > MOST_NODES:
                raise _foreign(wire.name, f"more than {MOST_NODES} nodes")
        elif number == _GRAPH_INITIALIZER:
            key, whole = _checked_tensor(value, wire)
            if key in graph.weights:
                raise _foreign(wire.name, "one name for two weights")
            graph.weights[key] = whole
        elif number == _GRAPH_SPARSE:
            raise _foreign(wire.name, "sparse weights")
        elif number == _GRAPH_INPUT:
            label, shape = _value_info(value, wire)
            if text(label) in graph.inputs:
                raise _foreign(wire.name, "one name for two inputs")
            graph.inputs[text(label)] = shape
            graph.given.append(bytes(label))
        elif number == _GRAPH_OUTPUT:
            label, shape = _value_info(value, wire)
            if text(label) in graph.outputs:
                raise _foreign(wire.name, "one name for two outputs")
            graph.outputs[text(label)] = shape
    return graph


def _checked_node(message: memoryview, wire: Wire) -> Node:
    node, domain = Node(), b""
    for number, value in wire.fields(message):
        if not isinstance(value, memoryview):
            continue
        if number == _NODE_INPUT:
            node.inputs.append(bytes(value))
        elif number == _NODE_OUTPUT:
            node.outputs.append(bytes(value))
        elif number == _NODE_OP:
            node.operator = text(value)
        elif number == _NODE_DOMAIN:
            domain = bytes(value)
        elif number == _NODE_ATTRIBUTE:
            _check_attribute(value, node, wire)
    if domain not in (b"", b"ai.onnx") or node.operator not in ALLOWED:
        raise _foreign(wire.name, f"the operator '{node.operator}'")
    node.whole = node.whole and node.operator == "Constant"
    return node


def _check_attribute(attribute: memoryview, node: Node, wire: Wire) -> None:
    """Look at the weights in it; `node.whole` becomes true where there are whole numbers."""
    label, numbers = "", list[Value]()
    for number, value in wire.fields(attribute):
        if number in _ATTRIBUTE_OTHERS:
            raise _foreign(wire.name, "graphs inside its graph")
        if number == _ATTRIBUTE_NAME:
            label = text(value)
        elif number in (_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS) and isinstance(value, memoryview):
            node.whole |= _checked_tensor(value, wire)[1]
        elif number in _ATTRIBUTE_INTS:
            node.whole = True
            numbers.append(value)
    if label == "to" and not all(value in _FLOATS for value in numbers):
        raise _foreign(wire.name, "floats as whole numbers")


def _checked_tensor(tensor: memoryview, wire: Wire) -> tuple[bytes, bool]:
    """The name of weights, and whether they are whole numbers."""
    key, kind, sides, count = b"", 0, 0, 1
    for number, value in wire.fields(tensor):
        if number == _TENSOR_EXTERNAL or (number == _TENSOR_LOCATION and value != 0):
            raise BundleError(
                f"{wire.name} keeps weights outside its file",
                value=wire.name,
                hint="bundles hold all weights inside; export it again",
            )
        if number == _TENSOR_SIDES:
            for side in wire.numbers(value):
                sides, count = sides + 1, count * side
                if sides > _MOST_WEIGHT_SIDES or count > len(tensor):  # each takes a byte at least
                    raise _foreign(wire.name, "more weights than it holds")
        elif number == _TENSOR_TYPE:
            kind = value if isinstance(value, int) else 0
        elif number == _TENSOR_NAME and isinstance(value, memoryview):
            key = bytes(value)
    if kind not in (*_FLOATS, *_WHOLES):
        raise _foreign(wire.name, "weights of a type that none of ours has")
    return key, kind in _WHOLES


def _value_info(info: memoryview, wire: Wire) -> tuple[memoryview, Shape]:
    """Name and shape of an input or output; an empty shape where it is not float32."""
    parts = wire.inside(info, repeated=_VALUE_REMARKS)
    label = parts.get(_VALUE_NAME)
    kinds = wire.inside(parts.get(_VALUE_TYPE))
    tensor = wire.inside(kinds.get(_TYPE_TENSOR)) if not kinds.keys() & _TYPE_OTHERS else {}
    shape = tensor.get(_TENSOR_SHAPE)
    sizes: list[int] = []
    for number, dimension in wire.fields(shape) if isinstance(shape, memoryview) else ():
        if not isinstance(dimension, memoryview):
            continue
        if number == _SHAPE_DIMENSION and len(sizes) <= _MOST_SIDES:
            told = wire.inside(dimension)
            size = -1 if told.keys() >= _DIMENSION_EITHER else told.get(_DIMENSION_VALUE, 0)
            # From _NEGATIVE on readers of ONNX see a number below nothing.
            sizes.append(size if isinstance(size, int) and size < _NEGATIVE else -1)
    named = label if isinstance(label, memoryview) else memoryview(b"")
    return named, tuple(sizes) if tensor.get(_TENSOR_ELEMENT) == _FLOAT32 else ()


def _shown(shapes: Shapes) -> str:
    sides = {key[:20]: "x".join(str(side or "any") for side in x) for key, x in shapes.items()}
    return ", ".join(f"{key} ({text})" for key, text in list(sides.items())[:8]) or "none"


def _foreign(name: str, what: str) -> BundleError:
    return BundleError(
        f"{name} uses {what}, which bundles may not",
        value=what,
        hint="export the model with `rtgen export`",
    )
