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
SMALLEST_QUANTISED = 4096
"""Products with fewer weights stay as they are."""
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
    scales = _calibrated(model, sorted({p.input[0] for p in products}), feeds)
    writer = _Writer(graph, scales)
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


class _Writer:
    """Writes quantised products, and what they read, at the end of a graph in the making."""

    def __init__(self, graph: onnx.GraphProto, scales: dict[str, _Scale]) -> None:
        self._graph, self._scales = graph, scales
        self._read: dict[str, list[str]] = {}

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
        if name not in self._read:
            scale, made = self._scales[name], f"int8/{name}"
            how = [
                add_constant(self._graph, made + ".step", np.asarray(scale.step)),
                add_constant(self._graph, made + ".zero", np.asarray(scale.zero)),
            ]
            self._read[name] = [self._node("QuantizeLinear", [name, *how], made + ".bytes"), *how]
        return self._read[name]

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: int) -> str:
        self._graph.node.append(helper.make_node(kind, inputs, [output], output, **attributes))
        return output
