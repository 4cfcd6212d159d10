"""Static quantisation (QDQ, int8) of the matrix products of a graph.

Scales are fixed by calibration: any that followed the data would depend on the chunk. What goes
into a product is quantised, what comes out is not, so that sums, norms and outputs stay exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import TensorProto, helper

from rtgen.export.folding import add_constant, constants, drop_unused, folded

Feed = dict[str, npt.NDArray[np.float32]]
Array = npt.NDArray[np.float32]
Made = dict[str, onnx.NodeProto]
"""The node that makes each value."""
SMALLEST_QUANTISED = 4096
"""Products with fewer weights stay as they are."""
_MOVERS = ("Concat", "Slice")
LOUDER_THAN, FLOOR, CEILING = -8.0, -9.0, 2.0
"""Logarithms of amplitudes: what sounds, and what is said of the rest."""


@dataclass(frozen=True)
class _Scale:
    """How a value is written as bytes: (byte - zero) * step."""

    step: np.float32
    zero: np.uint8

    @classmethod
    def of(cls, low: float, high: float) -> _Scale:
        step = np.float32(max(high - low, 1e-6) / 255)
        return cls(step, np.uint8(np.clip(round(-low / float(step)), 0, 255)))


def quantise(source: bytes, feeds: Sequence[Feed]) -> bytes:
    """A graph whose products are of bytes.

    Parameters
    ----------
    source : a graph with weights in single or half precision.
    feeds : inputs like those it will get; what they reach sets the scales.
    """
    model = folded(source)
    graph = model.graph
    weights = constants(graph)
    products = [
        node
        for node in graph.node
        if node.op_type == "MatMul"
        and node.input[1] in weights
        and weights[node.input[1]].size >= SMALLEST_QUANTISED
    ]
    made = {output: node for node in graph.node for output in node.output}
    points = sorted({_source(p.input[0], made) for p in products})
    writer = _Writer(graph, _calibrated(model, points, feeds), made)
    nodes, chosen = list(graph.node), {p.output[0] for p in products}
    del graph.node[:]
    for node in nodes:
        if node.output[0] in chosen:
            writer.product(node, weights[node.input[1]])
        else:
            graph.node.append(node)
    drop_unused(graph)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def session(graph: bytes) -> onnxruntime.InferenceSession:
    """A session that says nothing."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def log_spectral_distance_db(a: Sequence[Array], b: Sequence[Array]) -> float:
    """Mean absolute difference in dB of all sounding amplitudes in two lists of log amplitudes."""
    differences = []
    for x, y in zip(a, b, strict=True):
        x, y = (np.clip(v, FLOOR, CEILING) for v in (x, y))
        sounding = (x > LOUDER_THAN) | (y > LOUDER_THAN)
        differences.append(np.abs(x - y)[sounding] * 20 / np.log(10))
    return float(np.concatenate(differences).mean())


def _calibrated(
    model: onnx.ModelProto, points: list[str], feeds: Sequence[Feed]
) -> dict[str, _Scale]:
    """Scales that hold the least and the greatest number seen at each point."""
    seen = onnx.ModelProto()
    seen.CopyFrom(model)
    seen.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
        for name in points
        if name not in {output.name for output in seen.graph.output}
    )
    run, ranges = session(seen.SerializeToString()), dict.fromkeys(points, (0.0, 0.0))
    for feed in feeds:
        for name, value in zip(points, run.run(points, feed), strict=True):
            low, high = ranges[name]
            ranges[name] = min(low, float(value.min())), max(high, float(value.max()))
    return {name: _Scale.of(*span) for name, span in ranges.items()}


def _source(name: str, made: Made) -> str:
    """The value whose numbers slices and concatenations, and nothing else, bring to `name`.

    It is what is quantised: bytes move faster than floats, and what goes to several places is
    written as bytes once.
    """
    node = made.get(name)
    if node is None or node.op_type not in _MOVERS:
        return name
    sources = {_source(each, made) for each in _moved(node)}
    return sources.pop() if len(sources) == 1 else name


def _moved(node: onnx.NodeProto) -> Sequence[str]:
    return list(node.input) if node.op_type == "Concat" else node.input[:1]


class _Writer:
    """Writes quantised products, and what they read, at the end of a graph in the making."""

    def __init__(self, graph: onnx.GraphProto, scales: dict[str, _Scale], made: Made) -> None:
        self._graph, self._scales, self._made = graph, scales, made
        self._how: dict[str, list[str]] = {}
        self._written: set[str] = set()

    def product(self, node: onnx.NodeProto, weights: Array) -> None:
        """One product: bytes in, floats out; a scale for each output channel."""
        out = node.output[0]
        read = self._node("DequantizeLinear", self._bytes(node.input[0]), f"int8/{out}.x")
        step = np.maximum(np.abs(weights).max(axis=0), 1e-8) / 127
        parts = {
            "bytes": np.clip(np.round(weights / step), -127, 127).astype(np.int8),
            "steps": step.astype(np.float32),
            "zeros": np.zeros(len(step), np.int8),
        }
        names = [add_constant(self._graph, f"int8/{out}.w.{k}", v) for k, v in parts.items()]
        weighed = self._node("DequantizeLinear", names, f"int8/{out}.w", axis=1)
        self._node("MatMul", [read, weighed], out)

    def _bytes(self, name: str) -> list[str]:
        """Names of a value as bytes, their step and their zero."""
        made, how = f"int8/{name}.bytes", self._steps(_source(name, self._made))
        if made in self._written:
            return [made, *how]
        self._written.add(made)
        if name in self._scales:
            self._node("QuantizeLinear", [name, *how], made)
        else:
            mover = onnx.NodeProto()
            mover.CopyFrom(self._made[name])
            for k, moved in enumerate(_moved(mover)):
                mover.input[k] = self._bytes(moved)[0]
            mover.name = mover.output[0] = made
            self._graph.node.append(mover)
        return [made, *how]

    def _steps(self, source: str) -> list[str]:
        if source not in self._how:
            scale = self._scales[source]
            self._how[source] = [
                add_constant(self._graph, f"int8/{source}.step", np.asarray(scale.step)),
                add_constant(self._graph, f"int8/{source}.zero", np.asarray(scale.zero)),
            ]
        return self._how[source]

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: int) -> str:
        self._graph.node.append(helper.make_node(kind, inputs, [output], output, **attributes))
        return output
