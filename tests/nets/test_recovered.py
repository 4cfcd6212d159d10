"""A generator comes out of the graph it was exported to, and nothing else does."""

import numpy as np
import onnxruntime
import pytest
import torch

from rtgen.bundle.load import load_bundle
from rtgen.errors import CheckpointError
from rtgen.export.graphs import generator_inputs
from rtgen.nets.recovered import recovered_generator


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
    with pytest.raises(CheckpointError, match="not that of a generator"):
        recovered_generator(techno.graph(file))
