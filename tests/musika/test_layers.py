"""Single layers against sums written out by hand in numpy, as TensorFlow documents them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rtgen.musika.layers import (
    BatchNorm,
    Convolution,
    Doubling,
    Gate,
    Guided,
    Noise,
    NoiseTape,
    halved,
    swish,
    unfolded,
)

Array = np.ndarray


def normal(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def same(x: Array, taps: int, stride: int) -> tuple[Array, int]:
    """Zeros around (T, C) as padding "same" has them, and the outputs' count."""
    length = math.ceil(len(x) / stride)
    total = max((length - 1) * stride + taps - len(x), 0)
    before = total // 2
    return np.pad(x, ((before, total - before), (0, 0))), length


@pytest.mark.parametrize("frames", [4, 5, 16])
@pytest.mark.parametrize(("taps", "stride"), [(1, 1), (3, 1), (4, 1), (3, 2)])
def test_a_convolution_is_the_sum_over_its_taps(frames: int, taps: int, stride: int) -> None:
    kernel, bias, x = normal(1, taps, 3, 5), normal(5, seed=1), normal(frames, 3, seed=2)
    wide, length = same(x, taps, stride)
    wanted = np.zeros((length, 5))
    for t in range(length):
        for k in range(taps):
            wanted[t] += wide[t * stride + k] @ kernel[0, k]
    got = Convolution({"kernel": kernel, "bias": bias}, stride)(torch.from_numpy(x[None]))
    assert np.allclose(got[0].numpy(), wanted + bias, atol=1e-5)


def test_a_doubling_spreads_each_frame_over_four() -> None:
    kernel, bias, x = normal(1, 4, 5, 3), normal(5, seed=1), normal(6, 3, seed=2)
    spread = np.zeros((2 * 6 + 2, 5))
    for t in range(6):
        for k in range(4):  # the gradient of a convolution of stride 2 with a zero at each end
            spread[2 * t + k] += kernel[0, k] @ x[t]
    got = Doubling({"kernel": kernel, "bias": bias})(torch.from_numpy(x[None]))
    assert np.allclose(got[0].numpy(), spread[1:-1] + bias, atol=1e-5)


def test_a_batch_norm_uses_the_statistics_it_was_saved_with() -> None:
    given = {name: 1 + np.abs(normal(3, seed=s)) for s, name in enumerate(("gamma", "variance"))}
    given |= {"beta": normal(3, seed=3), "mean": normal(3, seed=4)}
    x = normal(7, 3, seed=5)
    wanted = (x - given["mean"]) / np.sqrt(given["variance"] + 0.001) * given["gamma"]
    got = BatchNorm(given)(torch.from_numpy(x[None]))
    assert np.allclose(got[0].numpy(), wanted + given["beta"], atol=1e-5)


def test_a_guided_norm_divides_by_the_deviation_over_time() -> None:
    kernel, bias = normal(1, 1, 4, 3), normal(3, seed=1)
    x, coordinates = normal(8, 3, seed=2), normal(8, 4, seed=3)
    wanted = x / (x.std(0) + 1e-5) * (coordinates @ kernel[0, 0] + bias)
    layer = Guided({"kernel": kernel, "bias": bias}, 1e-5)
    got = layer(torch.from_numpy(x[None]), torch.from_numpy(coordinates[None]))
    assert np.allclose(got[0].numpy(), wanted, atol=1e-5)


def test_a_gate_listens_to_the_mean_over_time() -> None:
    first = {"kernel": normal(1, 1, 4, 3), "bias": normal(3, seed=1)}
    second = {"kernel": normal(1, 1, 3, 3, seed=2), "bias": normal(3, seed=3)}
    x = normal(8, 4, seed=4)
    hidden = x.mean(0) @ first["kernel"][0, 0] + first["bias"]
    hidden = hidden / (1 + np.exp(-hidden))
    wanted = 1 / (1 + np.exp(-(hidden @ second["kernel"][0, 0] + second["bias"])))
    got = Gate(first, second)(torch.from_numpy(x[None]))
    assert got.shape == (1, 1, 3)
    assert np.allclose(got[0, 0].numpy(), wanted, atol=1e-6)


def test_noise_is_one_number_for_all_channels_of_a_frame() -> None:
    tape = normal(2, 9)
    x = normal(2, 4, 3, seed=1)
    taken = NoiseTape(torch.from_numpy(tape))
    taken.take(5)
    got = Noise({"noise": np.array([0.5], np.float32)})(torch.from_numpy(x), taken).numpy()
    assert np.allclose(got, x + 0.5 * tape[:, 5:, None])
    assert taken.used == 9


def test_halving_and_unfolding_keep_every_number() -> None:
    x = torch.arange(2 * 4 * 6, dtype=torch.float32).reshape(2, 4, 6)
    assert torch.equal(halved(x)[:, 1], (x[:, 2] + x[:, 3]) / 2)
    twice = unfolded(x)
    for t in range(4):
        assert torch.equal(twice[:, 2 * t], x[:, t, 0::2])
        assert torch.equal(twice[:, 2 * t + 1], x[:, t, 1::2])


def test_swish_is_x_times_its_sigmoid() -> None:
    x = normal(50)
    got = swish(torch.from_numpy(x)).numpy()
    assert np.allclose(got, x / (1 + np.exp(-x)), atol=1e-6)
