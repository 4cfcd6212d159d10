"""Nets out of the graphs they were exported to: bundles hold graphs, and seldom checkpoints."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from rtgen.errors import CheckpointError
from rtgen.nets.autoencoder import Autoencoder
from rtgen.nets.generator import Generator

Array = npt.NDArray[np.floating]
_BIAS, _WEIGHT, _GAIN, _TAPS = ".bias", ".weight", ".norm.gain", ".taps"
_SCALE = ("latent_mean", "latent_spread")


class RecoveredAutoencoder(NamedTuple):
    """An autoencoder, and the scale at which its bundle's generator speaks latents."""

    net: Autoencoder
    mean: Tensor  # (64,)
    spread: Tensor  # (64,)


def recovered_generator(graph: bytes) -> Generator:
    """The net of a `generator.onnx` that `rtgen export` wrote, with weights as they are there.

    Raises
    ------
    CheckpointError when the graph is of another net.
    """
    net = Generator()
    _fill(net, _parameters(graph), "generator", "--from CHECKPOINT, the gan.safetensors of it")
    return net


def recovered_autoencoder(encoder: bytes, decoder: bytes) -> RecoveredAutoencoder:
    """The net of an `encoder.onnx` and a `decoder.onnx` that `rtgen export` wrote together.

    Raises
    ------
    CheckpointError when a graph is of another net.
    """
    net = Autoencoder()
    scale: list[Tensor] = []
    for half, graph in (("encoder", encoder), ("decoder", decoder)):
        found = _parameters(graph)
        scale = [found.pop(name) for name in _SCALE if name in found]
        part = net.get_submodule(half)
        found = {name.removeprefix(f"{half}."): value for name, value in found.items()}
        _fill(part, found, half, "only what `rtgen export` of this version wrote can be read")
    mean, spread = scale
    return RecoveredAutoencoder(net, mean, spread)


def check_same_encoder(known: Autoencoder, checkpoint: Autoencoder, path: Path) -> None:
    """Refuse a checkpoint whose encoder, and so whose latents, are not those that are known.

    Raises
    ------
    CheckpointError that says so.
    """
    theirs = checkpoint.encoder.state_dict()
    if not all(torch.equal(x, theirs[name]) for name, x in known.encoder.state_dict().items()):
        raise CheckpointError(
            f"{path} is of another autoencoder", value=str(path), hint="choose another --run"
        )


def _fill(net: nn.Module, found: dict[str, Tensor], kind: str, hint: str) -> None:
    try:
        net.load_state_dict(found)
    except RuntimeError as error:
        raise CheckpointError(
            f"the bundle's graph is not that of a known {kind}", value=kind, hint=hint
        ) from error


def _parameters(graph: bytes) -> dict[str, Tensor]:
    """Parameters and buffers by name. The exporter keeps all names but those of matrices, which it
    turns round (one is known by the bias that is added to its products), and of taps, which it
    takes apart (they are what is multiplied last before a norm)."""
    model = onnx.ModelProto.FromString(graph).graph
    held = {t.name: numpy_helper.to_array(t) for t in model.initializer}
    for node in model.node:  # halves are made single before they are used
        if node.op_type == "Cast" and node.input[0] in held:
            held[node.output[0]] = held.pop(node.input[0]).astype(np.float32)
    found = {name: value for name, value in held.items() if "." in name or name in _SCALE}
    matrices: dict[str, Array] = {}
    taps: list[Array] = []
    for node in model.node:
        known = [name for name in node.input if name in held]
        if node.op_type == "MatMul" and known:
            matrices[node.output[0]] = held[known[0]].T
        elif node.op_type == "Mul" and known:
            if known[0].endswith(_GAIN) and taps:
                found[known[0].removesuffix(_GAIN) + _TAPS] = np.stack(taps)
                taps = []
            elif known[0] not in found:
                taps.append(held[known[0]])
        elif node.op_type == "Add":
            for product, bias in permutations(node.input, 2):
                if product in matrices and bias.endswith(_BIAS):
                    found[bias.removesuffix(_BIAS) + _WEIGHT] = matrices[product]
    return {name: torch.tensor(value) for name, value in found.items()}
