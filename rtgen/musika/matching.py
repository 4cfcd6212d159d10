"""Fits the layers of a file to a layout: names, order and shapes all have to agree."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rtgen.errors import CheckpointError
from rtgen.musika.hdf5 import Layers, Weights
from rtgen.musika.layout import KERAS_NAMES, Kind, Layer, Size

_SIZE = re.compile(r"(\d*)([a-z]\d?)(?:/(\d))?")
_LARGEST = 8192


@dataclass(frozen=True)
class Net:
    """Weights and kinds of one net's layers by role, and the sizes read from them by letter."""

    weights: dict[str, Weights]
    kinds: dict[str, Kind]
    sizes: dict[str, int]


def fit(layout: list[Layer], found: Layers, file: str) -> Net:
    """The weights of a file by their roles.

    Raises
    ------
    CheckpointError that names the first layer that does not fit.
    """
    files = _in_order(layout, found, file)
    sizes: dict[str, int] = {}
    for layer in layout:
        own = found[files[layer.role]]
        wanted = layer.shapes()
        if set(own) != set(wanted):
            raise _misfit(file, files[layer.role], "weights " + ", ".join(sorted(own)))
        for what, shape in wanted.items():
            got = own[what].shape
            if len(got) != len(shape) or not all(map(_binds(sizes), shape, got)):
                raise _misfit(file, files[layer.role], f"a {what} of shape {got}")
    weights = {layer.role: found[files[layer.role]] for layer in layout}
    return Net(weights, {layer.role: layer.kind for layer in layout}, sizes)


def _in_order(layout: list[Layer], found: Layers, file: str) -> dict[str, str]:
    """Names in the file by role."""
    out: dict[str, str] = {}
    for kind in KERAS_NAMES:
        unnamed = [layer for layer in layout if layer.kind == kind and layer.name is None]
        numbered = _numbered(found, kind)
        if len(numbered) != len(unnamed):
            raise CheckpointError(
                f"{file} has {len(numbered)} layers {KERAS_NAMES[kind]}, not {len(unnamed)}",
                value=len(numbered),
                hint="only models of Musika's published nets can be imported",
            )
        out |= {layer.role: name for layer, name in zip(unnamed, numbered, strict=True)}
    for layer in layout:
        if layer.name is not None:
            if layer.name not in found:
                raise CheckpointError(f"{file} has no layer {layer.name}", value=layer.name)
            out[layer.role] = layer.name
    extra = sorted(set(found) - set(out.values()))
    if extra:
        raise CheckpointError(f"{file} has a layer {extra[0]} too many", value=extra[0])
    return out


def _numbered(found: Layers, kind: Kind) -> list[str]:
    """Layers that Keras numbered as it made them, in that order."""
    pattern = re.compile(KERAS_NAMES[kind] + r"(?:_(\d{1,9}))?")
    matches = ((pattern.fullmatch(name), name) for name in found)
    return [name for _, name in sorted((int(m[1] or 0), name) for m, name in matches if m)]


class _binds:
    """Whether a size agrees with those before it; a letter met first takes the size it meets."""

    def __init__(self, sizes: dict[str, int]) -> None:
        self._sizes = sizes

    def __call__(self, size: Size, got: int) -> bool:
        if isinstance(size, int):
            return size == got
        match = _SIZE.fullmatch(size)
        assert match, size
        times, letter, over = int(match[1] or 1), match[2], int(match[3] or 1)
        if letter not in self._sizes:
            value, rest = divmod(got * over, times)
            if rest or not 1 <= value <= _LARGEST:
                return False
            self._sizes[letter] = value
        return self._sizes[letter] * times == got * over


def _misfit(file: str, layer: str, what: str) -> CheckpointError:
    return CheckpointError(
        f"{layer} of {file} has {what}, which does not fit the rest",
        value=layer,
        hint="only models of Musika's published nets can be imported",
    )
