"""`rtgen train recipe`: from nothing to a bundle, in one command that can be run again."""

import numpy as np
import pytest

from rtgen.bundle.load import load_bundle
from rtgen.stream.renderer import Renderer, Voice
from rtgen.timeline.events import ControlTimeline
from rtgen.train import gan_inputs


@pytest.mark.filterwarnings("ignore")  # tensorboard's and the exporter's own
def test_the_recipe_makes_a_bundle_without_a_beat(rtgen, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(gan_inputs, "READER_STEPS", 1)
    words = ("train", "recipe", "--style", "piano", "--clips", 1)
    words += ("--autoencoder-steps", 5, "--gan-steps", 1)
    made = rtgen(*words)
    assert made.code == 0, made.err
    bundle = load_bundle(tmp_path / "models" / "piano")
    assert (bundle.manifest.style, bundle.manifest.has_beat) == ("piano", False)
    assert bundle.manifest.training["corpus"] == "procedural piano, rendered while training"
    assert "decoder.int8.onnx" in bundle.graphs
    assert np.isfinite(Renderer(bundle).render(Voice(1), ControlTimeline(), 0, 4)).all()
    (gan,) = tmp_path.glob("runs/**/gan.safetensors")
    words_of_export = ("export", "--gan", gan, "--guidance", 1.5, "--distil", 1)
    assert rtgen(*words_of_export, "-o", "models/taught").code == 0
    taught = load_bundle(tmp_path / "models" / "taught").frames
    assert taught.guided[0] == 1.0, "players run it once"
    assert taught.training["guidance taught"] == 1.5
    again = rtgen(*words)
    assert again.code == 2
    assert "models/piano holds a bundle already" in again.err
