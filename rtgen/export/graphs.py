"""Torch nets to ONNX graphs with dynamic time; weights are stored as half precision."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from rtgen.nets.autoencoder import ENCODER_INPUTS, Decoded, Decoder, Encoder
from rtgen.nets.generator import Generator
from rtgen.nets.recipe import AutoencoderRecipe

OPSET = 18
EXAMPLE_FRAMES = 50
LATENTS = AutoencoderRecipe().latent_channels
DECODED = list(Decoded._fields)
SMALLEST_HALVED = 512
"""Initialisers with fewer numbers stay in single precision."""


class DecoderGraph(nn.Module):
    """The decoder on standardised latents, as the generator makes them."""

    def __init__(self, decoder: Decoder, mean: Tensor, spread: Tensor) -> None:
        super().__init__()
        self.decoder = decoder
        self.register_buffer("latent_mean", mean)
        self.register_buffer("latent_spread", spread)

    def forward(self, latents: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.decoder(latents * self.latent_spread + self.latent_mean))


class EncoderGraph(nn.Module):
    """The encoder, giving standardised latents."""

    def __init__(self, encoder: Encoder, mean: Tensor, spread: Tensor) -> None:
        super().__init__()
        self.encoder = encoder
        self.register_buffer("latent_mean", mean)
        self.register_buffer("latent_spread", spread)

    def forward(self, features: Tensor) -> Tensor:
        out: Tensor = (self.encoder(features) - self.latent_mean) / self.latent_spread
        return out


@torch.no_grad()
def round_to_half(module: nn.Module) -> None:
    """Round large weights to half precision, so that the file and the net hold the same numbers."""
    for parameter in (*module.parameters(), *module.buffers()):
        if parameter.numel() >= SMALLEST_HALVED:
            parameter.copy_(parameter.half().float())


def generator_inputs(generator: Generator, frames: int) -> dict[str, Tensor]:
    """Random inputs for a number of output frames, by the graph's names."""
    r = generator.recipe
    behind = frames + r.head_left
    return {
        "anchors": torch.randn(1, behind + r.trunk_left + r.trunk_right, r.anchor_channels),
        "style": torch.randn(1, behind, r.style_channels),
        "controls": torch.randn(1, behind, r.control_channels),
        "variation": torch.rand(1, behind, 1),
    }


def decoder_inputs(decoder: Decoder, frames: int) -> dict[str, Tensor]:
    """Random latents for a number of decoded frames, by the graph's name."""
    return {"latents": torch.randn(1, frames + decoder.left + decoder.right, LATENTS)}


def encoder_inputs(encoder: Encoder, frames: int) -> dict[str, Tensor]:
    """Random features for a number of latents, by the graph's name."""
    return {"features": torch.randn(1, frames + encoder.left + encoder.right, ENCODER_INPUTS)}


def export_graph(
    module: nn.Module,
    inputs: dict[str, Tensor],
    outputs: list[str],
    path: Path,
    *,
    halve: bool = True,
) -> None:
    """Write one graph; time is dynamic, and every input is longer than it by a fixed margin.

    The exporter is told the margins (`inputs` are for EXAMPLE_FRAMES frames): solving for them
    itself takes it minutes.
    """
    module.eval()
    time = torch.export.Dim("frames", min=2, max=1 << 20)
    program = torch.onnx.export(
        module,
        tuple(inputs.values()),
        dynamo=True,
        input_names=list(inputs),
        output_names=outputs,
        opset_version=OPSET,
        dynamic_shapes=tuple({1: time + x.shape[1] - EXAMPLE_FRAMES} for x in inputs.values()),
        verbose=False,
    )
    assert program is not None
    model = program.model_proto
    if halve:
        _halve_initialisers(model)
    _write(model, path)


def export_fixed(
    module: nn.Module, inputs: dict[str, Tensor], outputs: list[str], path: Path
) -> None:
    """Write one graph that takes exactly the shapes of `inputs`, in single precision."""
    program = torch.onnx.export(
        module.eval(),
        tuple(inputs.values()),
        dynamo=True,
        input_names=list(inputs),
        output_names=outputs,
        opset_version=OPSET,
        verbose=False,
    )
    assert program is not None
    _write(program.model_proto, path)


def _write(model: onnx.ModelProto, path: Path) -> None:
    _strip(model)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def _halve_initialisers(model: onnx.ModelProto) -> None:
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < SMALLEST_HALVED:
            continue
        full = tensor.name
        half = numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16))
        tensor.CopyFrom(half)
        tensor.name = full + ".half"
        casts.append(helper.make_node("Cast", [tensor.name], [full], to=TensorProto.FLOAT))
    for cast in reversed(casts):
        graph.node.insert(0, cast)


def _strip(model: onnx.ModelProto) -> None:
    """Remove what names the machine it was made on."""
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output):
        del value.metadata_props[:]
    for tensor in model.graph.initializer:
        del tensor.metadata_props[:]
    del model.graph.value_info[:]
