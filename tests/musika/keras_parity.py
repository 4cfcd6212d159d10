"""Our nets against Keras's own layers with the same weights, through a file that Keras saved.

Not collected by name, as it needs what requirements-keras.txt lists beside rtgen's `dev` and
`musika`: `pytest tests/musika/keras_parity.py`. All else about the importer is tested without it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from rtgen.audio.spectra import overlapped
from rtgen.musika.nets import DecoderNet, GeneratorNet, noise_numbers
from rtgen.musika.variants import Checkpoint, recognise
from rtgen.musika.weights import locate, read
from tests.musika import keras_nets as k

pytestmark = pytest.mark.filterwarnings("ignore")
BOUND = 1e-4
SMALL = {"base": 8, "widths": (28, 24, 20, 16, 12, 8), "hop": 16, "inner": 16, "outer": None}
PUBLISHED = {
    "base": 128,
    "widths": (896, 768, 640, 512, 384, 256),
    "hop": 256,
    "inner": None,
    "outer": (768, 768, 640, 512, 384),
}
VARIANTS = ("full", "small", "older", "older conditional")
Nets = tuple[k.Any, k.Any, k.Any]


def keras_nets(variant: str, sizes: dict[str, k.Any]) -> Nets:
    k.keras.backend.clear_session()
    older = variant.startswith("older")
    inner = sizes["inner"] or (128 if older else 64)
    if older:
        generator = k.generator_22k(variant != "older", sizes["widths"])
        widths = sizes["outer"] or (24, 24, 20, 16, 12)
        nets = (generator, k.inner_22k(sizes["hop"], inner, 513), k.outer_22k(widths, inner))
    else:
        generator = k.generator_44k(variant == "small", sizes["base"])
        hop = sizes["hop"]
        nets = (generator, k.inner_44k(hop, inner, 513), k.outer_44k(hop, inner))
    for seed, net in enumerate(nets):
        k.randomise(net, seed)
    return nets


def imported(nets: Nets, folder: Path) -> Checkpoint:
    (folder / "ae").mkdir()
    for net, name in zip(nets, ("gen_ema.h5", "ae/dec.h5", "ae/dec2.h5"), strict=True):
        net.save_weights(str(folder / name))
    return recognise(read(locate(folder)))


@torch.no_grad()
def differences(variant: str, sizes: dict[str, k.Any], folder: Path) -> dict[str, float]:
    """Largest absolute difference of each output."""
    nets = keras_nets(variant, sizes)
    checkpoint = imported(nets, folder)
    chance = np.random.default_rng(5)

    def normal(*shape: int) -> np.ndarray:
        return chance.standard_normal(shape).astype(np.float32)

    generator, decoder = GeneratorNet(checkpoint), DecoderNet(checkpoint)
    coordinates = normal(1, checkpoint.variant.half_latents, checkpoint.generator.sizes["c"])
    tape = normal(1, noise_numbers(generator, torch.from_numpy(coordinates)))
    assert k.give_noise(nets[0], tape) == tape.shape[1]
    wanted = nets[0](coordinates, training=False).numpy()[:, 0]
    got = generator(torch.from_numpy(coordinates), torch.from_numpy(tape)).numpy()
    out = {"latents": float(np.abs(wanted - got).max())}
    assert wanted.std() > 0.05

    latents = normal(2, checkpoint.variant.group_latents, 64)
    tape = normal(2, noise_numbers(decoder, torch.from_numpy(latents)))
    used = k.give_noise(nets[2], tape)
    assert used + k.give_noise(nets[1], tape[:, used:]) == tape.shape[1]
    both = nets[1](nets[2](latents[:, None], training=False), training=False)
    ours = decoder(torch.from_numpy(latents), torch.from_numpy(tape))
    for name, theirs, own in zip(("magnitude", "phase"), both, ours, strict=True):
        values = theirs.numpy()[:, 0]
        assert values.std() > 0.02
        assert np.mean(np.abs(values) == 1) < 0.7, "clipped all over: nothing was compared"
        out[name] = float(np.abs(values - own.numpy()).max())
    return out


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_nets_say_what_keras_says(variant: str, tmp_path: Path) -> None:
    found = differences(variant, SMALL, tmp_path)
    assert max(found.values()) < BOUND, found


@pytest.mark.parametrize("variant", VARIANTS)
def test_they_say_so_at_the_published_sizes(variant: str, tmp_path: Path) -> None:
    found = differences(variant, PUBLISHED, tmp_path)
    print(variant, found)
    assert max(found.values()) < BOUND, found


def test_spectra_become_what_tensorflow_makes_of_them() -> None:
    chance = np.random.default_rng(6)
    magnitude, phase = chance.uniform(-1, 0.3, (2, 2, 40, 513)).astype(np.float32)
    amplitude = k.tf.sqrt(10.0 ** (0.1 * (magnitude * 75.0 - 25.0)) + 1e-7)
    spectrum = k.tf.complex(
        amplitude * k.tf.cos(phase * np.pi), amplitude * k.tf.sin(phase * np.pi)
    )
    window = k.tf.signal.inverse_stft_window_fn(256)
    wanted = k.tf.signal.inverse_stft(spectrum, 1024, 256, 1024, window).numpy()
    got = overlapped(magnitude, phase, -25.0, 75.0)
    assert got.shape == wanted.shape
    assert float(np.abs(got - wanted).max()) < BOUND
