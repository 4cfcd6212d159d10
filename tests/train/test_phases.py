"""The phases of the autoencoder: each moves its own parts, and no other."""

import numpy as np
import pytest
import torch

from rtgen.nets.autoencoder import ENCODER_INPUTS, HEADS, Autoencoder
from rtgen.nets.recipe import AutoencoderRecipe
from rtgen.train.phases import learning, loss_of, reach
from rtgen.train.schedule import PHASES, Schedule

SMALL = AutoencoderRecipe(inner_channels=16, outer_channels=24, code_channels=8)


@pytest.fixture
def net():
    torch.manual_seed(0)
    return Autoencoder(SMALL).eval()


@pytest.mark.parametrize("phase", PHASES)
def test_a_phase_moves_its_own_parts_and_its_margins_fit(net, phase):
    net.requires_grad_(False)
    for part in learning(net, phase):
        part.requires_grad_(True)
    left, right = reach(net, phase)
    features = torch.randn(2, 12 + left + right, ENCODER_INPUTS)
    targets = torch.randn(2, 12, sum(HEADS)) - 6
    loss, terms, decoded = loss_of(net, phase, features, targets)
    loss.backward()
    assert loss.isfinite()
    assert (decoded is None) == (phase == "compress")
    assert terms
    learnt = {p for part in learning(net, phase) for p in part.parameters()}
    for parameter in net.parameters():
        moved = parameter.grad is not None and bool(parameter.grad.abs().max() > 0)
        assert moved == (parameter in learnt)


def test_the_inner_decoder_is_frozen_where_the_outer_level_learns(net):
    for phase in ("compress", "refine"):  # and learns again where the encoders are frozen
        parts = {id(p) for part in learning(net, phase) for p in part.parameters()}
        assert not parts & {id(p) for p in net.decoder.inner.parameters()}


def test_a_schedule_is_shared_out_to_any_number_of_steps():
    usual = sum(Schedule().of(phase) for phase in PHASES)
    assert Schedule.shared_out(usual) == Schedule()
    assert all(Schedule.shared_out(5).of(phase) >= 1 for phase in PHASES)
    half = Schedule.shared_out(4000)
    assert np.isclose(sum(half.of(p) for p in PHASES), 4000, atol=3)
