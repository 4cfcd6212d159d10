"""`rtgen settle`: another decoder for a bundle, and all else as it was."""

import json

import pytest
import torch

from rtgen.bundle.load import load_bundle
from rtgen.bundle.write import write_manifest
from rtgen.nets.recovered import recovered_autoencoder
from rtgen.train.autoencoder import run as train
from rtgen.train.schedule import Schedule

pytestmark = pytest.mark.filterwarnings("ignore")  # tensorboard's and the exporter's own
FEW = ("--batch", 2, "--clips", 2)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("settle")


@pytest.fixture
def settled(rtgen, place, monkeypatch):
    monkeypatch.chdir(place)
    if not (place / "models" / "still").exists():
        done = rtgen("settle", "techno", "--steps", 2, *FEW, "--run", "run", "-o", "models/still")
        assert done.code == 0, done.err
    return load_bundle(place / "models" / "still")


def net_of(bundle):
    return recovered_autoencoder(bundle.graph("encoder.onnx"), bundle.graph("decoder.onnx"))


def test_only_the_decoder_is_another(settled):
    base = load_bundle("techno")
    for same in ("generator.onnx", "generator.int8.onnx", "encoder.onnx"):
        assert settled.graph(same) == base.graph(same)
    for other in ("decoder.onnx", "decoder.int8.onnx"):
        assert settled.graph(other) != base.graph(other)
    steps = "autoencoder steps"
    assert settled.manifest.training[steps] == base.manifest.training[steps] + 2
    assert settled.manifest.training.keys() == base.manifest.training.keys()
    assert settled.frames.margins == base.frames.margins
    assert settled.frames.parity_max_abs_error["decoder.onnx"] < 1e-4


def test_a_second_bundle_of_the_same_autoencoder_shares_the_run(rtgen, place, settled):
    checkpoint = place / "run" / "autoencoder.safetensors"
    before = checkpoint.read_bytes()
    done = rtgen("settle", "piano", "--steps", 2, *FEW, "--run", "run", "-o", "models/strings")
    assert done.code == 0, done.err
    assert checkpoint.read_bytes() == before
    mine, piano = net_of(load_bundle(place / "models" / "strings")), net_of(load_bundle("piano"))
    assert torch.equal(mine.mean, piano.mean)
    assert torch.equal(mine.spread, piano.spread)
    theirs = net_of(settled).net.decoder.state_dict()
    assert all(torch.equal(x, theirs[k]) for k, x in mine.net.decoder.state_dict().items())


def test_what_cannot_be_settled_is_refused(rtgen, place, techno, bundle_copy, monkeypatch):
    monkeypatch.chdir(place)
    shortest = Schedule(reconstruct=0, adversarial=0, compress=0, refine=0, settle=1)
    train(place / "other", shortest, style="studies", batch=1, clips=1)
    facts = json.loads((bundle_copy / "manifest.json").read_text())
    (bundle_copy / "encoder.onnx").unlink()
    write_manifest(bundle_copy, {k: v for k, v in facts.items() if k != "files"})
    for words, said in (
        (("settle", bundle_copy, "-o", "models/no"), "has no encoder.onnx"),
        (("settle", "techno", "--run", "other", "-o", "models/no"), "is of another autoencoder"),
        (("settle", "techno", "-o", str(techno.folder)), "is the bundle itself"),
    ):
        refused = rtgen(*words, "--steps", 3, *FEW)
        assert refused.code == 2
        assert said in refused.err
        assert not (place / "models" / "no").exists()
