"""Bundles whose author means harm, or is careless: signed anew, so that checksums agree."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper

from rtgen.bundle.load import load_bundle
from rtgen.bundle.write import write_manifest
from rtgen.errors import BundleError
from tests.fakes.tiny_bundle import facts, write_tiny

Edit = Callable[[dict[str, Any]], None]
Harm = Callable[[onnx.ModelProto], None]


@pytest.fixture
def copy(tiny_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_folder, tmp_path / "tiny")


def edit_manifest(folder: Path, edit: Edit) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    edit(manifest)
    path.write_text(json.dumps(manifest))


def edit_graph(folder: Path, harm: Harm, name: str) -> None:
    model = onnx.load_from_string((folder / name).read_bytes())
    harm(model)
    (folder / name).write_bytes(model.SerializeToString())
    write_manifest(folder, facts())


def test_writing_a_bundle_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    a, b = write_tiny(tmp_path / "a"), write_tiny(tmp_path / "b")
    for path in a.iterdir():
        assert path.read_bytes() == (b / path.name).read_bytes()


def test_a_file_over_sixteen_mebibytes_is_refused(copy: Path) -> None:
    with (copy / "decoder.onnx").open("r+b") as file:
        file.truncate(17 * 2**20)
    with pytest.raises(BundleError, match="larger than"):
        load_bundle(copy)


def also(name: str) -> Edit:
    """List one file more."""
    return lambda m: m["files"].update({name: m["files"]["README.md"]})


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda m: m["margins"].update(extra=1), id="unknown margin"),
        pytest.param(lambda m: m["margins"].update(head_left=-1), id="negative margin"),
        pytest.param(lambda m: m["margins"].update(head_left=10**9), id="endless margin"),
        pytest.param(lambda m: m["margins"].update(decoder_right=2), id="looks too far ahead"),
        pytest.param(lambda m: m.pop("rate"), id="no rate"),
        pytest.param(lambda m: m["controls"]["tempo"].update(default=5), id="default outside"),
        pytest.param(lambda m: m["controls"]["tempo"].update(low=float("nan")), id="not a number"),
        pytest.param(lambda m: m["controls"].update(colour={}), id="unknown control"),
        pytest.param(also("../x"), id="climbs out"),
        pytest.param(also("/etc/passwd"), id="absolute name"),
        pytest.param(also("..\\x"), id="climbs out on Windows"),
        pytest.param(also(".x"), id="hidden file"),
        pytest.param(also("x" * 300), id="long name"),
        pytest.param(lambda m: m["files"].pop("decoder.onnx"), id="no decoder"),
        pytest.param(lambda m: m.update(name="Not A Name"), id="bad name"),
    ],
)
def test_a_manifest_that_is_not_ours_is_refused_in_one_sentence(copy: Path, edit: Edit) -> None:
    edit_manifest(copy, edit)
    with pytest.raises(BundleError) as caught:
        load_bundle(copy)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\xfe", b"null", b"[" * 5000, b"{}" * 200_000],
    ids=["empty", "cut", "list", "no text", "null", "deep", "large"],
)
def test_a_manifest_of_noise_is_refused(copy: Path, content: bytes) -> None:
    (copy / "manifest.json").write_bytes(content)
    with pytest.raises(BundleError):
        load_bundle(copy)


def external_constant(model: onnx.ModelProto) -> None:
    tensor = TensorProto(data_type=1, dims=[4], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="../../secret")
    model.graph.node.append(helper.make_node("Constant", [], ["c"], value=tensor))


def foreign_domain(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Add", ["style"], ["y"], domain="evil.example"))


def endless_loop(model: onnx.ModelProto) -> None:
    body = helper.make_graph([], "body", [], [])
    model.graph.node.append(helper.make_node("Loop", ["", "", "style"], ["y"], body=body))


def hidden_subgraph(model: onnx.ModelProto) -> None:
    body = helper.make_graph([], "body", [], [])
    model.graph.node.append(helper.make_node("Add", ["style", "style"], ["y"], body=body))


def local_function(model: onnx.ModelProto) -> None:
    model.functions.add(name="Add", domain="")


def sparse(model: onnx.ModelProto) -> None:
    model.graph.sparse_initializer.add()


def out_of_nothing(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("ConstantOfShape", ["style"], ["y"]))


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (external_constant, "outside its file"),
        (foreign_domain, "the operator 'Add'"),
        (endless_loop, "graphs inside"),
        (hidden_subgraph, "graphs inside"),
        (local_function, "functions of its own"),
        (sparse, "sparse weights"),
        (out_of_nothing, "the operator 'ConstantOfShape'"),
    ],
)
def test_a_graph_that_could_do_more_than_ours_is_refused(copy: Path, harm: Harm, says: str) -> None:
    edit_graph(copy, harm, "generator.onnx")
    with pytest.raises(BundleError, match=says):
        load_bundle(copy)


def other_channels(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[2].dim_value = 55


def other_type(model: onnx.ModelProto) -> None:
    model.graph.output[0].type.tensor_type.elem_type = TensorProto.DOUBLE


def other_name(model: onnx.ModelProto) -> None:
    model.graph.input[1].name = "mood"


def fixed_length(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 64


@pytest.mark.parametrize("harm", [other_channels, other_type, other_name, fixed_length])
def test_a_graph_with_other_inputs_or_outputs_is_refused(copy: Path, harm: Harm) -> None:
    edit_graph(copy, harm, "generator.onnx")
    with pytest.raises(BundleError, match="not our contract"):
        load_bundle(copy)


def test_swapped_graphs_are_refused(copy: Path) -> None:
    a, b = (copy / "generator.onnx").read_bytes(), (copy / "decoder.onnx").read_bytes()
    (copy / "generator.onnx").write_bytes(b)
    (copy / "decoder.onnx").write_bytes(a)
    write_manifest(copy, facts())
    with pytest.raises(BundleError, match="not our contract"):
        load_bundle(copy)
