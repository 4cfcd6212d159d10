"""A generator that learns from an ear is heard more as it is asked, and stays what it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from rtgen.bundle.load import Bundle, load_bundle
from rtgen.bundle.manifest import ControlRange
from rtgen.errors import BundleError
from rtgen.export.attune import Attunement, Studio, attune, density_error, run
from rtgen.export.attune_clips import CLIP_FRAMES, Clips, ask, teach_ear
from rtgen.export.passages import Asker
from rtgen.nets.decoding import graph_decoder
from rtgen.nets.ear import LEFT, PER_FRAME, RIGHT, Ear
from rtgen.nets.generator import Generator
from rtgen.nets.recipe import GeneratorRecipe
from tests.conftest import MODELS

RECIPE = GeneratorRecipe(
    trunk_channels=16, trunk_dilations=(1,), head_channels=24, head_dilations=(1, 2)
)
TEMPO = ControlRange(low=100, high=180, default=128, unit="bpm")
SHORT = Attunement(steps=2, clips=8, ear_steps=2)


def asker(tempo: ControlRange | None = TEMPO) -> Asker:
    return Asker((RECIPE.trunk_left, RECIPE.trunk_right), RECIPE.head_left, tempo, 0.007)


def test_the_same_is_asked_again_and_every_control_moves() -> None:
    first = ask(asker(), np.random.default_rng(1), 0, 60, 4)
    again = ask(asker(), np.random.default_rng(1), 0, 60, 4)
    for name, values in first.inputs.items():
        assert torch.equal(values, again.inputs[name])
    free = first.density.isnan()
    assert 0 < free.sum() < 30
    assert first.density[~free].min() < 3 < 12 < first.density[~free].max()
    assert 100 <= first.bpm.min() < 120 < 160 < first.bpm.max() <= 180
    assert len(set(first.seeds)) == 60
    assert ask(asker(None), np.random.default_rng(1), 0, 2, 4).bpm.isnan().all()


def test_a_density_that_is_left_free_is_not_judged() -> None:
    envelope = torch.rand(2, 512)
    free = density_error(envelope, torch.tensor([torch.nan, torch.nan]))
    assert free == 0
    one = density_error(envelope, torch.tensor([3.0, torch.nan]))
    assert one == density_error(envelope[:1], torch.tensor([3.0])) > 0


def test_an_ear_learns_what_is_heard_in_a_bundle(techno: Bundle) -> None:
    torch.manual_seed(0)
    decode, clips, ear = graph_decoder(techno.graph("decoder.onnx")), Clips(), Ear()
    steps = torch.randn(4, CLIP_FRAMES + LEFT + RIGHT, 64)
    steps[:, ::12] *= 4  # a jolt now and then
    heard = [clips.add(one, decode, k) for k, one in enumerate(steps)]
    assert min(heard) > 0.5
    assert all(len(e) == CLIP_FRAMES * PER_FRAME for e in clips.envelopes)
    optimiser = torch.optim.Adam(ear.parameters(), lr=1e-3)
    chance = np.random.default_rng(0)
    before = teach_ear(ear, optimiser, clips, chance, 3, newest=4)
    assert teach_ear(ear, optimiser, clips, chance, 120, newest=4) < 0.6 * before


def test_the_generator_learns_what_the_ear_judges_and_the_teacher_does_not_move(
    techno: Bundle,
) -> None:
    torch.manual_seed(0)
    generator = Generator(RECIPE)
    decode = graph_decoder(techno.graph("decoder.onnx"))
    studio = Studio(generator, asker(), decode, guidance=1.0, slots=())
    with torch.no_grad():  # an ear with one onset a frame at most, that hears one direction
        for mix in studio.ear.mixes:
            mix.weight.zero_()
            mix.bias.zero_()
        studio.ear.write.weight[1:].zero_()
        studio.ear.write.bias[1:].fill_(-5)
    fresh = ask(asker(), np.random.default_rng(9), 10_000, 16, 128 + LEFT + RIGHT)

    @torch.no_grad()
    def error(net: Generator) -> float:
        return density_error(studio.ear(net(**fresh.inputs)), fresh.density).item()

    assert error(studio.student) == error(studio.teacher)
    plan = Attunement(density=20)
    optimiser = torch.optim.Adam(studio.student.parameters(), lr=2e-3)
    for _ in range(60):
        studio.learn(optimiser, plan)
    assert error(studio.student) < 0.8 * error(studio.teacher)
    assert studio.away > 0
    for name, value in generator.state_dict().items():
        assert torch.equal(studio.teacher.state_dict()[name], value)


def test_without_a_beat_no_tempo_is_told(techno: Bundle) -> None:
    decode, lines = graph_decoder(techno.graph("decoder.onnx")), []
    net, facts = attune(Generator(RECIPE), asker(None), decode, SHORT, report=lines.append)
    assert not net.training
    assert lines[-1].startswith("2 of 2: density ")
    assert "tempo heard, attuned" not in facts
    assert "density heard, attuned" in facts


@pytest.mark.filterwarnings("ignore")  # the exporter's own
def test_a_bundle_is_attuned_and_its_guidance_taught(tmp_path: Path) -> None:
    base, out = MODELS / "piano", tmp_path / "mine"
    assert run(base, out, SHORT, guidance=1.5) == out
    made, old = load_bundle(out).frames, load_bundle(base).frames
    assert (made.name, made.style, made.guidance) == ("mine", "piano", 1.0)
    assert made.training["steps it was attuned in"] == 2
    assert made.training["guidance taught"] == 1.5
    assert made.training["generator steps"] == old.training["generator steps"]
    assert made.files["decoder.onnx"] == old.files["decoder.onnx"]
    assert made.files["generator.onnx"] != old.files["generator.onnx"]


def test_a_bundle_is_not_attuned_into_itself(bundle_copy: Path) -> None:
    with pytest.raises(BundleError, match="is the bundle itself"):
        run(bundle_copy, bundle_copy, SHORT, overwrite=True)
