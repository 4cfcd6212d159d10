"""Reads Keras weights from HDF5 files, in a process of its own with limits on what it may use.

HDF5 can name other files, fill absurd shapes out of nothing, and its library has crashed on
damaged input before. So only hard links to plain, stored, small enough numbers with names that
Keras gives are followed, sizes are summed before anything is read, and a crash ends a child only.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rtgen.errors import CheckpointError

Weights = dict[str, npt.NDArray[np.float32]]
"""The arrays of one layer by what they are: kernel, bias, noise, gamma, beta, mean, variance."""
Layers = dict[str, Weights]
"""Layers of one file, by the names they have there."""

WEIGHT_NAMES = {
    "kernel:0": "kernel",
    "bias:0": "bias",
    "noise_weight:0": "noise",
    "gamma:0": "gamma",
    "beta:0": "beta",
    "moving_mean:0": "mean",
    "moving_variance:0": "variance",
}
LAYER_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
LARGEST_FILE_BYTES = 1 << 30
MOST_LAYERS = 4096
DEEPEST = 3
LARGEST_SIDE = 16384
_MEMORY_BYTES, _SECONDS = 6 << 30, 120
WEIGHTS_SUFFIX, PROBLEM_FILE = ".npz", "problem.json"


def read_layers(path: Path) -> Layers:
    """All layers that have weights, in no order.

    Raises
    ------
    CheckpointError for anything that Keras would not have written.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return _layers(file, path.name)
    except CheckpointError:
        raise
    except Exception as error:  # h5py raises what the C library says, under many names
        raise damaged(path.name) from error


def _layers(file: Any, name: str) -> Layers:
    if "layers" in file or "_layer_checkpoint_dependencies" in file:
        raise CheckpointError(
            f"{name} was written by Keras 3", value=name, hint="Musika's own code writes Keras 2"
        )
    if len(file) > MOST_LAYERS:
        raise _odd(name, "thousands of layers")
    found: dict[tuple[str, str], Any] = {}
    left = LARGEST_FILE_BYTES
    for layer in file:
        if not LAYER_NAME.fullmatch(layer):
            continue  # operations have names with dots, and no weights
        for weight, data in _weights(file, layer, name, 1):
            if (layer, weight) in found:
                raise _odd(name, f"two of {layer}'s {weight}")
            found[layer, weight] = data
            left -= data.size * 4
            if left < 0:
                raise CheckpointError(f"{name} holds more than any Musika model", value=name)
    out: Layers = {}
    for (layer, weight), data in found.items():
        out.setdefault(layer, {})[weight] = _numbers(data, f"{layer}'s {weight}", name)
    return out


def _weights(group: Any, key: str, name: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Data sets under a key, by what they are, however Keras nested them."""
    import h5py

    link = group.get(key, getlink=True)
    if not isinstance(link, h5py.HardLink):
        raise _odd(name, "links")
    found = group[key]
    if isinstance(found, h5py.Dataset):
        if key in WEIGHT_NAMES:
            yield WEIGHT_NAMES[key], found
    elif isinstance(found, h5py.Group) and depth <= DEEPEST:
        if len(found) > MOST_LAYERS:
            raise _odd(name, "thousands of weights in one layer")
        for inner in found:
            yield from _weights(found, inner, name, depth + 1)


def _numbers(data: Any, what: str, name: str) -> npt.NDArray[np.float32]:
    shape, kind = data.shape, data.dtype
    if data.external or data.is_virtual:
        raise _odd(name, "data of other files")
    if kind.kind != "f" or kind.itemsize > 8:
        raise _odd(name, f"{what} of type {str(kind)[:20]}")
    if not 1 <= len(shape) <= 4 or not all(1 <= side <= LARGEST_SIDE for side in shape):
        raise _odd(name, f"{what} of shape {shape}")
    if data.id.get_create_plist().get_nfilters() or data.id.get_storage_size() != data.nbytes:
        raise _odd(name, f"{what} with less data than its shape {shape}")
    numbers = data[()].astype(np.float32)
    if not np.isfinite(numbers).all():
        raise _odd(name, f"{what} with numbers that are not finite")
    return numbers


def damaged(name: str) -> CheckpointError:
    """What is said of a file that breaks while it is read."""
    return CheckpointError(
        f"{name} is damaged or cut short", value=name, hint="download the checkpoint again"
    )


def _odd(name: str, what: str) -> CheckpointError:
    return CheckpointError(
        f"{name} holds {what}, which Musika's weights do not",
        value=what,
        hint="only weights saved by Musika's own code can be imported",
    )


def _limit() -> None:
    """From here on this process can use so much memory and time, and no more."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    largest = LARGEST_FILE_BYTES + (64 << 20)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(target: str, *sources: str) -> None:
    """The child's work: weights of files, or what is wrong with one, into a folder."""
    _limit()
    for number, source in enumerate(sources):
        try:
            layers = read_layers(Path(source))
        except CheckpointError as error:
            said = {"message": str(error), "hint": error.hint}
            (Path(target) / PROBLEM_FILE).write_text(json.dumps(said))
            return
        flat = {f"{layer}/{what}": x for layer, own in layers.items() for what, x in own.items()}
        np.savez(Path(target) / f"{number}{WEIGHTS_SUFFIX}", **flat)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(*sys.argv[1:])
