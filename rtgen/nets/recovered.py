"""A generator out of the graph it was exported to: bundles hold graphs, and seldom checkpoints."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper

from rtgen.errors import CheckpointError
from rtgen.nets.generator import Generator

Array = npt.NDArray[np.floating]
_BIAS, _WEIGHT = ".bias", ".weight"


def recovered_generator(graph: bytes) -> Generator:
    """The net of a `generator.onnx` that `rtgen export` wrote, with weights as they are there.

    Raises
    ------
    CheckpointError when the graph is of another net.
    """
    net = Generator()
    found = {name: torch.tensor(value) for name, value in _parameters(graph)}
    try:
        net.load_state_dict(found)
    except RuntimeError as error:
        raise CheckpointError(
            "the bundle's graph is not that of a generator of this version",
            value="generator.onnx",
            hint="--from CHECKPOINT, the gan.safetensors it was exported from",
        ) from error
    return net


def _parameters(graph: bytes) -> Iterator[tuple[str, Array]]:
    """Parameters by name. The exporter names all but the matrices, which it turns round: a matrix
    is known by the bias that is added to its products."""
    model = onnx.ModelProto.FromString(graph).graph
    held = {t.name: numpy_helper.to_array(t) for t in model.initializer}
    for node in model.node:  # halves are made single before they are used
        if node.op_type == "Cast" and node.input[0] in held:
            held[node.output[0]] = held[node.input[0]].astype(np.float32)
    matrices = {
        node.output[0]: held[node.input[1]]
        for node in model.node
        if node.op_type == "MatMul" and node.input[1] in held
    }
    for node in model.node:
        if node.op_type != "Add":
            continue
        for product, bias in permutations(node.input, 2):
            if product in matrices and bias.endswith(_BIAS):
                name = bias.removesuffix(_BIAS) + _WEIGHT
                yield name, matrices[product].T
    for name, value in held.items():
        if name.endswith((_BIAS, ".gain")):
            yield name, value
