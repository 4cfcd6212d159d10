"""Guidance that is taught: one run of the student says what two of the teacher said."""

from __future__ import annotations

import pytest
import torch

from rtgen.bundle.manifest import ControlRange
from rtgen.export.distil import Distilled, distil
from rtgen.export.passages import Asker
from rtgen.nets.generator import Generator
from rtgen.nets.recipe import GeneratorRecipe
from rtgen.timeline.conditioning import CHROMA_SLOTS, GUIDED_SLOTS

RECIPE = GeneratorRecipe(
    trunk_channels=16, trunk_dilations=(1,), head_channels=24, head_dilations=(1, 2)
)
GUIDANCE = 3.0


@pytest.fixture(scope="module")
def teacher() -> Generator:
    torch.manual_seed(0)
    net = Generator(RECIPE)
    for block in net.head:
        torch.nn.init.normal_(block.film.weight, std=0.3)
    return net.eval()


def distilled(teacher: Generator, steps: int, slots: tuple[int, ...] = GUIDED_SLOTS) -> Distilled:
    trunk = (RECIPE.trunk_left, RECIPE.trunk_right)
    tempo = ControlRange(low=100, high=180, default=128, unit="bpm")
    torch.manual_seed(1)
    return distil(teacher, Asker(trunk, RECIPE.head_left, tempo, 0.007), GUIDANCE, steps, slots)


@pytest.fixture(scope="module")
def taught(teacher: Generator) -> Distilled:
    return distilled(teacher, 150)


def test_it_comes_nearer_to_what_two_runs_say(taught: Distilled) -> None:
    assert taught.rms_before > 0.05
    assert taught.rms_error < 0.8 * taught.rms_before


def test_the_teacher_stays_as_it_was(teacher: Generator, taught: Distilled) -> None:
    torch.manual_seed(0)
    assert torch.equal(teacher.read.weight, Generator(RECIPE).read.weight)
    assert not torch.equal(taught.generator.read.weight, teacher.read.weight)
    assert not taught.generator.training


def test_only_what_is_to_be_taught_is_guided(teacher: Generator, taught: Distilled) -> None:
    assert distilled(teacher, 2, ()).rms_before == 0.0
    assert 0.0 < distilled(teacher, 2, CHROMA_SLOTS).rms_before < taught.rms_before
