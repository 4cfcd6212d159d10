"""`rtgen export`, `finetune`, `attune`, `settle`, `train recipe`: no bundle is lost."""

import pytest
import torch

from rtgen.bundle.load import load_bundle
from rtgen.bundle.origin import Origin, digest, write_origin
from rtgen.nets.generator import Generator
from rtgen.train.checkpoints import save_checkpoint
from tests.fakes.tiny_bundle import write_tiny


@pytest.fixture
def gan(tmp_path, techno):
    """A checkpoint on the latents of techno that nobody trained."""
    torch.manual_seed(0)
    net = Generator()
    scale = {"mean": torch.zeros(64), "spread": torch.ones(64)}
    facts = {"step": 5, "recipe": net.recipe.model_dump(), "bundle": str(techno.folder)}
    facts |= {"style": "techno", "tempo": [100, 180], "corpus": "nothing", "procedural": True}
    path = tmp_path / "gan.safetensors"
    save_checkpoint(path, {"generator": net, "best": net}, scale, facts)
    return path


@pytest.fixture
def pulled(tmp_path):
    """A complete bundle, pulled from elsewhere."""
    folder = write_tiny(tmp_path / "other" / "techno", "techno")
    origin = Origin(place="./there", manifest_sha256=digest(folder), pulled="2026-01-01")
    write_origin(folder, origin)
    return folder


def held(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    "verb",
    [
        ("export",),
        ("finetune", "techno"),
        ("attune", "techno"),
        ("settle", "techno"),
        ("train", "recipe", "--style", "piano"),
    ],
)
def test_a_bundle_that_is_there_is_not_touched_unless_told(rtgen, gan, pulled, verb):
    before = held(pulled)
    words = ("--gan", gan) if verb == ("export",) else ()
    refused = rtgen(*verb, *words, "-o", pulled)
    assert refused.code == 2
    assert refused.err == (
        f"error: {pulled} holds a bundle already\nhint: -y overwrites it, or choose another --out\n"
    )
    assert held(pulled) == before


@pytest.mark.filterwarnings("ignore")  # the exporter's own
def test_with_yes_it_is_replaced_as_a_whole(rtgen, gan, pulled):
    (pulled / "gan.safetensors").write_bytes(b"of the old one")
    made = rtgen("export", "--gan", gan, "-o", pulled, "-y")
    assert made.code == 0, made.err
    assert load_bundle(pulled).manifest.training["latents of"] == "techno"
    assert not (pulled / "gan.safetensors").exists()
    assert "there" not in rtgen("models", "info", pulled).out
    assert rtgen("models", "verify", pulled).code == 0
    assert list(pulled.parent.iterdir()) == [pulled]


def test_a_checkpoint_that_cannot_be_exported_leaves_the_old_bundle_whole(rtgen, gan, pulled):
    before = held(pulled)
    gan.write_bytes(gan.read_bytes()[:-100])
    assert rtgen("export", "--gan", gan, "-o", pulled, "-y").code == 2
    assert held(pulled) == before


@pytest.mark.parametrize(
    "words",
    [
        ("train", "autoencoder", "-o", "{tmp}/run", "--steps", "5"),
        ("train", "gan", "-o", "{tmp}/run", "--autoencoder", "{gan}", "--steps", "1"),
        ("train", "recipe", "--runs", "{tmp}/run", "-o", "{tmp}/new"),
        ("finetune", "techno", "--run", "{tmp}/run", "-o", "{tmp}/new"),
    ],
)
def test_a_device_that_is_none_is_refused_before_any_work(rtgen, gan, tmp_path, words):
    words = [word.format(tmp=tmp_path, gan=gan) for word in words]
    refused = rtgen(*words, "--device", "foo")
    assert refused.code == 2
    assert refused.err == ("error: no device 'foo'\nhint: --device cpu, cuda, or cuda:1 for one\n")
    assert list(tmp_path.iterdir()) == [gan]


@pytest.mark.parametrize("number", ["nan", "inf"])
def test_a_lead_that_is_no_number_is_refused(rtgen, gan, tmp_path, number):
    refused = rtgen("export", "--gan", gan, "-o", tmp_path / "new", "--beat-lead-ms", number)
    assert refused.code == 2
    assert f"error: Invalid value for '--beat-lead-ms': {number} is not" in refused.err
    assert list(tmp_path.iterdir()) == [gan]


def test_what_cannot_be_taught_is_refused_before_any_work(rtgen, tmp_path):
    refused = rtgen("attune", "piano", "--taught", "groove", "-o", tmp_path / "new")
    assert refused.code == 2
    assert refused.err == (
        "error: groove cannot be taught\nhint: density, chroma, or density,chroma\n"
    )
    assert list(tmp_path.iterdir()) == []
