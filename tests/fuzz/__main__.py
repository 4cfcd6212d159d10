"""The command line of the fuzzers; see the package."""

from __future__ import annotations

import argparse
import json
import tempfile
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.campaign import Outcome, fuzz, fuzz_all, minimise
from tests.fuzz.targets import TARGETS

MOST_CORPUS_BYTES = 24_000
"""Of what is kept for one target."""


def main() -> None:
    """Run targets, print what each came to, and fail if one broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=20, help="of each target")
    parser.add_argument("--jobs", type=int, default=2, help="targets at once")
    parser.add_argument("--json", type=Path, help="where to write what they came to")
    parser.add_argument("--keep", action="store_true", help="of inputs, the fewest that reach most")
    given = parser.parse_args()
    unknown = sorted(set(given.targets) - set(TARGETS))
    if unknown:
        parser.error(f"no target {unknown[0]}; there are {', '.join(TARGETS)}")
    targets = [TARGETS[name] for name in given.targets or TARGETS]
    if find_spec("atheris") is None:
        left_out = [target.name for target in targets if target.code == "python"]
        print(f"no atheris here: {', '.join(left_out)} left out", flush=True)
        targets = [target for target in targets if target.code == "c++"]
    if given.keep:
        outcomes = []
        for target in targets:
            with tempfile.TemporaryDirectory(prefix="rtgen-grown-") as grown:
                outcomes.append(fuzz(target, given.seconds, Path(grown)))
                print(outcomes[-1].line(), flush=True)
                minimise(target, Path(grown), MOST_CORPUS_BYTES)
    else:
        outcomes = fuzz_all(targets, given.seconds, given.jobs)
    if given.json is not None:
        write(given.json, outcomes)
    broken = [outcome.target for outcome in outcomes if outcome.crash]
    if broken:
        raise SystemExit(f"broken: {', '.join(broken)}")


def write(path: Path, outcomes: list[Outcome]) -> None:
    """Put outcomes in a file, in place of those of the same targets."""
    before = json.loads(path.read_text())["targets"] if path.exists() else []
    rows = {row["target"]: row for row in before}
    rows |= {outcome.target: outcome.row() for outcome in outcomes}
    ordered = [rows[name] for name in TARGETS if name in rows]
    path.write_text(json.dumps({"targets": ordered}, indent=1) + "\n")


if __name__ == "__main__":
    main()
