"""Static quantisation: nearly the same numbers, scales that no chunk changes, both nets in int8."""

import numpy as np
import onnx
import pytest
import torch

from rtgen.bundle.load import load_bundle
from rtgen.bundle.onnx_guard import check_graph
from rtgen.export.folding import folded
from rtgen.export.graphs import EXAMPLE_FRAMES, DecoderGraph, export_graph, round_to_half
from rtgen.export.int8 import requantise
from rtgen.export.quantise import quantise, session
from rtgen.nets.autoencoder import Autoencoder
from rtgen.nets.recipe import AutoencoderRecipe
from rtgen.stream.renderer import Renderer, Voice
from rtgen.stream.sessions import Nets
from rtgen.timeline.events import ControlTimeline
from tests.fakes import tiny_bundle

NAMES = ["tones", "width", "noise", "low"]


def latents(count, frames=40, seed=0):
    chance = np.random.default_rng(seed)
    return [chance.standard_normal((1, frames, 64)).astype(np.float32) for _ in range(count)]


@pytest.fixture(scope="module")
def quantised(tmp_path_factory):
    folder = tiny_bundle.write_tiny(tmp_path_factory.mktemp("models") / "tiny")
    requantise(folder)
    return load_bundle(folder)


def feeds(bundle, count, frames=20):
    """Random inputs of a generator."""
    chance, m = np.random.default_rng(1), bundle.frames.margins
    behind = frames + m.head_left
    around = behind + m.trunk_left + m.trunk_right
    sizes = {"anchors": (around, 56), "style": (behind, 32), "controls": (behind, 32)}

    def feed():
        made = {k: chance.standard_normal((1, *v)).astype(np.float32) for k, v in sizes.items()}
        return made | {"variation": np.ones((1, behind, 1), np.float32)}

    return [feed() for _ in range(count)]


def test_folding_changes_nothing(techno):
    source = techno.graph("decoder.onnx")
    model = folded(source)
    assert not {node.op_type for node in model.graph.node} & {"Cast", "Reciprocal"}
    x = {"latents": latents(1)[0]}
    plain, simpler = session(source), session(model.SerializeToString())
    for a, b in zip(plain.run(NAMES, x), simpler.run(NAMES, x), strict=True):
        assert np.abs(a - b).max() < 1e-4


def test_products_are_of_bytes_and_what_they_say_is_nearly_the_same(techno):
    source = techno.graph("generator.onnx")
    *known, asked = feeds(techno, 9)
    made = quantise(source, known)
    check_graph(made, "generator.int8.onnx", techno.frames.signatures()["generator.int8.onnx"])
    assert len(made) < 0.6 * len(source)
    a, b = (session(graph).run(["latents"], asked)[0] for graph in (source, made))
    assert a.std() > 0.5
    assert 0 < np.sqrt(np.mean((a - b) ** 2)) < 0.1 * a.std()


def test_scales_are_constants_so_that_no_chunk_changes_them(quantised):
    for name in ("generator.int8.onnx", "decoder.int8.onnx"):
        graph = onnx.ModelProto.FromString(quantised.graph(name)).graph
        constants = {t.name for t in graph.initializer}
        levels = [n for n in graph.node if n.op_type == "QuantizeLinear"]
        assert levels
        assert all(set(n.input[1:]) <= constants for n in levels)
        assert not [n for n in graph.node if "Dynamic" in n.op_type]


def test_what_is_cut_and_joined_is_quantised_before(techno):
    source = techno.graph("generator.onnx")
    graph = onnx.ModelProto.FromString(quantise(source, feeds(techno, 1))).graph
    made = {name: node for node in graph.node for name in node.output}
    sources = [made.get(n.input[0]) for n in graph.node if n.op_type == "QuantizeLinear"]
    assert "Slice" not in {node.op_type for node in sources if node is not None}
    joined = [n for n in graph.node if n.op_type == "Concat" and "bytes" in n.output[0]]
    assert len(joined) == 12  # the taps of each block
    assert all("QuantizeLinear" in _makers(name, made) for n in joined for name in n.input)


def _makers(name, made):
    """Kinds of the nodes that a value was made by, back to where there was more than one input."""
    kinds = []
    while name in made:
        kinds.append(made[name].op_type)
        name = made[name].input[0]
    return kinds


def test_the_bundle_says_what_int8_loses(quantised):
    said = quantised.frames.quantised
    assert 0 < said.log_spectral_distance_db < 1
    assert 0 < said.generator.latent_rms_error < 0.2
    assert said.generator.file in quantised.graphs


def test_int8_plays_both_int8_graphs(quantised, tiny):
    assert "decoder.int8.onnx" not in tiny.graphs
    played = Renderer(quantised, "int8").block(Voice(3), ControlTimeline(), 10, 8)
    plain = Renderer(quantised).block(Voice(3), ControlTimeline(), 10, 8)
    assert 0 < np.abs(played - plain).max() < 0.2 * np.abs(plain).max()
    margins = quantised.frames.margins
    behind = 4 + margins.head_left
    around = behind + margins.trunk_left + margins.trunk_right
    shapes = ((around, 56), (behind, 32), (behind, 32), (behind, 1))
    given = [np.ones(shape, np.float32) for shape in shapes]
    made = [Nets(quantised, precision).generate(*given) for precision in ("fp32", "int8")]
    assert not np.array_equal(*made)


def test_a_bundle_with_an_int8_decoder_only_still_plays(quantised, tmp_path):
    graphs = {k: v for k, v in quantised.graphs.items() if k != "generator.int8.onnx"}
    older = type(quantised)(quantised.folder, quantised.manifest, graphs)
    samples = Renderer(older, "int8").block(Voice(3), ControlTimeline(), 10, 8)
    assert samples.std() > 0.001


@pytest.mark.filterwarnings("ignore")
def test_a_decoder_of_two_levels_is_quantised_at_both(tmp_path):
    torch.manual_seed(0)
    net = Autoencoder(AutoencoderRecipe(inner_channels=64, outer_channels=64)).eval()
    graph = DecoderGraph(net.decoder, torch.randn(64), torch.rand(64) + 0.5).eval()
    round_to_half(graph)
    reach = net.decoder.left + net.decoder.right
    path = tmp_path / "d.onnx"
    example = {"latents": torch.randn(1, EXAMPLE_FRAMES + reach, 64)}
    export_graph(graph, example, NAMES, path)
    source = path.read_bytes()
    made = quantise(source, [{"latents": x} for x in latents(8)])
    check_graph(made, "decoder.int8.onnx")
    kinds = [node.op_type for node in onnx.ModelProto.FromString(made).graph.node]
    products = 2 * (net.recipe.inner_decoder_blocks + net.recipe.outer_decoder_blocks) + 4
    assert kinds.count("MatMul") == products
    assert kinds.count("DequantizeLinear") == 2 * products
    x = {"latents": latents(1, seed=9)[0]}
    for a, b in zip(session(source).run(NAMES, x), session(made).run(NAMES, x), strict=True):
        assert np.sqrt(np.mean((a - b) ** 2)) < 0.05 * a.std()
