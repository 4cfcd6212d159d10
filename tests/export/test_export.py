"""Graphs say what torch says, and the int8 decoder says nearly the same."""

import numpy as np
import onnxruntime
import pytest
import torch

from rtgen.bundle.onnx_guard import check_graph
from rtgen.export.graphs import (
    EXAMPLE_FRAMES,
    DecoderGraph,
    export_graph,
    generator_inputs,
    round_to_half,
)
from rtgen.export.parity import LENGTHS, max_abs_error
from rtgen.nets.autoencoder import Autoencoder, Decoded
from rtgen.nets.generator import Generator
from rtgen.nets.recipe import AutoencoderRecipe, GeneratorRecipe


@pytest.mark.filterwarnings("ignore")
def test_a_generator_is_the_same_in_onnxruntime(tmp_path):
    torch.manual_seed(0)
    recipe = GeneratorRecipe(trunk_channels=24, head_channels=24, head_dilations=(1, 2))
    net = Generator(recipe).eval()
    round_to_half(net)
    path = tmp_path / "g.onnx"
    export_graph(net, generator_inputs(net, EXAMPLE_FRAMES), ["latents"], path)
    check_graph(path.read_bytes(), path.name)
    inputs = {n: generator_inputs(net, n) for n in LENGTHS}
    assert max_abs_error(net, path.read_bytes(), inputs) < 1e-4


@pytest.mark.filterwarnings("ignore")
def test_a_decoder_is_the_same_in_onnxruntime_and_its_weights_are_halves(tmp_path):
    torch.manual_seed(0)
    net = Autoencoder(AutoencoderRecipe(inner_channels=32, outer_channels=32)).eval()
    graph = DecoderGraph(net.decoder, torch.randn(64), torch.rand(64) + 0.5).eval()
    round_to_half(graph)
    reach = net.decoder.left + net.decoder.right

    def inputs(n):
        return {"latents": torch.randn(1, n + reach, 64)}

    path = tmp_path / "d.onnx"
    export_graph(graph, inputs(EXAMPLE_FRAMES), list(Decoded._fields), path)
    assert max_abs_error(graph, path.read_bytes(), {n: inputs(n) for n in LENGTHS}) < 1e-4
    parameters = sum(p.numel() for p in graph.parameters())
    assert path.stat().st_size < 2.4 * parameters + 20_000


def test_the_shipped_parity_and_quantisation_facts_hold(techno):
    assert max(techno.manifest.parity_max_abs_error.values()) < 1e-3
    quantised = techno.manifest.quantised
    assert quantised is not None
    rng = np.random.default_rng(0)
    latents = rng.standard_normal((1, 64, 64)).astype(np.float32)
    said = [
        onnxruntime.InferenceSession(techno.graph(name)).run(["tones"], {"latents": latents})[0]
        for name in ("decoder.onnx", "decoder.int8.onnx")
    ]
    a, b = (np.clip(x, -9, 2) for x in said)
    sounding = (a > -8) | (b > -8)
    assert np.abs(a - b)[sounding].mean() * 8.686 < 3.0
