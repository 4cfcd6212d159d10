"""A bundle of small random nets with the real inputs and outputs: a public sibling of ours.

It sounds like a test signal, not like music: a few carriers, some noise and a low band, all of
which follow the anchors, the style and every control. Made with `onnx.helper`; needs no torch.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from rtgen.bundle.load import Bundle, load_bundle
from rtgen.bundle.write import write_manifest
from rtgen.timeline.controls import TABLE

TRUNK_LEFT, TRUNK_RIGHT, HEAD_LEFT = 2, 2, 4
DECODER_LEFT, DECODER_RIGHT = 1, 1
LATENTS, HIDDEN = 64, 48
HEARD_CARRIERS = 24
DECODED = {"tones": 4 * 288, "width": 24, "noise": 16 * 64, "low": 64}


class _Graph:
    """Nodes and weights of one ONNX graph in the making; time is axis 1."""

    def __init__(self, seed: int) -> None:
        self._chance = np.random.default_rng(seed)
        self._nodes: list[Any] = []
        self._weights: list[Any] = []

    def weights(self, name: str, values: np.ndarray) -> str:
        self._weights.append(numpy_helper.from_array(values, name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(kind, inputs, [output], output, **attributes))
        return output

    def dense(self, x: str, rows: int, columns: int, name: str, gain: float = 1.0) -> str:
        table = self._chance.standard_normal((rows, columns)) * gain / math.sqrt(rows)
        return self.node("MatMul", [x, self.weights(name + ".w", table.astype(np.float32))], name)

    def bias(self, x: str, values: np.ndarray, name: str) -> str:
        return self.node("Add", [x, self.weights(name + ".b", values.astype(np.float32))], name)

    def tanh(self, x: str) -> str:
        return self.node("Tanh", [x], x + ".tanh")

    def window(self, x: str, taps: int, name: str) -> str:
        """Neighbouring frames side by side: a valid convolution is a product with this."""
        parts = []
        for tap in range(taps):
            end = tap - taps + 1 if tap < taps - 1 else np.iinfo(np.int64).max
            limits = [
                self.weights(f"{name}.{tap}.{what}", np.array([value], np.int64))
                for what, value in (("start", tap), ("end", end), ("axis", 1))
            ]
            parts.append(self.node("Slice", [x, *limits], f"{name}.{tap}"))
        return self.node("Concat", parts, name, axis=2)

    def model(self, inputs: dict[str, int], outputs: dict[str, int]) -> bytes:
        def infos(channels: dict[str, int], length: str) -> list[Any]:
            return [
                helper.make_tensor_value_info(
                    name, TensorProto.FLOAT, [1, f"{length}_{name}", count]
                )
                for name, count in channels.items()
            ]

        graph = helper.make_graph(
            self._nodes, "tiny", infos(inputs, "in"), infos(outputs, "out"), self._weights
        )
        opset = [helper.make_opsetid("", 18)]
        data: bytes = helper.make_model(
            graph, opset_imports=opset, ir_version=9
        ).SerializeToString()
        return data


def generator(seed: int = 1) -> bytes:
    """The generator's graph: a two-sided trunk on the anchors, a causal head with the controls."""
    g = _Graph(seed)
    trunk = g.tanh(g.dense(g.window("anchors", 3, "near"), 3 * 56, HIDDEN, "trunk.1"))
    trunk = g.tanh(g.dense(g.window(trunk, 3, "far"), 3 * HIDDEN, HIDDEN, "trunk.2"))
    moved = g.node("Mul", [trunk, "variation"], "moved")
    joined = g.node("Concat", [moved, "style", "controls"], "joined", axis=2)
    head = g.tanh(g.dense(joined, HIDDEN + 64, HIDDEN, "head.0", gain=2.0))
    head = g.tanh(g.dense(g.window(head, 3, "late"), 3 * HIDDEN, HIDDEN, "head.1", gain=2.0))
    g.dense(g.window(head, 3, "later"), 3 * HIDDEN, LATENTS, "latents")
    return g.model(
        {"anchors": 56, "style": 32, "controls": 32, "variation": 1}, {"latents": LATENTS}
    )


def decoder(seed: int = 2) -> bytes:
    """The decoder's graph: three frames of latents to carriers, noise and a low band."""
    g = _Graph(seed)
    hidden = g.tanh(g.dense(g.window("latents", 3, "around"), 3 * LATENTS, HIDDEN, "hidden"))
    heard = np.full(288, -12.0)
    heard[:: 288 // HEARD_CARRIERS] = -5.0
    levels = {
        "tones": np.tile(heard, 4),
        "width": np.full(24, -1.5),
        "noise": np.full(1024, -7.0),
        "low": np.zeros(64),
    }
    for name, channels in DECODED.items():
        raw = g.dense(hidden, HIDDEN, channels, name + ".raw", gain=0.05 if name == "low" else 0.8)
        g.bias(raw, levels[name], name)
    return g.model({"latents": LATENTS}, DECODED)


def facts(name: str = "tiny") -> dict[str, Any]:
    """What the manifest says, without the files."""
    return {
        "name": name,
        "style": "techno",
        "version": "0.0.0",
        "licence": "Apache-2.0",
        "rate": 44100,
        "hop": 2048,
        "latent_channels": LATENTS,
        "anchor_channels": 56,
        "style_channels": 32,
        "control_channels": 32,
        "margins": {
            "trunk_left": TRUNK_LEFT,
            "trunk_right": TRUNK_RIGHT,
            "head_left": HEAD_LEFT,
            "decoder_left": DECODER_LEFT,
            "decoder_right": DECODER_RIGHT,
        },
        "controls": {
            c.name: {"low": c.low, "high": c.high, "default": c.default, "unit": c.unit}
            for c in TABLE.values()
        }
        | {"tempo": {"low": 100.0, "high": 180.0, "default": 128.0, "unit": "bpm"}},
        "parity_max_abs_error": {},
        "training": {"steps": 0},
    }


def write_tiny(folder: Path, name: str = "tiny") -> Path:
    """Write the bundle into a folder, which is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "generator.onnx").write_bytes(generator())
    (folder / "decoder.onnx").write_bytes(decoder())
    (folder / "README.md").write_text("Random numbers, for tests.\n")
    write_manifest(folder, facts(name))
    return folder


def tiny_bundle(folder: Path) -> Bundle:
    """The bundle, written and loaded."""
    return load_bundle(write_tiny(folder))
