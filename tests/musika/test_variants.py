"""What a checkpoint is told by: its weights, wherever they lie and however they are numbered."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from rtgen.errors import CheckpointError
from rtgen.musika.nets import DecoderNet, GeneratorNet, noise_numbers
from rtgen.musika.variants import Checkpoint, recognise
from rtgen.musika.weights import locate, read
from tests.fakes import musika_checkpoint as fake


@pytest.mark.parametrize(
    ("variant", "name", "conditional", "half", "group"),
    [
        ("full", "musika 44.1 kHz", False, 128, 4),
        ("small", "musika 44.1 kHz small", False, 64, 4),
        ("older", "musika 22.05 kHz", False, 128, 8),
        ("older conditional", "musika 22.05 kHz", True, 128, 8),
    ],
)
def test_a_variant_is_told_by_its_weights(
    checkpoints: dict[str, Checkpoint],
    variant: str,
    name: str,
    conditional: bool,
    half: int,
    group: int,
) -> None:
    found = checkpoints[variant]
    assert (found.variant.name, found.conditional) == (name, conditional)
    assert (found.variant.half_latents, found.variant.group_latents) == (half, group)
    assert found.latent_channels == 64
    assert found.base_channels == 4


@pytest.mark.parametrize("variant", fake.VARIANTS)
@torch.no_grad()
def test_the_nets_make_a_half_and_a_group(checkpoints: dict[str, Checkpoint], variant: str) -> None:
    found = checkpoints[variant]
    generator, decoder = GeneratorNet(found), DecoderNet(found)
    v = found.variant
    coordinates = torch.randn(1, v.half_latents, 128 + found.conditional)
    numbers = noise_numbers(generator, coordinates)
    # Four frames, then twice for each length up to the half but for the longest.
    assert numbers == 4 + sum(2 * (v.half_latents >> k) for k in (1, 2, 3, 4)) + v.half_latents
    latents = generator(coordinates, torch.randn(1, numbers))
    assert latents.shape == (1, v.half_latents, 128)
    group = torch.randn(2, v.group_latents, 64)
    numbers = noise_numbers(decoder, group)
    for part in decoder(group, torch.randn(2, numbers)):
        assert part.shape == (2, 64, 513)
        assert float(part.abs().max()) <= 1


@pytest.mark.parametrize("base", [2, 6])
def test_any_even_number_of_base_channels_is_read(tmp_path: Path, base: int) -> None:
    folder = fake.write_checkpoint(tmp_path / "m", "full")
    fake.generator_44k(False, base=base).save(folder / "gen_ema.h5")
    assert recognise(read(locate(folder))).base_channels == base


def test_numbered_layers_come_in_the_order_of_their_numbers(
    checkpoints: dict[str, Checkpoint],
) -> None:
    made = fake.inner_44k()
    # conv2d_6 is the first convolution; what the net does not use took a number before the heads.
    kernels = {n: w["kernel:0"] for n, w in made.layers.items() if "kernel:0" in w}
    weights = checkpoints["full"].inner.weights
    assert np.array_equal(weights["down0"]["kernel"], kernels["conv2d_6"])
    assert np.array_equal(weights["magnitude"]["kernel"], kernels["conv2d_11"])
    assert np.array_equal(weights["phase"]["kernel"], kernels["conv2d_12"])
    assert np.array_equal(weights["up2"]["kernel"], kernels["conv2d_transpose_1"])


def test_decoders_are_found_inside_beside_or_where_told(tmp_path: Path) -> None:
    folder = fake.write_checkpoint(tmp_path / "checkpoints" / "techno", "small")
    assert locate(folder).inner == folder / "ae/dec.h5"
    shutil.move(folder / "ae", folder.parent / "ae")
    assert locate(folder).inner == folder.parent / "ae/dec.h5"
    shutil.move(folder.parent / "ae", tmp_path / "elsewhere")
    with pytest.raises(CheckpointError, match=r"has no dec.h5 and dec2.h5"):
        locate(folder)
    assert locate(folder, tmp_path / "elsewhere").outer == tmp_path / "elsewhere/dec2.h5"


def test_a_folder_without_a_generator_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no folder"):
        locate(tmp_path / "nowhere")
    with pytest.raises(CheckpointError, match=r"has no gen_ema.h5"):
        locate(tmp_path)


def swap_decoders(folder: Path) -> None:
    fake.inner_22k().save(folder / "ae/dec.h5")
    fake.outer_22k().save(folder / "ae/dec2.h5")


def other_bins(folder: Path) -> None:
    fake.inner_44k(bins=257).save(folder / "ae/dec.h5")


def other_inner(folder: Path) -> None:
    fake.inner_44k(inner=20).save(folder / "ae/dec.h5")


def other_latents(folder: Path) -> None:
    fake.outer_44k(latents=32).save(folder / "ae/dec2.h5")


def decoder_as_generator(folder: Path) -> None:
    shutil.copy(folder / "ae/dec.h5", folder / "gen_ema.h5")


def exchanged(folder: Path) -> None:
    data = (folder / "ae/dec.h5").read_bytes()
    shutil.copy(folder / "ae/dec2.h5", folder / "ae/dec.h5")
    (folder / "ae/dec2.h5").write_bytes(data)


def one_layer_less(folder: Path) -> None:
    made = fake.generator_44k(False)
    del made.layers["5c"]
    made.save(folder / "gen_ema.h5")


def one_layer_more(folder: Path) -> None:
    made = fake.generator_44k(False)
    made.layers["colour"] = made.layers["5c"]
    made.save(folder / "gen_ema.h5")


def one_conv_more(folder: Path) -> None:
    made = fake.inner_44k()
    made.conv(4, 4, 3)
    made.save(folder / "ae/dec.h5")


def one_wide_layer(folder: Path) -> None:
    made = fake.generator_44k(False)
    made.conv(4 * 4, 4 * 4, 3, "5c")
    made.save(folder / "gen_ema.h5")


def uneven_widths(folder: Path) -> None:
    made, wide = fake.generator_44k(False), fake.generator_44k(False, base=6)
    for name in ("8c", "8ai", "9c"):
        made.layers[name] = wide.layers[name]
    made.layers["8c"]["kernel:0"] = fake.Keras(0)._normal((1, 4, 12, 12), 0.1)
    made.save(folder / "gen_ema.h5")


def no_bias(folder: Path) -> None:
    made = fake.generator_44k(False)
    del made.layers["9c"]["bias:0"]
    made.save(folder / "gen_ema.h5")


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (swap_decoders, "gen_ema.h5 is of the 44.1 kHz code, dec.h5 is not"),
        (other_bins, "257 bins, not 513"),
        (other_inner, "not of one model"),
        (other_latents, "not of one model"),
        (decoder_as_generator, "not the generator"),
        (exchanged, "dec2.h5 is not"),
        (one_layer_less, "gen_ema.h5 has no layer 5c"),
        (one_layer_more, "layer colour too many"),
        (one_conv_more, "has 7 layers conv2d, not 6"),
        (one_wide_layer, "5c of gen_ema.h5 has a kernel of shape"),
        (uneven_widths, "no base_channels gives"),
        (no_bias, "9c of gen_ema.h5 has weights kernel"),
    ],
)
def test_what_is_no_published_model_is_refused_in_one_sentence(
    folders: dict[str, Path], tmp_path: Path, harm, says: str
) -> None:
    folder = shutil.copytree(folders["full"], tmp_path / "full")
    harm(folder)
    with pytest.raises(CheckpointError, match=says) as caught:
        recognise(read(locate(folder)))
    assert "\n" not in str(caught.value)
