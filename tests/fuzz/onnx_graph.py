"""The front door of ONNX files; what passes is read again by the library that it stands before."""

from __future__ import annotations

from collections.abc import Iterable

import onnx
from google.protobuf.message import DecodeError

from rtgen.bundle.manifest import Shape, Signature
from rtgen.bundle.onnx_guard import ALLOWED, _Graph, _read, check_graph
from rtgen.bundle.onnx_wire import Wire
from rtgen.errors import BundleError
from tests.fuzz.walls import allowed, walled

FLOAT32 = onnx.TensorProto.FLOAT
FLOATS = (0, FLOAT32, onnx.TensorProto.FLOAT16, onnx.TensorProto.DOUBLE)


def one_input(data: bytes) -> None:
    """Check a graph; it must hold what the guard says that it holds."""
    with walled():
        try:
            check_graph(data, "generator.onnx")
        except BundleError:
            allowed(check_graph, data, "generator.onnx")
            return
        try:
            model = onnx.load_from_string(data)
        except (DecodeError, onnx.onnx_cpp2py_export.checker.ValidationError):
            return  # the runtime would refuse it too
        agree(data, model)


def agree(data: bytes, model: onnx.ModelProto) -> None:
    """Demand that the whole reader of protobuf sees nothing that the guard let through unseen."""
    assert not model.functions
    assert not model.training_info
    assert not model.graph.sparse_initializer
    tensors = list(model.graph.initializer)
    for node in model.graph.node:
        assert node.op_type in ALLOWED
        assert node.domain in ("", "ai.onnx")
        for attribute in node.attribute:
            assert not attribute.HasField("g")
            assert not attribute.graphs
            assert not attribute.HasField("sparse_tensor")
            if attribute.name == "to":
                assert attribute.i in (
                    0,
                    FLOAT32,
                    onnx.TensorProto.FLOAT16,
                    onnx.TensorProto.DOUBLE,
                )
            tensors += [attribute.t, *attribute.tensors]
    for tensor in tensors:
        assert tensor.data_location == onnx.TensorProto.DEFAULT
        assert not tensor.external_data
    graph = read_whole(data)
    shapes = (*graph.inputs.values(), *graph.outputs.values())
    if all(shape and min(shape) >= 0 for shape in shapes):  # as a contract may ask for
        assert (graph.inputs, graph.outputs) == signature(model.graph)


def read_whole(data: bytes) -> _Graph:
    """What the guard believes to be in the graph."""
    wire = Wire("generator.onnx")
    found = (value for number, value in wire.fields(memoryview(data)) if number == 7)
    (graph,) = (value for value in found if isinstance(value, memoryview))
    return _read(graph, wire)


def signature(graph: onnx.GraphProto) -> Signature:
    """Inputs and outputs as the library reads them, in the guard's words."""

    def sides(infos: Iterable[onnx.ValueInfoProto]) -> dict[str, Shape]:
        found: dict[str, Shape] = {}
        for info in infos:
            assert info.name not in found
            assert info.type.WhichOneof("value") == "tensor_type"
            assert info.type.tensor_type.elem_type == FLOAT32
            sizes = info.type.tensor_type.shape.dim
            given: str | bytes = info.name  # bytes, where they are no UTF-8
            label = given if isinstance(given, bytes) else given.encode()
            name = label[:64].decode(errors="replace")
            found[name] = tuple(size.dim_value for size in sizes)
        return found

    return sides(graph.input), sides(graph.output)
