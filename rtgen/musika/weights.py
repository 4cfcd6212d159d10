"""Finds the files of a checkpoint, has them read by a child, and trusts none of it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rtgen.errors import CheckpointError
from rtgen.musika.hdf5 import (
    LARGEST_FILE_BYTES,
    PROBLEM_FILE,
    WEIGHTS_SUFFIX,
    Layers,
    damaged,
)

GENERATOR, INNER, OUTER = "gen_ema.h5", "dec.h5", "dec2.h5"
DECODERS = (INNER, OUTER)
PATIENCE_SECONDS = 300
_HDF5 = b"\x89HDF\r\n\x1a\n"
_FOREIGN = (
    (b"\x80", "a pickle, which is never opened"),
    (b"PK", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"version https://git-lfs", "a pointer of git-lfs; fetch the file itself"),
    (b"<", "a web page"),
)


@dataclass(frozen=True)
class Files:
    """Where the three files of a checkpoint are."""

    generator: Path
    inner: Path
    outer: Path


@dataclass(frozen=True)
class Raw:
    """Layers of the three files, as they were named there."""

    generator: Layers
    inner: Layers
    outer: Layers


def locate(folder: Path, decoders: Path | None = None) -> Files:
    """The files of a checkpoint.

    Parameters
    ----------
    folder : holds gen_ema.h5.
    decoders : holds dec.h5 and dec2.h5; else the folder itself, `ae` in it or `ae` beside it.

    Raises
    ------
    CheckpointError that names the file that is missing.
    """
    if not folder.is_dir():
        raise CheckpointError(
            f"there is no folder {folder}",
            value=str(folder),
            hint="the folder of a checkpoint, or owner/name on the hub",
        )
    if not (folder / GENERATOR).is_file():
        raise CheckpointError(
            f"{folder.name} has no {GENERATOR}",
            value=str(folder),
            hint="give the folder of one trained model, such as checkpoints/techno",
        )
    places = [decoders] if decoders else [folder, folder / "ae", folder.parent / "ae"]
    for place in places:
        if all((place / name).is_file() for name in DECODERS):
            return Files(folder / GENERATOR, place / INNER, place / OUTER)
    where = places[0].name if decoders else f"{folder.name}, its ae or the ae beside it"
    raise CheckpointError(
        f"{where} has no {INNER} and {OUTER}",
        value=str(places[0]),
        hint="--decoders takes the folder that holds them",
    )


def read(files: Files) -> Raw:
    """Read the weights of a checkpoint.

    Raises
    ------
    CheckpointError for a file that is not what Keras writes.
    """
    paths = (files.generator, files.inner, files.outer)
    for path in paths:
        _check_outside(path)
    with tempfile.TemporaryDirectory() as folder:
        sources = [str(path.resolve()) for path in paths]
        command = [sys.executable, "-P", "-m", "rtgen.musika.hdf5", folder, *sources]
        try:
            subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=PATIENCE_SECONDS,
                check=True,
            )
        except subprocess.SubprocessError as error:
            made = [(Path(folder) / f"{k}{WEIGHTS_SUFFIX}").is_file() for k in range(3)]
            raise damaged(paths[made.index(False) if False in made else -1].name) from error
        problem = Path(folder) / PROBLEM_FILE
        if problem.is_file():
            said = json.loads(problem.read_text())
            raise CheckpointError(said["message"], value=str(files.generator), hint=said["hint"])
        return Raw(*(_layers(Path(folder) / f"{k}{WEIGHTS_SUFFIX}") for k in range(3)))


def _layers(path: Path) -> Layers:
    layers: Layers = {}
    with np.load(path, allow_pickle=False) as arrays:
        for key in arrays.files:
            layer, _, what = key.partition("/")
            layers.setdefault(layer, {})[what] = arrays[key]
    return layers


def _check_outside(path: Path) -> None:
    """What can be known of a file without opening it as HDF5."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(64)
    except OSError as error:
        raise CheckpointError(f"cannot read {path.name}: {error.strerror}", value=str(path)) from (
            error
        )
    if size > LARGEST_FILE_BYTES:
        raise CheckpointError(
            f"{path.name} is larger than any Musika model", value=size, hint="1 GiB at most"
        )
    if start.startswith(_HDF5):
        return
    for mark, what in _FOREIGN:
        if start.startswith(mark):
            raise CheckpointError(f"{path.name} is {what}", value=str(path))
    raise CheckpointError(
        f"{path.name} is not an HDF5 file", value=str(path), hint="download the checkpoint again"
    )
