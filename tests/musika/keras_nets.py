"""Musika's nets built of Keras's own layers, from the published facts; needs tf_keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras as keras

Tensor = Any


class AddNoise(keras.layers.Layer):
    """Published: one normal number for each frame, times a weight. Here the numbers are given."""

    def build(self, shape: Any) -> None:
        self.b = self.add_weight(shape=[1], initializer="zeros", name="noise_weight")
        self.given: Tensor = None

    def call(self, x: Tensor) -> Tensor:
        if self.given is None:
            return x + 0.0 * self.b
        return x + self.b * tf.reshape(self.given, [-1, 1, x.shape[2], 1])


def conv(x: Tensor, filters: int, taps: int, stride: int = 1, name: str | None = None) -> Tensor:
    layer = keras.layers.Conv2D(filters, (1, taps), (1, stride), padding="same", name=name)
    return layer(x)


def up(x: Tensor, filters: int, name: str | None = None) -> Tensor:
    layer = keras.layers.Conv2DTranspose(filters, (1, 4), (1, 2), padding="same", name=name)
    return layer(x)


def swish(x: Tensor) -> Tensor:
    return keras.activations.swish(x)


def unit(x: Tensor, filters: int, taps: int | None, norm: bool = False, stride: int = 1) -> Tensor:
    """A decoder's unit; no taps: doubling."""
    x = up(x, filters) if taps is None else conv(x, filters, taps, stride)
    x = AddNoise()(x)
    return swish(keras.layers.BatchNormalization()(x) if norm else x)


def guided(x: Tensor, around: Tensor, epsilon: float, name: str | None = None) -> Tensor:
    guide = conv(around, x.shape[-1], 1, name=name)
    return x / (tf.math.reduce_std(x, -2, keepdims=True) + epsilon) * guide


def shuffled(x: Tensor) -> Tensor:
    x = tf.reshape(x, [-1, 1, x.shape[2], x.shape[3] // 2, 2])
    x = tf.transpose(x, [0, 1, 2, 4, 3])
    return tf.reshape(x, [-1, 1, x.shape[2] * 2, x.shape[4]])


def pools(x: Tensor, count: int) -> list[Tensor]:
    out = [tf.expand_dims(x, 1)]
    for _ in range(count):
        out.append(keras.layers.AveragePooling2D((1, 2))(out[-1]))
    return out


def generator_44k(small: bool, base: int, latents: int = 64) -> Any:
    """One half: coordinates (B, half, 2 L) to latents (B, 1, half, 2 L)."""
    epsilon, root = 1e-5, 0.5**0.5
    inp = keras.layers.Input((64 if small else 128, 2 * latents))
    pooled = pools(inp, 5 if small else 6)
    g = keras.layers.Dense(28 * base, name="00d")(keras.layers.Flatten()(pooled[-1]))
    g = AddNoise(name="00n")(keras.layers.Reshape((1, 4, 7 * base))(g))
    g = swish(guided(g, pooled[-2], epsilon, "00ai"))

    def step(x: Tensor, filters: int, level: int, name: str, taps: int | None) -> Tensor:
        x = up(x, filters, name + "c") if taps is None else conv(x, filters, taps, name=name + "c")
        return swish(guided(AddNoise(name=name + "r")(x), pooled[level], epsilon, name + "ai"))

    for index, factor in enumerate((6, 5, 4, 3)):
        mark = "_small" if small and index == 0 else ""
        first, second = (None, 4) if not mark else (1, 1)
        level = 4 - index
        y = root * step(g, factor * base, level, f"{2 * index}{mark}", first)
        y = root * step(y, factor * base, level, f"{2 * index + 1}{mark}", second)
        around = g if mark else shuffled(g)
        g = y + conv(around, factor * base, 1, name=f"res{index + 1}c{mark}")
    g = step(g, 2 * base, 0, "8", None)
    return keras.Model(inp, conv(g, 2 * latents, 4, name="9c"))


def generator_22k(conditional: bool, widths: tuple[int, ...], latents: int = 64) -> Any:
    """One half of the older code; no layer has a name."""
    epsilon = 1e-7
    inp = keras.layers.Input((128, 2 * latents + conditional))
    pooled = pools(inp, 6)
    g = keras.layers.Dense(4 * widths[0])(keras.layers.Flatten()(pooled[-1]))
    g = AddNoise()(keras.layers.Reshape((1, 4, widths[0]))(g))
    g = swish(guided(g, pooled[5], epsilon))

    def gate(x: Tensor, filters: int) -> Tensor:
        x = tf.reduce_mean(x, -2, keepdims=True)
        x = swish(conv(x, filters, 1))
        return keras.layers.Conv2D(filters, (1, 1), activation="sigmoid")(x)

    def step(x: Tensor, filters: int, level: int, taps: int | None, by: Tensor = None) -> Tensor:
        gated = None if by is None else gate(by, filters)
        x = up(x, filters) if taps is None else conv(x, filters, taps)
        x = swish(guided(AddNoise()(x), pooled[level], epsilon))
        return x if gated is None else x * gated

    a = step(g, widths[1], 4, None)
    b = step(a, widths[1], 4, 1)
    c = step(b, widths[2], 3, None)
    d = step(c, widths[2], 3, 3)
    x = step(d, widths[3], 2, None, a)
    x = step(x, widths[3], 2, 3, b)
    x = step(x, widths[4], 1, None, c)
    x = step(x, widths[4], 1, 3, d)
    x = step(x, widths[5], 0, None)
    out = keras.layers.Conv2D(2 * latents, (1, 1), activation="tanh")(x)
    return keras.Model(inp, out)


def outer_44k(hop: int, inner: int, latents: int = 64) -> Any:
    inp = keras.layers.Input((1, 4, latents))
    x = inp
    for factor, taps in ((6, 3), (5, None), (5, 3), (4, None), (4, 3), (3, None), (2, None)):
        x = unit(x, factor * hop // 2, taps)
    return keras.Model(inp, conv(x, inner, 1, name="cout"))


def outer_22k(widths: tuple[int, ...], inner: int, latents: int = 64) -> Any:
    inp = keras.layers.Input((1, 8, latents))
    x = inp
    for width, taps in zip(widths, (4, None, None, 4, None), strict=True):
        x = unit(x, width, taps, norm=True)
    return keras.Model(inp, keras.layers.Conv2D(inner, (1, 1), activation="tanh")(x))


def inner_44k(hop: int, inner: int, bins: int) -> Any:
    inp = keras.layers.Input((1, 64, inner))
    g0 = unit(inp, 3 * hop, 3)
    g1 = unit(g0, 3 * hop, 3, stride=2)
    g2 = unit(g1, 2 * hop, 3, stride=2)
    g3 = unit(g2, hop, 3, stride=2)
    unit(unit(g3, hop, 3, stride=2), hop, None)  # made, and not part of the net
    u2 = unit(g3, 2 * hop, None)
    u1 = unit(u2 + g2, 3 * hop, None)
    u0 = unit(u1 + g1, 3 * hop, None)
    magnitude = tf.clip_by_value(conv(u0 + g0, bins, 1), -1.0, 1.0)
    p = unit(unit(u2, 3 * hop, None) + u1, 3 * hop, None)
    phase = tf.clip_by_value(conv(p + u0, bins, 1), -1.0, 1.0)
    return keras.Model(inp, [magnitude, phase])


def inner_22k(hop: int, inner: int, bins: int) -> Any:
    inp = keras.layers.Input((1, 64, inner))
    w = (3 * hop, 2 * hop, hop + hop // 2, hop + hop // 4)
    g0 = unit(inp, w[0], 1, norm=True)
    g1 = unit(g0, w[1], 3, norm=True, stride=2)
    g2 = unit(g1, w[2], 3, norm=True, stride=2)
    g = unit(g2, w[3], 3, norm=True, stride=2)
    g = unit(g, w[2], None, norm=True)
    g = unit(g + g2, w[1], None, norm=True)
    g = unit(g + g1, w[0], None, norm=True)
    g = unit(g + g0, 5 * hop, 1, norm=True)
    both = tf.clip_by_value(conv(g, 2 * bins, 1), -1.0, 1.0)
    return keras.Model(inp, tf.split(both, 2, -1))


def randomise(model: Any, seed: int) -> None:
    """Weights away from their starting values, of a size that keeps numbers in the middle."""
    chance = np.random.default_rng(seed)
    for layer in model.layers:
        values = []
        for weight in layer.weights:
            shape, name = tuple(weight.shape), weight.name
            if "variance" in name or "gamma" in name:
                values.append(1 + 0.3 * chance.random(shape))
            elif len(shape) > 1:
                fan = np.prod(shape) / (shape[-2] if "transpose" in name else shape[-1])
                values.append(chance.standard_normal(shape) * 1.2 / np.sqrt(fan))
            else:
                values.append(0.2 * chance.standard_normal(shape))
        if values:
            layer.set_weights(values)


def give_noise(model: Any, tape: np.ndarray) -> int:
    """Hand the noise layers, in the order in which they were made, their part of a tape (B, N)."""
    at = 0
    layers = [layer for layer in model.layers if isinstance(layer, AddNoise)]
    made = {id(layer): number for number, layer in enumerate(_in_order(layers))}
    for layer in sorted(layers, key=lambda one: made[id(one)]):
        count = int(layer.input_shape[2])
        layer.given = tf.constant(tape[:, at : at + count])
        at += count
    return at


def _in_order(layers: list[Any]) -> list[Any]:
    def key(layer: Any) -> tuple[int, str]:
        last = layer.name.rsplit("_", 1)[-1]
        if layer.name.startswith("add_noise"):
            return (int(last) if last.isdigit() else 0, "")
        first = layer.name.split("_")[0]
        return (-1 if first == "00n" else int(first.removesuffix("r")), "")

    return sorted(layers, key=key)
