"""What an ONNX file may hold, read from its bytes before onnxruntime sees it.

A small bounded reader of the protobuf wire format: the `onnx` package is a training dependency, and
external data must be refused before a session could follow it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rtgen.errors import BundleError

ALLOWED = frozenset(
    "Add Cast Clip Concat Constant DequantizeLinear Div Erf Exp Expand Gather Gemm Identity "
    "LayerNormalization LeakyRelu MatMul Max Min Mul Neg Pow QuantizeLinear ReduceMean "
    "Reciprocal Relu Reshape Shape Sigmoid Slice Split Sqrt Squeeze Sub Swish Tanh Transpose "
    "Unsqueeze".split()
)
_MODEL_GRAPH, _GRAPH_NODE, _GRAPH_INITIALIZER = 7, 1, 5
_NODE_OP, _NODE_DOMAIN = 4, 7
_TENSOR_EXTERNAL, _TENSOR_LOCATION = 13, 14


def check_graph(data: bytes, name: str) -> None:
    """Refuse external data, foreign domains and operators that are not ours.

    Raises
    ------
    BundleError naming the file and what it holds.
    """
    found = False
    for number, value in _fields(memoryview(data), name):
        if number == _MODEL_GRAPH and isinstance(value, memoryview):
            found = True
            _check_inside(value, name)
    if not found:
        raise BundleError(f"{name} is not an ONNX model", value=name, hint="export it again")


def _check_inside(graph: memoryview, name: str) -> None:
    for number, value in _fields(graph, name):
        if not isinstance(value, memoryview):
            continue
        if number == _GRAPH_NODE:
            parts = [(k, bytes(v)) for k, v in _fields(value, name) if isinstance(v, memoryview)]
            operator = next((v.decode("utf-8", "replace") for k, v in parts if k == _NODE_OP), "")
            domain = next((v for k, v in parts if k == _NODE_DOMAIN), b"")
            if domain not in (b"", b"ai.onnx") or operator not in ALLOWED:
                raise BundleError(
                    f"{name} uses the operator '{operator}', which bundles may not",
                    value=operator,
                    hint="export the model with `rtgen export`",
                )
        elif number == _GRAPH_INITIALIZER:
            for k, _ in _fields(value, name):
                if k in (_TENSOR_EXTERNAL, _TENSOR_LOCATION):
                    raise BundleError(
                        f"{name} keeps weights outside its file",
                        value=name,
                        hint="bundles hold all weights inside; export it again",
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
