"""Held chords through the autoencoder: does pitch survive?

Log-spectral error below 2 kHz at an 8192-point window, against the error of always saying the
mean spectrum of the set. Timbres, keys and chords are drawn from seeds that training never draws.
Run: python benchmarks/pitch.py --model techno   (needs the extra `train`)
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import onnxruntime
import torch

from rtgen.audio.synthesis import DecodedFrames, synthesise
from rtgen.bundle.load import load_bundle
from rtgen.corpus.harmony import draw_progression
from rtgen.corpus.stream import TEST_SEEDS
from rtgen.corpus.tones import draw_timbres
from rtgen.train.analysis import encoder_features

FRAMES = 96
WINDOW = 8192
TOP_HZ = 2000.0
FLOOR_DB = -80.0


def held_chord(seed: int) -> np.ndarray:
    """A stereo chord (2, FRAMES * 2048) of one timbre, held throughout, peak 0.5."""
    rng = np.random.default_rng((seed, 99))
    timbre = draw_timbres(rng)["pad"]
    chord = draw_progression(rng).chord(0)
    samples = FRAMES * 2048
    out = np.zeros((2, samples), np.float32)
    for pitch_class in chord:
        note = timbre.note(48 + (pitch_class + 3) % 12, FRAMES * 2048 / 44100, 0.8)
        out += note[:, :samples]
    return out * np.float32(0.5 / np.abs(out).max())


def spectrum_db(mono: np.ndarray) -> np.ndarray:
    """Mean log spectrum in dB of the middle of a clip, below 2 kHz."""
    window = np.hanning(WINDOW)
    middle = mono[len(mono) // 4 : -len(mono) // 4]
    starts = range(0, len(middle) - WINDOW, WINDOW // 2)
    frames = np.stack([middle[s : s + WINDOW] * window for s in starts])
    magnitude = np.abs(np.fft.rfft(frames)) * 2 / window.sum()
    keep = np.fft.rfftfreq(WINDOW, 1 / 44100) < TOP_HZ
    return np.maximum(20 * np.log10(magnitude[:, keep] + 1e-12), FLOOR_DB)


def through(bundle, stereo: np.ndarray) -> np.ndarray:
    """The clip encoded, decoded and synthesised; (samples, 2), cut to what margins allow."""
    encoder = onnxruntime.InferenceSession(bundle.graph("encoder.onnx"))
    decoder = onnxruntime.InferenceSession(bundle.graph("decoder.onnx"))
    features = encoder_features(torch.from_numpy(stereo)[None]).numpy()
    latents = encoder.run(None, {"features": features})[0]
    said = decoder.run(None, {"latents": latents})
    frames = DecodedFrames(*(x[0] for x in said))
    return synthesise(frames, 1, 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="techno")
    parser.add_argument("--chords", type=int, default=24)
    parser.add_argument("--out", type=Path, default=None)
    args = parser.parse_args()
    bundle = load_bundle(args.model)
    wanted, got = [], []
    for k in range(args.chords):
        stereo = held_chord(TEST_SEEDS.start + k)
        made = through(bundle, stereo)
        cut = (stereo.shape[1] - len(made)) // 2
        wanted.append(spectrum_db(stereo.mean(0)[cut : cut + len(made)]))
        got.append(spectrum_db(made.mean(1)))
    mean = np.mean([w.mean(0) for w in wanted], axis=0)
    error = float(np.mean([np.abs(a - b).mean() for a, b in zip(wanted, got, strict=True)]))
    baseline = float(np.mean([np.abs(a - mean).mean() for a in wanted]))
    report = {"error_db": error, "mean_spectrum_db": baseline, "ratio": error / baseline}
    print(json.dumps(report, indent=2))
    if args.out:
        args.out.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
