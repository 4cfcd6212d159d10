"""A bundle is taken whole or refused in one sentence."""

import hashlib
import json

import onnx
import pytest
from onnx import TensorProto, helper

from rtgen.bundle.load import load_bundle
from rtgen.bundle.onnx_guard import check_graph
from rtgen.errors import BundleError


def edit(folder, **changes):
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text()) | changes
    path.write_text(json.dumps(manifest))


def put(folder, name, data):
    """Replace a file and its checksum, as someone who makes a hostile bundle would."""
    (folder / name).write_bytes(data)
    files = json.loads((folder / "manifest.json").read_text())["files"]
    files[name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    edit(folder, files=files)


def test_the_shipped_bundle_opens_by_name_and_by_folder(techno, monkeypatch):
    monkeypatch.setenv("RTGEN_MODELS", str(techno.folder.parent))
    assert load_bundle("techno").manifest == techno.manifest
    assert load_bundle(techno.folder).graph("decoder.onnx") == techno.graph("decoder.onnx")
    with pytest.raises(BundleError):
        techno.graph("nothing.onnx")


def test_a_changed_byte_is_found(bundle_copy):
    data = bytearray((bundle_copy / "decoder.onnx").read_bytes())
    data[5000] ^= 1
    (bundle_copy / "decoder.onnx").write_bytes(data)
    with pytest.raises(BundleError, match=r"decoder.onnx .* checksum"):
        load_bundle(bundle_copy)


@pytest.mark.parametrize("name", ["manifest.json", "generator.onnx", "decoder.onnx", "README.md"])
def test_a_missing_file_is_named(bundle_copy, name):
    (bundle_copy / name).unlink()
    with pytest.raises(BundleError, match=name):
        load_bundle(bundle_copy)


@pytest.mark.parametrize("name", ["manifest.json", "generator.onnx"])
def test_a_link_is_not_followed(bundle_copy, name, tmp_path):
    target = tmp_path / "outside"
    (bundle_copy / name).rename(target)
    (bundle_copy / name).symlink_to(target)
    with pytest.raises(BundleError, match=name):
        load_bundle(bundle_copy)


@pytest.mark.parametrize(
    "changes",
    [{"format": 2}, {"hop": 512}, {"surprise": 1}, {"margins": {}}, {"name": "../x"}],
)
def test_a_foreign_manifest_is_refused(bundle_copy, changes):
    edit(bundle_copy, **changes)
    with pytest.raises(BundleError, match="manifest"):
        load_bundle(bundle_copy)


def test_a_file_outside_the_folder_is_refused(bundle_copy):
    files = json.loads((bundle_copy / "manifest.json").read_text())["files"]
    edit(bundle_copy, files=files | {"../evil.onnx": files["decoder.onnx"]})
    with pytest.raises(BundleError, match="evil"):
        load_bundle(bundle_copy)


def graph_with(node, initialisers=()):
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    graph = helper.make_graph([node], "g", [x], [y], list(initialisers))
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("evil", 1)]
    return helper.make_model(graph, opset_imports=opsets)


def test_foreign_operators_and_outside_weights_are_refused(bundle_copy):
    foreign = graph_with(helper.make_node("Run", ["x"], ["y"], domain="evil"))
    put(bundle_copy, "decoder.onnx", foreign.SerializeToString())
    with pytest.raises(BundleError, match="Run"):
        load_bundle(bundle_copy)
    loop = graph_with(helper.make_node("Loop", ["x", "x", "x"], ["y"]))
    with pytest.raises(BundleError, match="Loop"):
        check_graph(loop.SerializeToString(), "g.onnx")
    weights = helper.make_tensor("w", TensorProto.FLOAT, [1], b"\0" * 4, raw=True)
    onnx.external_data_helper.set_external_data(weights, "../../etc/passwd")
    weights.ClearField("raw_data")
    outside = graph_with(helper.make_node("Add", ["x", "w"], ["y"]), [weights])
    with pytest.raises(BundleError, match="outside its file"):
        check_graph(outside.SerializeToString(), "g.onnx")


def test_noise_and_cut_files_are_refused_not_crashed_on(techno):
    data = techno.graph("generator.onnx")
    for cut in (0, 1, 7, 100, len(data) // 2):
        with pytest.raises(BundleError):
            check_graph(data[:cut] + b"\xff" * 20, "g.onnx")


def test_an_unknown_name_lists_what_is_there(techno, monkeypatch):
    monkeypatch.setenv("RTGEN_MODELS", str(techno.folder.parent))
    with pytest.raises(BundleError) as caught:
        load_bundle("polka")
    assert "techno" in str(caught.value.hint)
