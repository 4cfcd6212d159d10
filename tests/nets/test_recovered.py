"""A net comes out of the graph it was exported to, and out of no other."""

import numpy as np
import onnxruntime
import pytest
import torch

from rtgen.bundle.load import load_bundle
from rtgen.errors import CheckpointError
from rtgen.export.graphs import DecoderGraph, EncoderGraph, generator_inputs
from rtgen.nets.autoencoder import ENCODER_INPUTS
from rtgen.nets.recovered import recovered_autoencoder, recovered_generator


@pytest.mark.parametrize("name", ["techno", "piano"])
def test_it_says_what_the_graph_says(name):
    graph = load_bundle(name).graph("generator.onnx")
    net = recovered_generator(graph).eval()
    torch.manual_seed(0)
    asked = generator_inputs(net, 20)
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    wanted = session.run(["latents"], {k: v.numpy() for k, v in asked.items()})[0]
    with torch.no_grad():
        assert np.abs(net(**asked).numpy() - wanted).max() < 1e-4
    assert wanted.std() > 0.3


@pytest.mark.parametrize("file", ["decoder.onnx", "generator.int8.onnx"])
def test_other_graphs_are_refused(techno, file):
    with pytest.raises(CheckpointError, match="not that of a known generator"):
        recovered_generator(techno.graph(file))


@pytest.mark.parametrize("name", ["techno", "piano"])
def test_both_halves_of_an_autoencoder_say_what_their_graphs_say(name):
    bundle = load_bundle(name)
    encoder, decoder = bundle.graph("encoder.onnx"), bundle.graph("decoder.onnx")
    net, mean, spread = recovered_autoencoder(encoder, decoder)
    rng = np.random.default_rng(0)
    for graph, half, inputs, size in (
        (encoder, EncoderGraph(net.encoder, mean, spread), "features", ENCODER_INPUTS),
        (decoder, DecoderGraph(net.decoder, mean, spread), "latents", 64),
    ):
        given = rng.standard_normal((1, 40, size), np.float32)
        session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
        wanted = session.run(None, {inputs: given})
        with torch.no_grad():
            said = half(torch.from_numpy(given))
        said = said if isinstance(said, tuple) else (said,)
        assert len(said) == len(wanted)
        for one, other in zip(said, wanted, strict=True):
            assert np.abs(one.numpy() - other).max() < 1e-4
        assert wanted[0].std() > 0.3


def test_halves_that_are_swapped_are_refused(techno):
    with pytest.raises(CheckpointError, match="not that of a known encoder"):
        recovered_autoencoder(techno.graph("decoder.onnx"), techno.graph("encoder.onnx"))
