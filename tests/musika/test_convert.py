"""From a checkpoint to a bundle that the loader takes, or to nothing at all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import h5py
import numpy as np
import onnxruntime
import pytest
import torch

from rtgen.bundle.half_windows import HalfWindowManifest
from rtgen.bundle.load import load_bundle
from rtgen.errors import BundleError, CheckpointError
from rtgen.musika import convert
from rtgen.musika.nets import DecoderNet, GeneratorNet
from rtgen.musika.variants import Checkpoint
from tests.cli.conftest import Rtgen

BOUND = 1e-4
EXPORTED = ("full", "small", "older conditional")


def manifest_of(folder: Path) -> HalfWindowManifest:
    manifest = load_bundle(folder).manifest
    assert isinstance(manifest, HalfWindowManifest)
    return manifest


@pytest.mark.parametrize("variant", EXPORTED)
@torch.no_grad()
def test_graphs_say_what_the_nets_say(
    bundles: dict[str, Path], checkpoints: dict[str, Checkpoint], variant: str
) -> None:
    bundle, checkpoint = load_bundle(bundles[variant]), checkpoints[variant]
    torch.manual_seed(7)
    for name, net in (
        ("generator.onnx", GeneratorNet(checkpoint)),
        ("decoder.onnx", DecoderNet(checkpoint)),
    ):
        inputs, outputs = bundle.manifest.signatures()[name]
        given = {key: torch.randn(shape) for key, shape in inputs.items()}
        session = onnxruntime.InferenceSession(bundle.graph(name))
        got = session.run(list(outputs), {key: x.numpy() for key, x in given.items()})
        wanted = net(*given.values())
        for ours, theirs in zip(wanted if len(got) > 1 else (wanted,), got, strict=True):
            assert ours.std() > 0.01
            assert float(np.abs(ours.numpy() - theirs).max()) < BOUND


@pytest.mark.parametrize(
    ("variant", "rate", "frames", "anchors", "first"),
    [
        ("full", 44100, 8, 384, 64.5),
        ("small", 44100, 8, 192, 32.5),
        ("older conditional", 22050, 16, 256, 0.0),
    ],
)
def test_the_manifest_says_how_windows_and_anchors_lie(
    bundles: dict[str, Path], variant: str, rate: int, frames: int, anchors: int, first: float
) -> None:
    manifest = manifest_of(bundles[variant])
    assert (manifest.rate, manifest.group_frames) == (rate, frames)
    assert (manifest.anchor_latents, manifest.first_coordinate) == (anchors, first)
    assert (manifest.mean_db, manifest.spread_db) == (-25.0, 75.0)
    assert manifest.control_names[:2] == ("variation", "morph")
    assert max(manifest.parity_max_abs_error.values()) < BOUND


def test_a_conditional_one_has_a_control_for_its_condition(bundles: dict[str, Path]) -> None:
    manifest = manifest_of(bundles["older conditional"])
    assert manifest.condition is not None
    assert manifest.condition.control == "density"
    assert manifest.control_names == ("variation", "morph", "density")
    assert manifest.coordinate_channels == 129


def test_the_folder_holds_what_the_manifest_lists_and_nothing_of_the_machine(
    bundles: dict[str, Path], folders: dict[str, Path]
) -> None:
    folder = bundles["small"]
    listed = {*manifest_of(folder).files, "manifest.json"}
    assert {path.name for path in folder.iterdir()} == listed
    for path in folder.iterdir():
        assert str(folders["small"].parent).encode() not in path.read_bytes()
    assert "imported from weights of Musika" in (folder / "README.md").read_text()


def test_a_checkpoint_that_is_refused_leaves_nothing(folders: dict[str, Path], tmp_path: Path):
    broken = shutil.copytree(folders["small"], tmp_path / "in")
    (broken / "ae/dec2.h5").write_bytes(b"\x80pickle")
    with pytest.raises(CheckpointError, match="a pickle"):
        convert.run(broken, tmp_path / "out" / "made")
    assert not (tmp_path / "out").exists()


def test_a_target_that_is_no_bundle_is_never_touched(folders: dict[str, Path], tmp_path: Path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    for overwrite in (False, True):
        with pytest.raises(BundleError, match="is no bundle"):
            convert.run(folders["small"], tmp_path / "mine", overwrite=overwrite)
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    with pytest.raises(BundleError, match="is no bundle"):
        convert.run(folders["small"], tmp_path / "link", overwrite=True)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"
    with pytest.raises(BundleError, match="cannot name a bundle"):
        convert.run(folders["small"], tmp_path / "..")


def test_the_command_overwrites_a_bundle_on_request_only(
    bundles: dict[str, Path], folders: dict[str, Path], tmp_path: Path, rtgen: Rtgen
) -> None:
    out = bundles["small"]  # which took the place of another, see the fixture
    assert (manifest_of(out).licence, manifest_of(out).half_latents) == ("CC-BY-4.0", 64)
    assert not [path for path in out.parent.iterdir() if path.name.startswith(".")]
    copy = shutil.copytree(bundles["full"], tmp_path / "mine")
    refused = rtgen("import", "musika", folders["small"], "-o", copy)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith(f"error: {copy} holds a bundle already\nhint: -y overwrites it")
    assert manifest_of(copy).half_latents == 128


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere",), "there is no folder nowhere"),
        (("./none/there",), "there is no folder none/there"),
        (("{small}", "--decoders", "{top}"), "has no dec.h5 and dec2.h5"),
        (("{small}", "--condition", "density=0:1"), "is not conditional"),
        (("{small}", "--condition", "chroma=0:1"), "'chroma=0:1' is not a condition"),
        (("{small}", "--condition", "tempo=a:b"), "'tempo=a:b' is not a condition"),
        (("{small}", "--condition", "tempo=0:inf"), "'tempo=0:inf' is not a condition"),
    ],
)
def test_the_command_refuses_in_one_sentence(
    folders: dict[str, Path], tmp_path: Path, rtgen: Rtgen, arguments: tuple[str, ...], says: str
) -> None:
    places = {"small": folders["small"], "top": tmp_path}
    given = [word.format(**places) for word in arguments]
    refused = rtgen("import", "musika", *given, "-o", tmp_path / "new" / "made")
    assert refused.code == 2
    lines = refused.err.splitlines()
    assert lines[0].startswith("error: ")
    assert says in lines[0]
    assert len(lines) == 2
    assert lines[1].startswith("hint: ")
    assert not (tmp_path / "new").exists()


def test_nets_that_no_bundle_can_hold_are_refused_before_any_work(
    folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HalfWindowManifest, "file_limit", 1 << 17)
    monkeypatch.setattr(convert, "export_fixed", None)
    with pytest.raises(CheckpointError, match="a file of a bundle 0 at most"):
        convert.run(folders["full"], tmp_path / "made")
    assert list(tmp_path.iterdir()) == []


def test_weights_that_overflow_are_refused(
    folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(folders["small"], tmp_path / "in" / "small")
    with h5py.File(folder / "ae/dec2.h5", "r+") as file:
        file["cout/cout/kernel:0"][...] = 3e38
    monkeypatch.setattr(convert, "export_fixed", None)
    with pytest.raises(CheckpointError, match="decoder makes numbers that are not finite"):
        convert.run(folder, tmp_path / "made")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"kind": "polka"}, "kind"),
        ({"kind": "frames"}, "hop"),
        ({"half_latents": 10**9}, "half_latents"),
        ({"half_latents": 30}, "no whole number of groups"),
        ({"group_spectra": 60}, "no whole number of frames"),
        ({"controls": {"volume": {"low": 0, "high": 1, "default": 0, "unit": ""}}}, "volume"),
        ({"condition": {"control": "density", "low": 0, "high": 1}}, "not among the controls"),
        ({"first_coordinate": float("nan")}, "first_coordinate"),
        ({"margins": {}}, "margins"),
    ],
)
def test_a_manifest_that_lies_is_refused(
    bundles: dict[str, Path], tmp_path: Path, changes: dict[str, object], says: str
) -> None:
    copy = shutil.copytree(bundles["small"], tmp_path / "small")
    facts = json.loads((copy / "manifest.json").read_text()) | changes
    (copy / "manifest.json").write_text(json.dumps(facts))
    with pytest.raises(BundleError, match=says) as caught:
        load_bundle(copy)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("changes", [{"half_latents": 128}, {"decoder_noise": 475}])
def test_graphs_that_are_not_what_the_manifest_says_are_refused(
    bundles: dict[str, Path], tmp_path: Path, changes: dict[str, object]
) -> None:
    copy = shutil.copytree(bundles["small"], tmp_path / "small")
    facts = json.loads((copy / "manifest.json").read_text()) | changes
    (copy / "manifest.json").write_text(json.dumps(facts))
    with pytest.raises(BundleError, match="not our contract"):
        load_bundle(copy)


def test_a_bundle_of_frames_stays_under_its_own_limit(tiny_folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(tiny_folder, tmp_path / "tiny")
    facts = json.loads((copy / "manifest.json").read_text())
    facts["files"]["decoder.onnx"]["bytes"] = 17 << 20
    (copy / "manifest.json").write_text(json.dumps(facts))
    with pytest.raises(BundleError, match="over 16 MiB"):
        load_bundle(copy)


def test_half_windows_have_a_limit_too(bundles: dict[str, Path], tmp_path: Path) -> None:
    copy = shutil.copytree(bundles["small"], tmp_path / "small")
    facts = json.loads((copy / "manifest.json").read_text())
    for size, says in ((17 << 20, "checksum"), (257 << 20, "bytes")):
        facts["files"]["decoder.onnx"]["bytes"] = size
        (copy / "manifest.json").write_text(json.dumps(facts))
        with pytest.raises(BundleError, match=says):
            load_bundle(copy)
