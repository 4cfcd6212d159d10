"""Graphs that are written, and how far onnxruntime is from torch on random input."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from rtgen.export.graphs import EXAMPLE_FRAMES, export_graph

LENGTHS = (3, 17, 64)


def export_measured(
    module: nn.Module, inputs: Callable[[int], dict[str, Tensor]], outputs: list[str], path: Path
) -> float:
    """Write one graph; returns its largest error over LENGTHS.

    Parameters
    ----------
    inputs : gives them by the graph's names, for a number of output frames.
    """
    export_graph(module, inputs(EXAMPLE_FRAMES), outputs, path)
    return max_abs_error(module, path.read_bytes(), {n: inputs(n) for n in LENGTHS})


def max_abs_error(
    module: nn.Module, graph: bytes, make_inputs: dict[int, dict[str, Tensor]]
) -> float:
    """Largest absolute difference over all outputs and lengths.

    Parameters
    ----------
    module : the torch net in evaluation mode.
    graph : the ONNX file's bytes.
    make_inputs : inputs by graph name for several lengths.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    worst = 0.0
    for inputs in make_inputs.values():
        with torch.no_grad():
            wanted = module(*inputs.values())
        wanted = wanted if isinstance(wanted, tuple) else (wanted,)
        got = session.run(None, {name: x.numpy() for name, x in inputs.items()})
        for a, b in zip(wanted, got, strict=True):
            worst = max(worst, float(np.abs(a.numpy() - b).max()))
    return worst
