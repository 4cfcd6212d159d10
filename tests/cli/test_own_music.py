"""`rtgen encode`, `rtgen train gan --data` and `rtgen finetune`, as a shell sees them."""

import json
import shutil

import numpy as np
import pytest
import soundfile
import torch

from rtgen.bundle.load import load_bundle
from rtgen.corpus.techno import render_techno
from rtgen.export.weights import write_weights
from rtgen.nets.checkpoint_file import open_checkpoint
from rtgen.nets.critic import Critic, LabelReader, TrackReader
from rtgen.nets.generator import Generator
from rtgen.nets.recovered import recovered_generator
from rtgen.stream.renderer import Renderer, Voice
from rtgen.timeline.conditioning import CHROMA_SLOTS
from rtgen.timeline.events import ControlTimeline
from rtgen.train import finetune, gan_inputs
from rtgen.train.checkpoints import save_checkpoint
from rtgen.train.dataset import read_data

pytestmark = pytest.mark.filterwarnings("ignore")  # tensorboard's and the exporter's own


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with `music` and a `gan.safetensors` that nobody trained."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "music").mkdir()
    soundfile.write(folder / "music" / "a.flac", render_techno(3, 224).mix.T, 44100)
    (folder / "music" / "broken.ogg").write_bytes(b"OggS")
    torch.manual_seed(0)
    net = Generator()
    modules = {"generator": net, "best": net, "critic": Critic()}
    modules |= {"reader": LabelReader(), "track_reader": TrackReader()}
    scale = {"mean": torch.zeros(64), "spread": torch.ones(64)}
    facts = {"step": 5, "recipe": net.recipe.model_dump()}
    save_checkpoint(folder / "gan.safetensors", modules, scale, facts)
    return folder


def test_from_a_folder_of_music_to_a_model_of_its_own(rtgen, place, monkeypatch):
    monkeypatch.chdir(place)
    monkeypatch.setattr(gan_inputs, "READER_STEPS", 1)
    encoded = rtgen("encode", "music", "-o", "data")
    assert encoded.code == 0, encoded.err
    assert "data: 1 recording, 0.2 minutes (0 were there, 1 skipped)" in encoded.out
    assert "skipped broken.ogg: " in encoded.err
    again = rtgen("encode", "music", "-o", "data")
    assert "(1 were there, 1 skipped)" in again.out

    tuned = rtgen(
        *("finetune", "techno", "--data", "data", "--from", "gan.safetensors"),
        *("-o", "models/mine", "--steps", 2, "--batch", 2),
    )
    assert tuned.code == 0, tuned.err
    mine, base = load_bundle(place / "models" / "mine"), load_bundle("techno")
    assert mine.manifest.name == "mine"
    assert mine.manifest.licence == "other"
    assert mine.manifest.training["corpus"] == "1 recording, 0.2 minutes"
    assert mine.graph("decoder.onnx") == base.graph("decoder.onnx")
    assert mine.graph("generator.onnx") != base.graph("generator.onnx")
    assert mine.manifest.has_beat
    assert mine.manifest.parity_max_abs_error["generator.onnx"] < 1e-3
    assert "trained on recordings" in (mine.folder / "README.md").read_text()
    assert np.isfinite(Renderer(mine).render(Voice(1), ControlTimeline(), 0, 4)).all()
    assert (place / "runs/mine/previews/generated-000002.wav").exists()

    learnt = rtgen("train", "gan", "--data", "data", "-o", "runs/new", "--steps", 1, "--batch", 2)
    assert learnt.code == 0, learnt.err
    exported = rtgen("export", "--gan", "runs/new/gan.safetensors", "-o", "models/new")
    assert exported.code == 0, exported.err
    new = load_bundle(place / "models" / "new").manifest
    assert new.training["latents of"] == "techno"
    assert (new.beat_lead_ms, new.guidance) == (base.manifest.beat_lead_ms, base.manifest.guidance)


def test_a_tuned_bundle_is_exported_as_asked(rtgen, place, monkeypatch):
    monkeypatch.chdir(place)
    monkeypatch.setattr(gan_inputs, "READER_STEPS", 1)
    if not (place / "data").exists():
        assert rtgen("encode", "music", "-o", "data").code == 0
    words = ("train", "gan", "--data", "data", "-o", "runs/asked", "--steps", 1, "--batch", 2)
    assert rtgen(*words).code == 0
    export = ("export", "--gan", "runs/asked/gan.safetensors", "-o")
    guided = (*export, "models/guided", "--guidance", 1.5, "--beat-lead-ms", 3)
    assert rtgen(*guided).code == 0
    manifest = load_bundle(place / "models/guided").manifest
    assert (manifest.guidance, manifest.beat_lead_ms) == (1.5, 3.0)
    only = ("--guidance", 1.5, "--taught", "chroma")
    for words in (only, ("--taught", "all")):
        refused = rtgen(*export, "models/x", *words)
        assert refused.code == 2
        assert "hint: " in refused.err
    assert rtgen(*export, "models/taught", *only, "--distil", 1).code == 0
    manifest = load_bundle(place / "models/taught").manifest
    assert manifest.guidance == 1.0
    assert manifest.training["guidance taught"] == 1.5
    assert manifest.training["slots it was taught of"] == len(CHROMA_SLOTS)
    refused = rtgen(*export, "models/x", "--weights")
    assert refused.code == 2
    assert "error: --weights is for" in refused.err
    refused = rtgen("finetune", "models/taught", "-o", "models/x")
    assert refused.code == 2
    assert "error: there is no corpus of asked" in refused.err


def test_without_data_a_bundle_goes_on_with_the_corpus_of_its_style(rtgen, place, monkeypatch):
    monkeypatch.chdir(place)
    monkeypatch.setattr(gan_inputs, "READER_STEPS", 1)
    monkeypatch.setattr(finetune, "CRITIC_STEPS", 0)
    words = ("finetune", "techno", "--steps", 1, "--batch", 2, "--clips", 2, "-o", "models/more")
    tuned = rtgen(*words)
    assert tuned.code == 0, tuned.err
    more, base = load_bundle(place / "models" / "more"), load_bundle("techno")
    assert more.manifest.training["corpus"] == "procedural techno, rendered while training"
    assert more.manifest.licence == base.manifest.licence
    assert more.graph("generator.onnx") != base.graph("generator.onnx")


def test_a_bundle_of_graphs_alone_is_tuned_once_its_critic_knows_it(rtgen, place, monkeypatch):
    monkeypatch.chdir(place)
    monkeypatch.setattr(gan_inputs, "READER_STEPS", 1)
    monkeypatch.setattr(finetune, "CRITIC_STEPS", 2)
    if not (place / "data").exists():
        assert rtgen("encode", "music", "-o", "data").code == 0
    base = load_bundle("techno")
    assert "gan.safetensors" not in base.manifest.files
    known = recovered_generator(base.graph("generator.onnx")).state_dict()

    def furthest(steps):
        data, out = read_data(place / "data"), place / "tuned"
        path = finetune.run("techno", data, out, steps=steps, batch=2)
        learnt = open_checkpoint(path).module("generator")
        return max(float((learnt[name] - value).abs().max()) for name, value in known.items())

    assert furthest(2) == 0
    assert 0 < furthest(4) < 1e-3


def test_weights_in_a_bundle_are_what_finetune_goes_on_from(place, bundle_copy):
    from rtgen.bundle.write import write_manifest
    from rtgen.train.finetune import weights_of

    facts = json.loads((bundle_copy / "manifest.json").read_text())
    write_weights(place / "gan.safetensors", bundle_copy)
    write_manifest(bundle_copy, {k: v for k, v in facts.items() if k != "files"})
    bundle = load_bundle(bundle_copy)
    assert weights_of(bundle, None) == bundle_copy / "gan.safetensors"
    assert weights_of(load_bundle("techno"), None) is None
    assert (bundle_copy / "gan.safetensors").stat().st_size < 14e6


NEW = ("-o", "models/never")
ON_DATA = ("finetune", "techno", "--data", "data")
ON_OTHER = ("finetune", "techno", "--data", "other")
REFUSED = [
    (("encode", "nowhere"), "no folder nowhere", None),
    (("encode", "empty"), "no sound files in empty", "WAV"),
    (("encode", "broken"), "nothing in broken could be encoded", None),
    (("finetune", "techno", "--data", "empty", *NEW), "not a folder of encoded", "encode"),
    (("finetune", "techno", "--data", "data", "-o", "{techno}"), "is the bundle itself", None),
    ((*ON_OTHER, "--from", "gan.safetensors", *NEW), "latents", "encode"),
    ((*ON_DATA, "--from", "x.safetensors", *NEW), "no checkpoint x", None),
    ((*ON_DATA, "-o", "music"), "music is there already, and is no bundle", "another --out"),
    (("train", "gan", "--data", "other"), "is not the encoder that this data", "again"),
]


@pytest.mark.parametrize(("words", "said", "hint"), REFUSED)
def test_what_cannot_be_learnt_is_refused(rtgen, place, techno, monkeypatch, words, said, hint):
    monkeypatch.chdir(place)
    for name in ("empty", "broken"):
        (place / name).mkdir(exist_ok=True)
    shutil.copy(place / "music" / "broken.ogg", place / "broken")
    if not (place / "data").exists():
        assert rtgen("encode", "music", "-o", "data").code == 0
    if not (place / "other").exists():
        shutil.copytree(place / "data", place / "other")
        facts = json.loads((place / "other" / "data.json").read_text())
        facts["encoder"]["sha256"] = "0" * 64
        (place / "other" / "data.json").write_text(json.dumps(facts))
    done = rtgen(*(w.format(techno=techno.folder) for w in words))
    assert done.code == 2
    lines = done.err.splitlines()
    assert any(line.startswith("error: ") and said in line for line in lines), done.err
    if hint:
        assert any(line.startswith("hint: ") and hint in line for line in lines), done.err
