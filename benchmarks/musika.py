"""A full-size Musika model of random numbers in the engine: its speed beside ours, and live.

Writes weights of the published sizes, imports them with `rtgen import musika`, measures both models
in turn, then plays the stand-in and counts underruns.
Run: python benchmarks/musika.py --seconds 120   (needs the extra `musika`)
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.fakes import musika_checkpoint as fake

RTGEN = [sys.executable, "-m", "rtgen.cli.main"]
PUBLISHED_BASE, PUBLISHED_HOP, PUBLISHED_INNER = 128, 256, 64
ROUNDS = 3


def write_full_size(folder: Path, small: bool) -> Path:
    """A checkpoint of the 44.1 kHz code with as many numbers as the published ones."""
    fake.generator_44k(small, base=PUBLISHED_BASE).save(folder / "gen_ema.h5")
    fake.inner_44k(inner=PUBLISHED_INNER, hop=PUBLISHED_HOP).save(folder / "ae/dec.h5")
    fake.outer_44k(hop=PUBLISHED_HOP, inner=PUBLISHED_INNER).save(folder / "ae/dec2.h5")
    return folder


def speed(model: str, workers: int, seconds: float) -> dict[str, float]:
    """Real-time factors of one run of `rtgen bench speed`, by precision."""
    command = [*RTGEN, "bench", "speed", "--model", model, "--json", "--runs", "1"]
    command += ["--workers", str(workers), "--seconds", str(seconds)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {p: v["median"] for p, v in json.loads(said)["real_time_factor"].items()}


def live(model: str, seconds: float) -> dict[str, float]:
    """Seconds that `rtgen play` played, and underruns."""
    command = [*RTGEN, "play", "--model", model, "--null", "--no-midi", "--seconds", str(seconds)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    found = re.search(r"played ([\d.]+) s .* (\d+) underruns", said)
    assert found, said
    return {"seconds": float(found[1]), "underruns": int(found[2])}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="The variant with shorter windows")
    parser.add_argument("--beside", default="techno", help="Our model")
    parser.add_argument("--seconds", type=float, default=120.0, help="To play")
    parser.add_argument("--out", type=Path, default=None)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        weights = write_full_size(Path(folder) / "weights", args.small)
        bundle = str(Path(folder) / "stand-in")
        command = [*RTGEN, "import", "musika", str(weights), "-o", bundle]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        factors: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            for model, name in ((bundle, "musika"), (args.beside, args.beside)):
                for workers in (1, 2):
                    for precision, factor in speed(model, workers, 24.0).items():
                        factors.setdefault(f"{name}, {precision}, {workers} cores", []).append(
                            factor
                        )
        report = {
            "real_time_factor": {key: sorted(found)[ROUNDS // 2] for key, found in factors.items()},
            "live": live(bundle, args.seconds),
            "load_average": os.getloadavg()[1],
        }
    print(json.dumps(report, indent=2))
    if args.out:
        args.out.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
