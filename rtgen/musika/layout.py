"""The layers of Musika's nets: in which order they were made, and which shapes their weights have.

Facts from the published code and paper (Pasini & Schlüter, ISMIR 2022; github.com/marcoppasini/
musika). Sizes are numbers or letters; a letter stands for one size throughout a net and is read
from the weights. Layers with a name are found by it, the others in the order of their numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["conv", "up", "dense", "noise", "norm"]
Size = int | str
KERAS_NAMES: dict[Kind, str] = {
    "conv": "conv2d",
    "up": "conv2d_transpose",
    "dense": "dense",
    "noise": "add_noise",
    "norm": "batch_normalization",
}


@dataclass(frozen=True)
class Layer:
    """One layer.

    Attributes
    ----------
    role : what we call it.
    name : what the file calls it; None where Keras numbered it.
    """

    role: str
    kind: Kind
    taps: int = 1
    inputs: Size = 1
    outputs: Size = 1
    name: str | None = None

    def shapes(self) -> dict[str, tuple[Size, ...]]:
        """Shapes of its weights by what they are."""
        if self.kind == "noise":
            return {"noise": (1,)}
        if self.kind == "norm":
            return dict.fromkeys(("gamma", "beta", "mean", "variance"), (self.outputs,))
        kernel: tuple[Size, ...] = (1, self.taps, self.inputs, self.outputs)
        if self.kind == "up":  # Keras keeps these the other way round
            kernel = (1, self.taps, self.outputs, self.inputs)
        elif self.kind == "dense":
            kernel = (self.inputs, self.outputs)
        return {"kernel": kernel, "bias": (self.outputs,)}


def _unit(
    role: str, kind: Kind, taps: int, inputs: Size, outputs: Size, *, norm: bool = False
) -> list[Layer]:
    """A convolution, its noise and perhaps its batch norm, as the decoders have them."""
    layers = [Layer(role, kind, taps, inputs, outputs), Layer(f"{role}.noise", "noise")]
    return [*layers, Layer(f"{role}.norm", "norm", outputs=outputs)] if norm else layers


def _named(layers: list[Layer], names: dict[str, str]) -> list[Layer]:
    return [
        Layer(x.role, x.kind, x.taps, x.inputs, x.outputs, names.get(x.role, x.role))
        for x in layers
    ]


_STEPS = (  # block, kind, taps in the newer nets, inputs, outputs
    ("0", "up", 4, "w7", "w6"),
    ("1", "conv", 4, "w6", "w6"),
    ("2", "up", 4, "w6", "w5"),
    ("3", "conv", 4, "w5", "w5"),
    ("4", "up", 4, "w5", "w4"),
    ("5", "conv", 4, "w4", "w4"),
    ("6", "up", 4, "w4", "w3"),
    ("7", "conv", 4, "w3", "w3"),
    ("8", "up", 4, "w3", "w2"),
)


def generator_44k(small: bool) -> list[Layer]:
    """The generator of the 44.1 kHz code; every layer has a name."""
    layers = [
        Layer("00d", "dense", inputs="2c", outputs="4w7"),
        Layer("00n", "noise"),
        Layer("00ai", "conv", inputs="c", outputs="w7"),
    ]
    names: dict[str, str] = {}
    for block, kind, taps, inputs, outputs in _STEPS:
        if small and block in "01":
            kind, taps = "conv", 1
            names |= {f"{block}{x}": f"{block}_small{x}" for x in ("c", "r", "ai")}
        layers += [
            Layer(f"{block}c", kind, taps, inputs, outputs),  # type: ignore[arg-type]
            Layer(f"{block}r", "noise"),
            Layer(f"{block}ai", "conv", 1, "c", outputs),
        ]
    # What is added around two blocks comes from half the channels, whose other half became time.
    first = "w7" if small else "w7/2"
    names |= {"res1c": "res1c_small"} if small else {}
    for index, (inputs, outputs) in enumerate(
        ((first, "w6"), ("w6/2", "w5"), ("w5/2", "w4"), ("w4/2", "w3")), 1
    ):
        layers.append(Layer(f"res{index}c", "conv", 1, inputs, outputs))
    layers.append(Layer("9c", "conv", 4, "w2", "l"))
    return _named(layers, names)


def generator_22k() -> list[Layer]:
    """The generator of the 22.05 kHz code: no sums around blocks, gates from earlier blocks."""
    taps = {"1": 1, "3": 3, "5": 3, "7": 3}
    gates = {"4": ("w6", "w4"), "5": ("w6", "w4"), "6": ("w5", "w3"), "7": ("w5", "w3")}
    layers = [
        Layer("00d", "dense", inputs="2c", outputs="4w7"),
        Layer("00n", "noise"),
        Layer("00ai", "conv", inputs="c", outputs="w7"),
    ]
    for block, kind, width, inputs, outputs in _STEPS:
        if block in gates:  # made before the block that they gate
            seen, gated = gates[block]
            layers += [
                Layer(f"{block}se0", "conv", 1, seen, gated),
                Layer(f"{block}se1", "conv", 1, gated, gated),
            ]
        layers += [
            Layer(f"{block}c", kind, taps.get(block, width), inputs, outputs),  # type: ignore[arg-type]
            Layer(f"{block}r", "noise"),
            Layer(f"{block}ai", "conv", 1, "c", outputs),
        ]
    return [*layers, Layer("9c", "conv", 1, "w2", "l")]


def outer_44k() -> list[Layer]:
    """Latents to frames of the inner code, sixteen for each (dec2.h5)."""
    return [
        *_unit("0", "conv", 3, "l", "a"),
        *_unit("1", "up", 4, "a", "b"),
        *_unit("2", "conv", 3, "b", "b"),
        *_unit("3", "up", 4, "b", "d"),
        *_unit("4", "conv", 3, "d", "d"),
        *_unit("5", "up", 4, "d", "e"),
        *_unit("6", "up", 4, "e", "f"),
        Layer("out", "conv", 1, "f", "i", name="cout"),
    ]


def outer_22k() -> list[Layer]:
    """Latents to frames of the inner code, eight for each (dec2.h5)."""
    return [
        *_unit("0", "conv", 4, "l", "a", norm=True),
        *_unit("1", "up", 4, "a", "b", norm=True),
        *_unit("2", "up", 4, "b", "d", norm=True),
        *_unit("3", "conv", 4, "d", "e", norm=True),
        *_unit("4", "up", 4, "e", "f", norm=True),
        Layer("out", "conv", 1, "f", "i"),
    ]


def inner_44k() -> list[Layer]:
    """Frames of the inner code to magnitude and phase, each with a head of its own (dec.h5)."""
    return [
        *_unit("down0", "conv", 3, "i", "a"),
        *_unit("down1", "conv", 3, "a", "a"),
        *_unit("down2", "conv", 3, "a", "b"),
        *_unit("down3", "conv", 3, "b", "d"),
        *_unit("up2", "up", 4, "d", "b"),
        *_unit("up1", "up", 4, "b", "a"),
        *_unit("up0", "up", 4, "a", "a"),
        Layer("magnitude", "conv", 1, "a", "s"),
        *_unit("phase1", "up", 4, "b", "a"),
        *_unit("phase0", "up", 4, "a", "a"),
        Layer("phase", "conv", 1, "a", "s"),
    ]


def inner_22k() -> list[Layer]:
    """Frames of the inner code to magnitude and phase from one head (dec.h5)."""
    return [
        *_unit("down0", "conv", 1, "i", "a", norm=True),
        *_unit("down1", "conv", 3, "a", "b", norm=True),
        *_unit("down2", "conv", 3, "b", "d", norm=True),
        *_unit("down3", "conv", 3, "d", "e", norm=True),
        *_unit("up2", "up", 4, "e", "d", norm=True),
        *_unit("up1", "up", 4, "d", "b", norm=True),
        *_unit("up0", "up", 4, "b", "a", norm=True),
        *_unit("wide", "conv", 1, "a", "f", norm=True),
        Layer("both", "conv", 1, "f", "2s"),
    ]
