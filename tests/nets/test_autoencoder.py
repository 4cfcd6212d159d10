"""What the autoencoder promises: its margins, where it looks, what belongs together."""

import pytest
import torch

from rtgen.nets.autoencoder import (
    ENCODER_INPUTS,
    HEADS,
    SUB_HEADS,
    SUB_INPUTS,
    Autoencoder,
    frames,
    sub_frames,
)
from rtgen.nets.recipe import AutoencoderRecipe

SMALL = AutoencoderRecipe(inner_channels=16, outer_channels=24, code_channels=8)


@pytest.fixture
def net():
    torch.manual_seed(0)
    return Autoencoder(SMALL).eval()


def test_the_decoder_looks_one_frame_ahead_and_its_margin_back(net):
    left = net.decoder.left
    z = torch.randn(1, 30 + left + 1, 64)
    before = net.decoder(z).tones
    z[:, left + 10] += 1.0
    touched = torch.nonzero((net.decoder(z).tones - before).abs().amax(2)[0] > 0)[:, 0]
    assert before.shape[1] == 30
    assert touched.min() == 9
    assert touched.max() <= 10 + left


def test_the_encoder_looks_one_frame_ahead_and_its_margin_back(net):
    left = net.encoder.left
    x = torch.randn(1, 30 + left + 1, ENCODER_INPUTS)
    before = net.encoder(x)
    x[:, left + 10] += 1.0
    touched = torch.nonzero((net.encoder(x) - before).abs().amax(2)[0] > 0)[:, 0]
    assert before.shape == (1, 30, 64)
    assert touched.min() == 9
    assert touched.max() <= 10 + left


def test_a_code_hears_its_own_sub_frame_and_none_after_it(net):
    x = torch.randn(1, 20, ENCODER_INPUTS)
    before = net.encoder.codes(x).unflatten(2, (4, -1)).flatten(1, 2)
    at = 10  # the third sub-frame of frame 10: its part of the first input, the tones
    x[:, at, 2 * 288 : 3 * 288] += 1.0
    after = net.encoder.codes(x).unflatten(2, (4, -1)).flatten(1, 2)
    touched = torch.nonzero((after - before).abs().amax(2)[0] > 0)[:, 0]
    assert touched.min() == 4 * (at - net.encoder.inner_frames) + 2


def test_sub_frames_and_frames_keep_what_belongs_together():
    features = torch.arange(2 * 3 * ENCODER_INPUTS, dtype=torch.float32).reshape(2, 3, -1)
    by_sub_frame = sub_frames(features)
    assert by_sub_frame.shape == (2, 12, SUB_INPUTS)
    assert torch.equal(by_sub_frame[:, 5, :288], features[:, 1, 288 : 2 * 288])
    said = torch.randn(2, 12, sum(SUB_HEADS))
    decoded = frames(said)
    assert [x.shape[2] for x in decoded] == list(HEADS)
    assert torch.equal(decoded.tones[:, 1, 288 : 2 * 288], said[:, 5, :288])
    assert torch.allclose(decoded.width[:, 2], said[:, 8:12, 288 : 288 + 24].mean(1))
