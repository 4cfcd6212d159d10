"""A model without tempo: it renders, hears nothing of a beat, and says so when asked for one."""

import numpy as np
import pytest
import soundfile

from rtgen.bundle.load import load_bundle
from rtgen.bundle.write import write_manifest
from rtgen.corpus.stream import TEMPO_RANGES
from rtgen.export.bundle import controls_of
from rtgen.export.card import model_card
from rtgen.stream.renderer import Renderer, Voice
from rtgen.timeline.events import ControlTimeline
from tests.fakes.tiny_bundle import facts, write_tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = write_tiny(tmp_path_factory.mktemp("models") / "still")
    said = facts("still") | {"style": "piano"}
    said["controls"] = {k: v for k, v in said["controls"].items() if k != "tempo"}
    write_manifest(folder, said)
    return folder


def test_it_renders_from_the_command_line(rtgen, folder, tmp_path):
    out = tmp_path / "x.wav"
    done = rtgen("render", "--model", folder, "--seconds", 1, "--set", "density=3", "-o", out)
    assert done.code == 0, done.err
    samples, rate = soundfile.read(out)
    assert (len(samples), rate) == (44100, 44100)
    assert samples.std() > 1e-4


def test_its_sound_does_not_depend_on_the_tempo(folder):
    renderer = Renderer(load_bundle(folder))
    slow, fast = (
        renderer.render(Voice(1), ControlTimeline({"tempo": bpm}, origin=beat), 10, 8)
        for bpm, beat in ((60.0, 0.0), (180.0, 0.4))
    )
    assert np.array_equal(slow, fast)
    empty = ControlTimeline().conditioning(0, 4, beat=False)
    assert not empty[:, :15].any()


@pytest.mark.parametrize(
    ("words", "said", "hint"),
    [
        (("--set", "tempo=120"), "still has no tempo", "its controls are density, energy"),
        (("--bars", "4"), "still has no beat, so it has no bars", "--start and --seconds"),
    ],
)
def test_asking_it_for_a_beat_is_refused(rtgen, folder, tmp_path, words, said, hint):
    done = rtgen("render", "--model", folder, "-o", tmp_path / "x.wav", *words)
    assert done.code == 2
    assert done.err.splitlines()[0] == f"error: {said}"
    assert hint in done.err
    assert not (tmp_path / "x.wav").exists()


def test_its_card_says_that_there_is_no_beat(folder):
    card = model_card(load_bundle(folder).manifest)
    assert "no beat to lock to" in card
    assert "4/4" not in card
    assert "| tempo |" not in card


def test_only_styles_with_a_beat_are_exported_with_a_tempo():
    assert "piano" not in TEMPO_RANGES
    assert list(controls_of(None)) == ["density", "energy", "variation", "morph"]
    ours = controls_of(TEMPO_RANGES["techno"])
    assert next(iter(ours)) == "tempo"
    assert (ours["tempo"]["low"], ours["tempo"]["default"]) == (100.0, 128.0)
    assert controls_of((60.0, 90.04))["tempo"]["default"] == 90.0


def test_it_is_played_like_any_other(rtgen, folder):
    done = rtgen("play", "--model", folder, "--null", "--no-midi", "--seconds", 0.3)
    assert done.code == 0, done.err
