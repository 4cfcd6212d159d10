"""A folder of recordings to latents and labels: in parallel, resumable, past broken files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from rtgen.bundle.load import load_bundle
from rtgen.corpus.track import HOP, RATE, Samples
from rtgen.errors import BundleError, RenderError
from rtgen.train.analysis import encoder_features
from rtgen.train.hearing import USUAL_TEMPO_RANGE, compile_ears, labels_heard
from rtgen.train.latents import frozen_autoencoder
from rtgen.train.recordings import read_recording, sound_files

FORMAT = 1
SHORTEST_FRAMES = 192
"""Nine seconds: what a training crop needs, with its margin."""
CHUNK_FRAMES = 512
EDGE_FRAMES = 2
"""Frames that the longest analysis window reaches to each side."""

Encode = Callable[[torch.Tensor], np.ndarray]


@dataclass(frozen=True)
class EncoderSource:
    """An encoder by its file: a bundle's graph (standardised latents) or a checkpoint (raw)."""

    path: Path
    standardised: bool
    sha256: str
    tempo_range: tuple[float, float] = USUAL_TEMPO_RANGE


def bundle_encoder(name_or_folder: str | Path) -> EncoderSource:
    """The encoder of a bundle.

    Raises
    ------
    BundleError when it has none.
    """
    bundle = load_bundle(name_or_folder)
    graph = bundle.graph("encoder.onnx")
    source = EncoderSource(bundle.folder.resolve(), True, hashlib.sha256(graph).hexdigest())
    if not bundle.manifest.has_beat:
        return source
    span = bundle.manifest.span("tempo")
    return replace(source, tempo_range=(span.low, span.high))


def checkpoint_encoder(path: Path) -> EncoderSource:
    """The encoder of an autoencoder's checkpoint."""
    return EncoderSource(path.resolve(), False, hashlib.sha256(path.read_bytes()).hexdigest())


@dataclass(frozen=True)
class Outcome:
    """What became of one file: its length, whether it was there already, or why it was skipped."""

    source: str
    seconds: float = 0.0
    known: bool = False
    skipped: str | None = None


def encode_folder(
    folder: Path, out: Path, source: EncoderSource, workers: int = 1
) -> Iterator[Outcome]:
    """Encode every sound file under a folder into `out`, in the order in which they are done.

    With no workers this process does it. What is there already, from the same encoder and an
    unchanged file, is not done again.

    Raises
    ------
    RenderError when there is nothing to encode, or `out` belongs to another encoder.
    """
    files = sound_files(folder)
    _claim(out, source)
    if workers > 1:
        compile_ears()
    with ProcessPoolExecutor(workers) if workers else ThreadPoolExecutor(1) as pool:
        running: dict[Future[Outcome], str] = {}
        for path in files:
            name = path.relative_to(folder).as_posix()
            target = out / "clips" / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.safetensors"
            stamp = {"source": name, "bytes": path.stat().st_size}
            stamp["mtime_ns"] = path.stat().st_mtime_ns
            seconds = _known(target, stamp)
            if seconds is not None:
                yield Outcome(name, seconds, known=True)
            else:
                running[pool.submit(_encode_file, path, target, stamp, source)] = name
        try:
            for done in as_completed(running):
                error = done.exception()
                reason = None if error is None else f"{type(error).__name__}: {error}"
                yield done.result() if reason is None else Outcome(running[done], skipped=reason)
        finally:
            for future in running:
                future.cancel()


def _claim(out: Path, source: EncoderSource) -> None:
    encoder = {"sha256": source.sha256, "standardised": source.standardised}
    path = out / "data.json"
    if path.exists():
        there = json.loads(path.read_text())
        if there["format"] != FORMAT or not encoder.items() <= there["encoder"].items():
            raise RenderError(
                f"{out} holds latents of another encoder",
                value=str(out),
                hint="choose another --out",
            )
    facts = {"format": FORMAT, "encoder": encoder | {"path": str(source.path)}}
    (out / "clips").mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(facts, indent=2) + "\n")


def _known(target: Path, stamp: dict[str, Any]) -> float | None:
    """Length in seconds of what an earlier run made of the same file."""
    if not target.exists():
        return None
    try:
        with safe_open(target, "pt") as file:
            if json.loads(file.metadata()["facts"]) != stamp:
                return None
            frames = file.get_slice("latents").get_shape()[0]
    except (SafetensorError, KeyError, ValueError):
        return None
    return float(frames * HOP / RATE)


def _encode_file(
    path: Path, target: Path, stamp: dict[str, Any], source: EncoderSource
) -> Outcome:
    torch.set_num_threads(1)
    try:
        samples = read_recording(path)
    except RenderError as error:
        return Outcome(str(stamp["source"]), skipped=str(error))
    frames = samples.shape[1] // HOP
    if frames < SHORTEST_FRAMES:
        need = SHORTEST_FRAMES * HOP / RATE
        return Outcome(str(stamp["source"]), skipped=f"it is shorter than {need:.0f} s")
    labels = labels_heard(samples, source.tempo_range)
    tensors = {name: torch.from_numpy(value) for name, value in vars(labels).items()}
    latents = encode(samples, opened(source))
    tensors["latents"] = torch.from_numpy(latents).half()
    partial = target.with_suffix(".partial")
    save_file(tensors, partial, metadata={"facts": json.dumps(stamp)})
    partial.replace(target)
    return Outcome(str(stamp["source"]), frames * HOP / RATE)


def encode(samples: Samples, encoder: tuple[Encode, int, int]) -> np.ndarray:
    """Latents (T, 64) of (2, n) samples, in chunks; silence lies before and after.

    `encoder` is the net with the frames it needs to the left and to the right.
    """
    net, left, right = encoder
    frames = samples.shape[1] // HOP
    before = left + EDGE_FRAMES
    padded = np.pad(
        samples[:, : frames * HOP], ((0, 0), (before * HOP, (right + EDGE_FRAMES) * HOP))
    )
    parts = []
    for first in range(0, frames, CHUNK_FRAMES):
        count = min(CHUNK_FRAMES, frames - first)
        stop = first + before + count + right + EDGE_FRAMES
        features = encoder_features(torch.from_numpy(padded[None, :, first * HOP : stop * HOP]))
        parts.append(net(features[:, EDGE_FRAMES:-EDGE_FRAMES]))
    return np.concatenate(parts)


@cache
def opened(source: EncoderSource) -> tuple[Encode, int, int]:
    """What makes latents (T, 64) of features (1, n, inputs), and how many frames it uses up to the
    left and to the right.

    Raises
    ------
    BundleError when it is not an encoder of ours.
    """
    if not source.standardised:
        net = frozen_autoencoder(source.path).encoder
        return lambda x: net(x)[0].numpy(), net.left, net.right
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    graph = load_bundle(source.path).graph("encoder.onnx")
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def run(features: torch.Tensor) -> np.ndarray:
        latents: np.ndarray = session.run(None, {"features": features.numpy()})[0][0]
        return latents

    from rtgen.nets.autoencoder import ENCODER_INPUTS

    around = 64 - len(run(torch.zeros(1, 64, ENCODER_INPUTS)))
    if around < 1:
        raise BundleError("the encoder of this bundle is not ours", value=str(source.path))
    return run, around - 1, 1
