"""What decides sizes inside a graph: its weights and the lengths of its inputs, nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from rtgen.bundle import onnx_guard, onnx_wire
from rtgen.bundle.onnx_guard import check_graph
from rtgen.errors import BundleError
from tests.fakes import hostile_graphs
from tests.fakes.hostile_graphs import Hostile, constant, graph, node


@pytest.mark.parametrize(
    ("hostile", "says"),
    [
        (hostile_graphs.thirty_four_gigabytes, "the operator 'ConstantOfShape'"),
        (hostile_graphs.endless_loop, "graphs inside"),
        (hostile_graphs.huge_constant, "more weights than it holds"),
        (hostile_graphs.deadly_division, "whole numbers in 'Mul'"),
        (hostile_graphs.counts_on_what_is_played, "floats as whole numbers"),
        (hostile_graphs.whole_powers_of_what_is_played, "whole numbers in 'Pow'"),
        (hostile_graphs.rounded_numbers_as_sizes, "whole numbers in 'Slice'"),
        (hostile_graphs.moved_levels_as_sizes, "whole numbers in 'Slice'"),
        (hostile_graphs.sizes_beside_levels, "whole numbers in 'Reshape'"),
        (hostile_graphs.weights_over_an_input, "whole numbers in 'Reshape'"),
        (hostile_graphs.calculated_sizes, "whole numbers in 'Mul'"),
    ],
)
def test_what_could_ask_for_much_is_refused(hostile: Hostile, says: str) -> None:
    with pytest.raises(BundleError, match=says):
        check_graph(hostile(), "generator.onnx")


def test_lengths_may_be_turned_round_and_cut_with() -> None:
    nodes = [
        node("Shape", ["style"], "lengths", start=1, end=2),
        node("Neg", ["lengths"], "back"),
        node("Slice", ["anchors", "back", "far", "axis"], "cut"),
        node("Reshape", ["cut", "shape"], "latents"),
    ]
    weights = [constant("far", [2**62]), constant("axis", [1]), constant("shape", [1, -1, 64])]
    check_graph(graph(nodes, weights), "generator.onnx")


def test_levels_may_be_moved_and_made_floats_again() -> None:
    nodes = [
        node("QuantizeLinear", ["style", "scale", "zero"], "levels"),
        node("Slice", ["levels", "from", "far", "axis"], "late"),
        node("Concat", ["levels", "late"], "both", axis=1),
        node("Reshape", ["both", "shape"], "moved"),
        node("DequantizeLinear", ["moved", "scale", "zero"], "latents"),
    ]
    weights = [
        constant("scale", 1.0, np.float32),
        constant("zero", 0, np.uint8),
        constant("from", [1]),
        constant("far", [2**62]),
        constant("axis", [1]),
        constant("shape", [1, -1, 64]),
    ]
    check_graph(graph(nodes, weights), "generator.onnx")


def test_a_value_is_made_once_and_before_it_is_used() -> None:
    late = [node("Neg", ["x"], "latents"), node("Neg", ["style"], "x")]
    with pytest.raises(BundleError, match="before they are made"):
        check_graph(graph(late), "generator.onnx")
    twice = [node("Neg", ["style"], "x"), node("Neg", ["style"], "x")]
    with pytest.raises(BundleError, match="one name for two"):
        check_graph(graph(twice), "generator.onnx")


def test_endless_graphs_are_refused_before_they_are_read_to_their_end() -> None:
    many = [node("Neg", ["style"], f"x{k}") for k in range(onnx_guard.MOST_NODES + 1)]
    with pytest.raises(BundleError, match="nodes"):
        check_graph(graph(many), "generator.onnx")
    crumbs = b"\x08\x01" * (onnx_wire.MOST_FIELDS + 1)
    with pytest.raises(BundleError, match="more parts"):
        check_graph(crumbs, "generator.onnx")


def test_weights_with_endless_sides_are_refused() -> None:
    flat = hostile_graphs.TensorProto(name="w", data_type=1, dims=[1] * 9, raw_data=bytes(4))
    with pytest.raises(BundleError, match="more weights than it holds"):
        check_graph(graph([node("Identity", ["w"], "latents")], [flat]), "generator.onnx")
