"""Small Musika checkpoints of random numbers, laid out as Musika's own code saves them.

Written from the published code's order of layers, not from our tables: what is named has its name,
the rest is numbered in the order in which it was made, starting wherever the process had come to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np

BINS = 513
LEVEL_MEAN, LEVEL_SPREAD = 0.25, 0.1
VARIANTS = ("full", "small", "older", "older conditional")
Array = np.ndarray


@dataclass
class Keras:
    """Layers as they are made one after the other, with Keras's names for the nameless."""

    seed: int
    counters: dict[str, int] = field(default_factory=dict)
    layers: dict[str, dict[str, Array]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._chance = np.random.default_rng(self.seed)

    def _name(self, kind: str, name: str | None) -> str:
        if name is not None:
            return name
        number = self.counters.get(kind, 0)
        self.counters[kind] = number + 1
        return f"{kind}_{number}" if number else kind

    def _normal(self, shape: tuple[int, ...], spread: float) -> Array:
        return (spread * self._chance.standard_normal(shape)).astype(np.float32)

    def _kernel(self, kind: str, name: str | None, shape: tuple[int, ...], outputs: int) -> None:
        inputs = np.prod(shape) / outputs
        self.layers[self._name(kind, name)] = {
            "kernel:0": self._normal(shape, 1.5 / np.sqrt(inputs)),
            "bias:0": self._normal((outputs,), 0.1),
        }

    def conv(self, inputs: int, outputs: int, taps: int, name: str | None = None) -> None:
        self._kernel("conv2d", name, (1, taps, inputs, outputs), outputs)

    def up(self, inputs: int, outputs: int, name: str | None = None) -> None:
        self._kernel("conv2d_transpose", name, (1, 4, outputs, inputs), outputs)

    def dense(self, inputs: int, outputs: int, name: str | None = None) -> None:
        self._kernel("dense", name, (inputs, outputs), outputs)

    def noise(self, name: str | None = None) -> None:
        self.layers[self._name("add_noise", name)] = {"noise_weight:0": self._normal((1,), 0.2)}

    def norm(self, channels: int) -> None:
        self.layers[self._name("batch_normalization", None)] = {
            "gamma:0": 1 + self._normal((channels,), 0.1),
            "beta:0": self._normal((channels,), 0.1),
            "moving_mean:0": self._normal((channels,), 0.2),
            "moving_variance:0": 1 + np.abs(self._normal((channels,), 0.2)),
        }

    def level(self, bins: int) -> None:
        """Let the head that was made last say levels that are neither silent nor cut."""
        head = list(self.layers.values())[-1]
        head["kernel:0"][..., :bins] *= np.float32(LEVEL_SPREAD)
        head["bias:0"][:bins] += np.float32(LEVEL_MEAN)

    def skip(self, *kinds: str) -> None:
        """Layers that were made and are not part of the net: only their numbers are gone."""
        for kind in kinds:
            self._name(kind, None)

    def save(self, path: Path) -> None:
        """An HDF5 file as `save_weights` writes it; groups in another order than they were made."""
        names = sorted(self.layers, key=lambda name: name[::-1])
        path.parent.mkdir(parents=True, exist_ok=True)
        with h5py.File(path, "w") as file:
            file.attrs["layer_names"] = [n.encode() for n in ["input_3", "tf.split_2", *names]]
            file.attrs["backend"] = b"tensorflow"
            file.attrs["keras_version"] = b"2.10.0"
            for nothing in ("input_3", "tf.split_2"):
                file.create_group(nothing).attrs["weight_names"] = np.zeros(0)
            for name in names:
                group = file.create_group(name)
                weights = self.layers[name]
                group.attrs["weight_names"] = [f"{name}/{w}".encode() for w in weights]
                for weight, numbers in weights.items():
                    group.create_dataset(f"{name}/{weight}", data=numbers)


def generator_44k(small: bool, base: int = 4, latents: int = 64, seed: int = 1) -> Keras:
    k, c = Keras(seed), 2 * latents
    k.dense(2 * c, 4 * 7 * base, "00d")
    k.noise("00n")
    k.conv(c, 7 * base, 1, "00ai")
    width = 7 * base
    for index, factor in enumerate((6, 5, 4, 3)):
        out, mark = factor * base, "_small" if small and index == 0 else ""
        first, second = f"{2 * index}{mark}", f"{2 * index + 1}{mark}"
        if mark:
            k.conv(width, out, 1, first + "c")
        else:
            k.up(width, out, first + "c")
        k.noise(first + "r")
        k.conv(c, out, 1, first + "ai")
        k.conv(out, out, 1 if mark else 4, second + "c")
        k.noise(second + "r")
        k.conv(c, out, 1, second + "ai")
        k.conv(width if mark else width // 2, out, 1, f"res{index + 1}c{mark}")
        width = out
    k.up(width, 2 * base, "8c")
    k.noise("8r")
    k.conv(c, 2 * base, 1, "8ai")
    k.conv(2 * base, c, 4, "9c")
    return k


def generator_22k(conditional: bool, latents: int = 64, seed: int = 1) -> Keras:
    k = Keras(seed, {"conv2d": 57, "conv2d_transpose": 9, "add_noise": 8, "dense": 1})
    w7, w6, w5, w4, w3, w2 = 14, 12, 10, 8, 6, 4
    c = 2 * latents + conditional
    k.dense(2 * c, 4 * w7)
    k.noise()
    k.conv(c, w7, 1)

    def block(inputs: int, outputs: int, taps: int | None, gate: int | None = None) -> None:
        if gate is not None:
            k.conv(gate, outputs, 1)
            k.conv(outputs, outputs, 1)
        if taps is None:
            k.up(inputs, outputs)
        else:
            k.conv(inputs, outputs, taps)
        k.noise()
        k.conv(c, outputs, 1)

    block(w7, w6, None)
    block(w6, w6, 1)
    block(w6, w5, None)
    block(w5, w5, 3)
    block(w5, w4, None, w6)
    block(w4, w4, 3, w6)
    block(w4, w3, None, w5)
    block(w3, w3, 3, w5)
    block(w3, w2, None)
    k.conv(w2, 2 * latents, 1)
    return k


def outer_44k(latents: int = 64, hop: int = 8, inner: int = 16, seed: int = 2) -> Keras:
    k = Keras(seed, {"conv2d": 20, "add_noise": 30})
    width = latents
    wanted = (3, 2.5, 2.5, 2, 2, 1.5, 1)
    for factor, up in zip(wanted, (0, 1, 0, 1, 0, 1, 1), strict=True):
        out = int(factor * hop)
        if up:
            k.up(width, out)
        else:
            k.conv(width, out, 3)
        k.noise()
        width = out
    k.conv(width, inner, 1, "cout")
    return k


def outer_22k(latents: int = 64, inner: int = 16, seed: int = 2) -> Keras:
    k = Keras(seed, {"conv2d": 9, "batch_normalization": 12})
    width = latents
    for out, up in ((24, 0), (24, 1), (20, 1), (16, 0), (12, 1)):
        if up:
            k.up(width, out)
        else:
            k.conv(width, out, 4)
        k.noise()
        k.norm(out)
        width = out
    k.conv(width, inner, 1)
    return k


def inner_44k(inner: int = 16, hop: int = 8, bins: int = BINS, seed: int = 3) -> Keras:
    k = Keras(seed, {"conv2d": 6})
    for inputs, out in (
        (inner, 3 * hop),
        (3 * hop, 3 * hop),
        (3 * hop, 2 * hop),
        (2 * hop, hop),
    ):
        k.conv(inputs, out, 3)
        k.noise()
    k.skip("conv2d", "add_noise", "conv2d_transpose", "add_noise")
    for inputs, out in ((hop, 2 * hop), (2 * hop, 3 * hop), (3 * hop, 3 * hop)):
        k.up(inputs, out)
        k.noise()
    k.conv(3 * hop, bins, 1)
    k.level(bins)
    for inputs, out in ((2 * hop, 3 * hop), (3 * hop, 3 * hop)):
        k.up(inputs, out)
        k.noise()
    k.conv(3 * hop, bins, 1)
    return k


def inner_22k(inner: int = 16, hop: int = 8, bins: int = BINS, seed: int = 3) -> Keras:
    k = Keras(seed, {"conv2d": 6, "batch_normalization": 5})
    w = (3 * hop, 2 * hop, hop + hop // 2, hop + hop // 4)
    for inputs, out, taps in ((inner, w[0], 1), (w[0], w[1], 3), (w[1], w[2], 3), (w[2], w[3], 3)):
        k.conv(inputs, out, taps)
        k.noise()
        k.norm(out)
    for inputs, out in ((w[3], w[2]), (w[2], w[1]), (w[1], w[0])):
        k.up(inputs, out)
        k.noise()
        k.norm(out)
    k.conv(w[0], 5 * hop, 1)
    k.noise()
    k.norm(5 * hop)
    k.conv(5 * hop, 2 * bins, 1)
    k.level(bins)
    return k


def write_checkpoint(folder: Path, variant: str, seed: int = 1) -> Path:
    """Write gen_ema.h5, ae/dec.h5 and ae/dec2.h5 of a variant; returns the folder."""
    if variant in ("full", "small"):
        generator_44k(variant == "small", seed=seed).save(folder / "gen_ema.h5")
        inner_44k().save(folder / "ae/dec.h5")
        outer_44k().save(folder / "ae/dec2.h5")
    else:
        generator_22k(variant != "older", seed=seed).save(folder / "gen_ema.h5")
        inner_22k().save(folder / "ae/dec.h5")
        outer_22k().save(folder / "ae/dec2.h5")
    return folder
