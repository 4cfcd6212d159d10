"""Musika's published architecture in its own framework beside our models, in turn, in one run.

Random weights of the published sizes, in two ways. As its own command runs them: nets called layer
by layer, in its batches, for the length it makes by default (musika_generate.py and utils.py of
https://github.com/marcoppasini/musika). And compiled to one graph, which its command does not do.
Run where tests/musika/requirements-keras.txt is installed:
  python benchmarks/musika_original.py --rtgen .venv/bin/rtgen --out benchmarks/results/peer.json
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from tests.musika import keras_nets as nets

RATE, CORES = 44100, 2
ORIGINAL, COMPILED = "musika, tensorflow", "musika, tensorflow, compiled"
BASE, HOP, INNER, BINS = 128, 256, 64, 513
"""Sizes of the published 44.1 kHz checkpoints."""
HALF, LATENTS = 128, 64
"""Latents that the generator makes at once, and the channels of each side."""
LATENTS_A_PIECE, STEPS_A_PIECE = 4, 64
"""What the decoder takes at once, and the spectra that it makes of that."""
SAMPLES = HALF // LATENTS_A_PIECE * STEPS_A_PIECE * HOP
TURN_SECONDS = 60.0
PUBLISHED_SECONDS, PUBLISHED_BATCH = 120, 64
"""What Musika makes if nothing is said, and how many pairs it takes at once: halves of a window of
latents, quarters of a window of spectra, halves of that."""
MEAN_DB, SPREAD_DB, POWER_FLOOR = -25.0, 75.0, 1e-7
Tensor = Any


def published_nets() -> tuple[Any, Any, Any]:
    """Generator, outer and inner decoder, of the published sizes."""
    made = (
        nets.generator_44k(False, BASE),
        nets.outer_44k(HOP, INNER),
        nets.inner_44k(HOP, INNER, BINS),
    )
    for seed, net in enumerate(made):
        nets.randomise(net, seed)
    return made


def compiled(generator: Any, outer: Any, inner: Any) -> Callable[[], Tensor]:
    """Makes stereo samples (2, SAMPLES or more): coordinates to latents to spectra to sound."""
    chance = np.random.default_rng(3)

    @tf.function
    def sound(coordinates: Tensor) -> Tensor:
        made = generator(coordinates, training=False)[:, 0]
        sides = tf.concat(tf.split(made, 2, -1), 0)  # (2, 128, 64): left and right
        pieces = tf.reshape(sides, [-1, 1, LATENTS_A_PIECE, LATENTS])
        magnitude, phase = inner(outer(pieces, training=False), training=False)
        spectra = tf.complex(magnitude * tf.cos(np.pi * phase), magnitude * tf.sin(np.pi * phase))
        return tf.signal.inverse_stft(tf.reshape(spectra, [2, -1, BINS]), 2 * (BINS - 1), HOP)

    def make() -> Tensor:
        coordinates = chance.standard_normal((1, HALF, 2 * LATENTS)).astype(np.float32)
        samples = sound(tf.constant(coordinates)).numpy()
        assert samples.shape[0] == 2
        assert samples.shape[1] >= SAMPLES
        return samples

    return make


def as_published(generator: Any, outer: Any, inner: Any) -> Callable[[], Tensor]:
    """Makes stereo samples (2, ..) of PUBLISHED_SECONDS and what is left of the last window."""
    halves = 2 * (int(PUBLISHED_SECONDS * RATE / (2 * SAMPLES)) + 1)
    chance = np.random.default_rng(4)

    def in_turn(net: Any, inputs: Tensor) -> list[Tensor]:
        pair = 2 * PUBLISHED_BATCH
        return [net(inputs[at : at + pair], training=False) for at in range(0, len(inputs), pair)]

    def sound(magnitude: Tensor, phase: Tensor) -> Tensor:
        power = tf.math.pow(10.0, 0.1 * (magnitude * SPREAD_DB + MEAN_DB))
        amplitude = tf.cast(tf.math.sqrt(power + POWER_FLOOR), tf.complex64)
        spectra = amplitude * tf.math.exp(1j * tf.cast(phase * np.pi, tf.complex64))
        window = tf.signal.inverse_stft_window_fn(HOP)
        return tf.signal.inverse_stft(
            tf.reshape(spectra, [-1, BINS]), 2 * (BINS - 1), HOP, window_fn=window
        )

    def make() -> Tensor:
        coordinates = chance.standard_normal((halves, HALF, 2 * LATENTS)).astype(np.float32)
        latents = tf.concat(in_turn(generator, coordinates), 0)
        sides = []
        for side in tf.split(latents, 2, -1):
            pieces = tf.reshape(side, [-1, 1, LATENTS_A_PIECE, LATENTS])
            codes = tf.concat(in_turn(outer, pieces), 0)
            made = in_turn(inner, codes)
            sides.append(sound(*(np.concatenate(part, 0) for part in zip(*made, strict=True))))
        return np.clip(np.stack(sides), -1.0, 1.0)

    return make


def original_factor(make: Callable[[], Tensor], seconds: float) -> float:
    """Real-time factor over at least so many seconds of music."""
    made, started = 0, time.perf_counter()
    while made < seconds * RATE:
        made += make().shape[1] // SAMPLES * SAMPLES
    return made / RATE / (time.perf_counter() - started)


def our_factors(rtgen: str, model: str, seconds: float) -> dict[str, float]:
    """Real-time factors of `rtgen bench speed` by precision."""
    command = [rtgen, "bench", "speed", "--model", model, "--json", "--runs", "1"]
    command += ["--workers", str(CORES), "--seconds", str(seconds)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {p: found["median"] for p, found in json.loads(said)["real_time_factor"].items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rtgen", default="rtgen", help="The command, as installed elsewhere")
    parser.add_argument("--model", default="techno")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=600.0, help="Of our music in a round")
    parser.add_argument("--out", type=Path, default=None)
    args = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(CORES)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    published = published_nets()
    ways = {ORIGINAL: as_published(*published), COMPILED: compiled(*published)}
    for make in ways.values():
        make()
    found: dict[str, list[float]] = {}
    for _ in range(args.rounds):
        turn = {name: original_factor(make, TURN_SECONDS) for name, make in ways.items()}
        for precision, factor in our_factors(args.rtgen, args.model, args.seconds).items():
            turn[f"{args.model}, {precision}"] = factor
        for name, factor in turn.items():
            found.setdefault(name, []).append(factor)
    medians = {name: statistics.median(factors) for name, factors in found.items()}
    ours = {name: factor for name, factor in medians.items() if name.startswith(args.model)}
    report = {
        "real_time_factor": found,
        "median": medians,
        "times_the_original": {name: f / medians[ORIGINAL] for name, f in ours.items()},
        "times_the_original_compiled": {name: f / medians[COMPILED] for name, f in ours.items()},
        "cores": CORES,
        "tensorflow": tf.__version__,
        "load_average": os.getloadavg()[0],
    }
    print(json.dumps(report, indent=2))
    if args.out:
        args.out.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
