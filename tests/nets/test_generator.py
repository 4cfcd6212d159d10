"""What the nets promise: equivariance, causality, margins, frames that stand alone."""

import pytest
import torch

from rtgen.nets.generator import Generator
from rtgen.nets.layers import FrameNorm, TapConv
from rtgen.nets.recipe import GeneratorRecipe

RECIPE = GeneratorRecipe(trunk_channels=12, head_channels=16, head_dilations=(1, 2, 4))


@pytest.fixture(scope="module")
def generator():
    torch.manual_seed(0)
    return Generator(RECIPE).eval().requires_grad_(False)


def inputs(frames):
    torch.manual_seed(1)
    behind = frames + RECIPE.head_left
    around = behind + RECIPE.trunk_left + RECIPE.trunk_right
    return [
        torch.randn(1, around, 56),
        torch.randn(1, behind, 32),
        torch.randn(1, behind, 32),
        torch.rand(1, behind, 1),
    ]


def test_a_shift_of_one_frame_shifts_the_output_by_one_frame(generator):
    made = inputs(40)
    whole = generator(*made)
    later = generator(*(x[:, 1:] for x in made))
    assert whole.shape == (1, 40, 64)
    assert torch.allclose(whole[:, 1:], later, atol=1e-5)


@pytest.mark.parametrize("which", [1, 2, 3])
def test_style_controls_and_variation_never_change_what_came_before(generator, which):
    made = inputs(40)
    before = generator(*made)
    made[which] = made[which].clone()
    made[which][:, RECIPE.head_left + 20] += 1.0
    changed = (generator(*made) - before).abs().amax(2)[0] > 0
    assert not changed[:20].any()
    assert changed[20]
    assert not changed[20 + RECIPE.head_left + 1 :].any()


def test_anchors_reach_as_far_as_the_margins_say_and_no_further(generator):
    made = inputs(60)
    before = generator(*made)
    made[0] = made[0].clone()
    at = RECIPE.head_left + RECIPE.trunk_left + 30
    made[0][:, at] += 1.0
    touched = torch.nonzero((generator(*made) - before).abs().amax(2)[0] > 0)[:, 0]
    assert touched.min() >= 30 - RECIPE.trunk_right
    assert touched.max() <= 30 + RECIPE.trunk_left + RECIPE.head_left
    assert touched.min() < 30 < touched.max()


def test_a_norm_sees_one_frame_only():
    norm = FrameNorm(8)
    x = torch.randn(2, 5, 8)
    assert torch.allclose(norm(x)[:, 2:3], norm(x[:, 2:3]))


def test_a_tap_convolution_is_a_dilated_convolution():
    torch.manual_seed(0)
    taps = TapConv(3, 4, dilation=2)
    weight = taps.product.weight.reshape(4, 3, 3).permute(0, 2, 1)
    x = torch.randn(1, 20, 3)
    wanted = torch.nn.functional.conv1d(x.transpose(1, 2), weight, taps.product.bias, dilation=2)
    assert torch.allclose(taps(x), wanted.transpose(1, 2), atol=1e-6)


def test_recipes_refuse_what_they_do_not_know():
    with pytest.raises(ValueError, match="wings"):
        GeneratorRecipe(wings=2)
