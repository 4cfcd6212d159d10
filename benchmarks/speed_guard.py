"""Fails when compiled reader or synthesis got a fifth slower than it was, as counted, not as timed.

Callgrind counts the instructions of each kind of work and of a plain copy of as many frames as the
reader reads, in one run; their ratios are held against benchmarks/results/speed_guard.json.
Run: make speed-guard   (--write sets what is held against, after a change that is worth it)
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build/plain/plugin_bridge/tests/reader_cost"
BASELINE = ROOT / "benchmarks/results/speed_guard.json"
COPY = "copy"
WORST = 1.2
Ratios = dict[str, float]


def counts(dumps: list[str]) -> dict[str, int]:
    """Instructions by kind of work, from callgrind's dumps."""
    out = {}
    for dump in dumps:
        kind = re.search(r"^desc: Trigger: Client Request: (\w+)$", dump, re.MULTILINE)
        total = re.search(r"^totals: (\d+)", dump, re.MULTILINE)
        if kind and total:
            out[kind[1]] = int(total[1])
    return out


def ratios(counted: dict[str, int]) -> Ratios:
    """Each kind of work as a multiple of the copy."""
    return {kind: n / counted[COPY] for kind, n in counted.items() if kind != COPY}


def complaints(found: Ratios, held: Ratios) -> list[str]:
    """A sentence for each kind of work that got a fifth worse, or is not counted on both sides."""
    out = [f"{kind} is counted on one side only" for kind in sorted(found.keys() ^ held.keys())]
    for kind in sorted(found.keys() & held.keys()):
        if found[kind] > WORST * held[kind]:
            out.append(f"{kind} costs {found[kind]:.2f} copies, and did {held[kind]:.2f}")
    return out


def measured(program: Path) -> Ratios:
    """Ratios of a built reader_cost."""
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "dump"
        command = ["valgrind", "--quiet", "--tool=callgrind", "--collect-atstart=no"]
        command += [f"--callgrind-out-file={dump}", str(program)]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        return ratios(counts([path.read_text() for path in sorted(Path(folder).iterdir())]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=Path, default=PROGRAM, help="A built reader_cost")
    parser.add_argument("--write", action="store_true", help="Hold what is measured now")
    args = parser.parse_args()
    found = measured(args.program)
    print(", ".join(f"{kind} {ratio:.2f}" for kind, ratio in sorted(found.items())), "copies")
    if args.write:
        BASELINE.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n")
        return 0
    wrong = complaints(found, json.loads(BASELINE.read_text()))
    for line in wrong:
        print(f"error: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
