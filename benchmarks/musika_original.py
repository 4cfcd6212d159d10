"""Musika's published architecture in its own framework beside our models, in turn, in one run.

Random weights of the published sizes, compiled as graphs, every sample made once in batches as
large as its generator gives: what Musika's own loops cost besides is left out, in its favour.
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
BASE, HOP, INNER, BINS = 128, 256, 64, 513
"""Sizes of the published 44.1 kHz checkpoints."""
HALF, LATENTS = 128, 64
"""Latents that the generator makes at once, and the channels of each side."""
LATENTS_A_PIECE, STEPS_A_PIECE = 4, 64
"""What the decoder takes at once, and the spectra that it makes of that."""
SAMPLES = HALF // LATENTS_A_PIECE * STEPS_A_PIECE * HOP
TURN_SECONDS = 60.0
Tensor = Any


def original() -> Callable[[], Tensor]:
    """Makes SAMPLES stereo samples: coordinates to latents to spectra to sound."""
    generator = nets.generator_44k(False, BASE)
    outer, inner = nets.outer_44k(HOP, INNER), nets.inner_44k(HOP, INNER, BINS)
    for seed, net in enumerate((generator, outer, inner)):
        nets.randomise(net, seed)
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


def original_factor(make: Callable[[], Tensor], seconds: float) -> float:
    """Real-time factor over at least so many seconds of music."""
    calls = max(round(seconds * RATE / SAMPLES), 1)
    started = time.perf_counter()
    for _ in range(calls):
        make()
    return calls * SAMPLES / RATE / (time.perf_counter() - started)


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
    make = original()
    make()
    found: dict[str, list[float]] = {}
    for _ in range(args.rounds):
        turn = {"musika, tensorflow": original_factor(make, TURN_SECONDS)}
        for precision, factor in our_factors(args.rtgen, args.model, args.seconds).items():
            turn[f"{args.model}, {precision}"] = factor
        for name, factor in turn.items():
            found.setdefault(name, []).append(factor)
    medians = {name: statistics.median(factors) for name, factors in found.items()}
    peer = medians["musika, tensorflow"]
    report = {
        "real_time_factor": found,
        "median": medians,
        "times_the_original": {n: f / peer for n, f in medians.items() if n.startswith(args.model)},
        "cores": CORES,
        "tensorflow": tf.__version__,
        "load_average": os.getloadavg()[0],
    }
    print(json.dumps(report, indent=2))
    if args.out:
        args.out.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
