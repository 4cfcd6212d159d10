"""onnxruntime against torch on random input."""

from __future__ import annotations

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

LENGTHS = (3, 17, 64)


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
