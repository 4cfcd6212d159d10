"""Graphs made simpler without a change of what they say: what is constant is worked out once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, numpy_helper

Array = npt.NDArray[np.floating]


def folded(source: bytes) -> onnx.ModelProto:
    """A graph in single precision, with scales and shifts after products folded into them, and RMS
    norms written as divisions, which onnxruntime knows."""
    model = onnx.ModelProto.FromString(source)
    _widen(model.graph)
    _fold_affine(model.graph)
    _divide_by_roots(model.graph)
    drop_unused(model.graph)
    return model


def constants(graph: onnx.GraphProto) -> dict[str, Array]:
    """The initialisers by name."""
    return {t.name: numpy_helper.to_array(t) for t in graph.initializer}


def add_constant(graph: onnx.GraphProto, name: str, value: npt.NDArray[np.generic]) -> str:
    """Add an initialiser; returns its name."""
    graph.initializer.append(numpy_helper.from_array(value, name))
    return name


def drop_unused(graph: onnx.GraphProto) -> None:
    """Remove nodes and initialisers that no output needs."""
    needed, kept = {output.name for output in graph.output}, []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
            kept.append(node)
    weights = [t for t in graph.initializer if t.name in needed]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(reversed(kept))
    graph.initializer.extend(weights)


def _widen(graph: onnx.GraphProto) -> None:
    """Weights that are stored as half precision and cast: stored as single precision instead."""
    known, kept = constants(graph), []
    for node in graph.node:
        if node.op_type == "Cast" and node.input[0] in known:
            if node.attribute[0].i != TensorProto.FLOAT:
                raise ValueError(f"a weight is cast to the type {node.attribute[0].i}")
            add_constant(graph, node.output[0], known[node.input[0]].astype(np.float32))
        else:
            kept.append(node)
    del graph.node[:]
    graph.node.extend(kept)


def _fold_affine(graph: onnx.GraphProto) -> None:
    known, readers = constants(graph), _readers(graph)
    for node in list(graph.node):
        if node.op_type != "MatMul" or node.input[1] not in known:
            continue
        weights = known[node.input[1]].astype(np.float64)
        shift = np.zeros(weights.shape[1])
        steps: list[onnx.NodeProto] = []
        value = node.output[0]
        while len(readers.get(value, ())) == 1:
            step = readers[value][0]
            constant = _constant_of(step, value, known, len(shift))
            if step is None or constant is None:
                break
            if step.op_type == "Mul":
                weights, shift = weights * constant, shift * constant
            else:
                shift = shift + constant
            steps.append(step)
            value = step.output[0]
        if not steps:
            continue
        made = node.output[0]
        node.input[1] = add_constant(graph, f"folded/{made}.weights", weights.astype(np.float32))
        bias = add_constant(graph, f"folded/{made}.bias", shift.astype(np.float32))
        steps[-1].op_type = "Add"
        del steps[-1].input[:]
        steps[-1].input.extend([made, bias])


def _constant_of(
    step: onnx.NodeProto | None, value: str, known: dict[str, Array], channels: int
) -> Array | None:
    """What a step adds to the value's channels or multiplies them by, if that is all it does."""
    if step is None or step.op_type not in ("Add", "Mul"):
        return None
    other = [name for name in step.input if name != value]
    if len(other) != 1 or other[0] not in known or known[other[0]].size not in (1, channels):
        return None
    return known[other[0]].reshape(-1).astype(np.float64)


def _readers(graph: onnx.GraphProto) -> dict[str, list[onnx.NodeProto | None]]:
    """Who reads each value; None stands for the world outside."""
    out: dict[str, list[onnx.NodeProto | None]] = {}
    for node in graph.node:
        for name in node.input:
            out.setdefault(name, []).append(node)
    for output in graph.output:
        out.setdefault(output.name, []).append(None)
    return out


def _divide_by_roots(graph: onnx.GraphProto) -> None:
    made = {output: node for node in graph.node for output in node.output}
    for node in graph.node:
        if node.op_type != "Mul":
            continue
        for k in (0, 1):
            inverse = made.get(node.input[k])
            if inverse is not None and inverse.op_type == "Reciprocal":
                divided = node.input[1 - k]
                node.op_type = "Div"
                del node.input[:]
                node.input.extend([divided, inverse.input[0]])
                break
